#!/usr/bin/env python3
"""Scores `gleaner extract --batch` on labelled text, and prints the table that stands in the README.

    scripts/indicators-eval.py --eval FOLDER [--gleaner target/release/gleaner] [--errors] [--check]

FOLDER holds `short.jsonl`, `long.jsonl` and their scorer `score.py`. With --check the script fails when a figure is
below its aim. The speed is that of the whole command on one core, start included, on ten megabytes of the texts.
"""

import argparse
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

# Name, cases, arguments of `extract`, arguments of the scorer, aims: (figure, least).
RUNS = [
    ("short texts, scan", "short", ["--scan"], [], [("exact", 0.96), ("core f1", 0.97), ("forbidden", -2)]),
    ("short texts, judged", "short", [], [], [("exact", 0.96), ("core f1", 0.97), ("forbidden", -2)]),
    ("long reports, scan, lenient", "long", ["--scan"], ["--lenient"],
     [("core f1", 0.993), ("macro f1", 0.975), ("forbidden", 0)]),
    ("long reports, judged, strict", "long", [], [], [("core f1", 0.975), ("core recall", 0.985), ("forbidden", 0)]),
    ("HTML pages, judged, strict", "pages", [], [], [("core f1", 0.97), ("forbidden", 0)]),
]


def batch(binary, cases, arguments):
    done = subprocess.run([binary, "extract", "--batch", str(cases), *arguments],
                          capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        sys.exit(f"gleaner extract --batch failed with {done.returncode}: {done.stderr}")
    return done.stdout


def pages(folder, scratch):
    """The cases with a page, read from the page, beside links to the pages."""
    chosen = []
    for line in (folder / "long.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case.get("page"):
            case["page"] = str((folder / case["page"]).resolve())
            case.pop("text", None)
            chosen.append(case)
    path = scratch / "pages.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in chosen))
    return path


def score(folder, predictions, cases, arguments, errors):
    scorer = [sys.executable, str(folder / "score.py"), str(predictions), "--cases", str(cases), *arguments]
    result = json.loads(subprocess.run([*scorer, "--json"], capture_output=True, text=True, check=True).stdout)
    if errors:
        print(subprocess.run([*scorer, "--errors"], capture_output=True, text=True, check=True).stdout)
    return {
        "exact": result["exact"] / max(result["cases"], 1),
        "core p": result["core"]["p"],
        "core recall": result["core"]["r"],
        "core f1": result["core"]["f1"],
        "macro f1": result["macro_f1"],
        # Negative, so that "at least" reads the same for every figure.
        "forbidden": -result["forbidden_hits"],
    }


def speed(binary, folder, scratch):
    texts = [json.loads(line)["text"] for line in (folder / "long.jsonl").read_text().splitlines()]
    size = sum(len(text.encode()) for text in texts)
    path = scratch / "speed.jsonl"
    rounds = 10_000_000 // size + 1
    with path.open("w") as out:
        for number in range(rounds):
            for text in texts:
                out.write(json.dumps({"id": str(number), "text": text}) + "\n")
    best = None
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        batch(binary, path, ["--scan"])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = min(best or spent, spent)
    return rounds * size / best / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--gleaner", default=str(root / "target/release/gleaner"))
    parser.add_argument("--eval", type=pathlib.Path, required=True, help="folder of the labelled text")
    parser.add_argument("--errors", action="store_true", help="list every mistake")
    parser.add_argument("--check", action="store_true", help="fail when a figure is below its aim")
    parser.add_argument("--no-speed", action="store_true")
    arguments = parser.parse_args()
    missed = []
    print("| set | exact | core P / R / F1 | macro F1 | forbidden |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for name, cases, extract, scoring, aims in RUNS:
            path = pages(arguments.eval, scratch) if cases == "pages" else arguments.eval / f"{cases}.jsonl"
            predictions = scratch / "predictions.jsonl"
            predictions.write_text(batch(arguments.gleaner, path, extract))
            got = score(arguments.eval, predictions, path, scoring, arguments.errors)
            print(f"| {name} | {got['exact']:.1%} | {got['core p']:.3f} / {got['core recall']:.3f} / "
                  f"{got['core f1']:.3f} | {got['macro f1']:.3f} | {-got['forbidden']} |")
            missed += [f"{name}: {figure} is {got[figure]:.3f}, aim {least}"
                       for figure, least in aims if got[figure] < least]
        if not arguments.no_speed:
            rate = speed(arguments.gleaner, arguments.eval, scratch)
            print(f"\n`extract --batch --scan`, reading and writing JSON included: {rate:.0f} MB/s of text on one core")
    if missed:
        print("\nbelow the aim:\n  " + "\n  ".join(missed))
        if arguments.check:
            sys.exit(1)


if __name__ == "__main__":
    main()
