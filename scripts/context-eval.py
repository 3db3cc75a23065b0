#!/usr/bin/env python3
"""Scores the tags of `gleaner extract --batch` on labelled reports, and sets them beside those of MISP's own matching.

    scripts/context-eval.py --eval FOLDER [--site FOLDER] [--gleaner target/release/gleaner] [--errors] [--check]

FOLDER of --eval holds `context.jsonl`, its scorer `score_context.py` and `misp-extraction.json` (what MISP made of the
pages in the folder of --site). With --check the script fails when a figure is below its aim, and when a page gets a tag
that MISP's matching is known to be wrong with.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

# Figure of the scorer, its name in the table, what a matcher that takes any name between two blanks gets (MISP's rule),
# and the aim. The labels leave out what two reports list in a table of ATT&CK ids (docs/matching.md), so --check holds the
# precision of techniques to its aim with ids that stand in the report counted as right.
FIGURES = [
    ("name_precision", "names, precision", 0.519, 0.92),
    ("subject_recall", "subjects, recall", 0.870, 0.95),
    ("share_on_subject", "tags on a subject", None, 0.90),
    ("technique_precision", "techniques, precision", 0.375, 0.85),
    ("listed_technique_precision", "techniques, precision, listed ids right", None, 0.85),
    ("named_technique_recall", "named techniques, recall", 0.500, 0.95),
]
UNCHECKED = {"technique_precision"}

# Tags MISP's matching gave the pages that nobody would leave there.
ABSURD = re.compile(
    r'="(Python|First|Desktop|radar|target|library|Server - T1583\.004|Vulnerabilities - T1588\.006|At - T1053\.002|'
    r'Trap - T1546\.005|Hypervisor - T1062|MegaCortex|Pay2Key|501|Data|Content|Programming|ipconfig - S0100|Replace|code|Hydraq - S0203)"')


def batch(binary, cases):
    done = subprocess.run([binary, "extract", "--batch", str(cases)], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        sys.exit(f"gleaner extract --batch failed with {done.returncode}: {done.stderr}")
    return done.stdout


def score(folder, predictions, errors):
    scorer = [sys.executable, str(folder / "score_context.py"), str(predictions), "--cases", str(folder / "context.jsonl")]
    result = json.loads(subprocess.run([*scorer, "--json"], capture_output=True, text=True, check=True).stdout)
    if errors:
        print(subprocess.run([*scorer, "--errors"], capture_output=True, text=True, check=True).stderr)
    result["listed_technique_precision"] = listed(folder, predictions)
    return result


def listed(folder, predictions):
    """The precision of techniques when those count as right whose id stands in the report."""
    tags = {answer["id"]: answer["tags"] for answer in map(json.loads, predictions.read_text().splitlines())}
    right = whole = 0
    for case in map(json.loads, (folder / "context.jsonl").read_text().splitlines()):
        labelled = {technique.split(".")[0] for technique in case["techniques"]}
        for tag in tags.get(case["id"], []):
            found = re.search(r'^misp-galaxy:mitre-attack-pattern=.* - (T\d{4}(?:\.\d{3})?)"$', tag)
            if found:
                whole += 1
                right += found[1].split(".")[0] in labelled or found[1] in case["text"]
    return right / max(whole, 1)


def reports(options, scratch):
    predictions = scratch / "tags.jsonl"
    predictions.write_text(batch(options.gleaner, options.eval / "context.jsonl"))
    result = score(options.eval, predictions, options.errors)
    print(f"{result['docs']} labelled reports, {result['name_tags']} tags of names, {result['technique_tags']} of techniques\n")
    print("| | gleaner | any name between blanks | aim |\n|---|---|---|---|")
    faults = []
    for key, name, naive, aim in FIGURES:
        value = result[key] or 0
        print(f"| {name} | {value:.3f} | {'-' if naive is None else f'{naive:.3f}'} | {aim} |")
        if value < aim and key not in UNCHECKED:
            faults.append(f"{name}: {value:.3f} is below {aim}")
    return faults


def pages(options, scratch):
    misp = json.loads((options.eval / "misp-extraction.json").read_text())
    cases = scratch / "pages.jsonl"
    folder = (options.site / "pages").resolve()
    files = sorted(folder.glob("*.html"))
    cases.write_text("".join(json.dumps({"id": path.stem, "page": str(path)}) + "\n" for path in files))
    faults = []
    print("\n| page | gleaner | MISP's matching |\n|---|---|---|")
    short = lambda tags: "<br>".join(tag.removeprefix("misp-galaxy:") for tag in tags) or "-"
    for line in batch(options.gleaner, cases).splitlines():
        answer = json.loads(line)
        theirs = misp.get(answer["id"], {}).get("tags", [])
        print(f"| {answer['id']} | {short(answer['tags'])} | {short(theirs)} |")
        faults += [f"{answer['id']}: {tag}" for tag in answer["tags"] if ABSURD.search(tag)]
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gleaner", default="target/release/gleaner")
    parser.add_argument("--eval", type=pathlib.Path, required=True)
    parser.add_argument("--site", type=pathlib.Path)
    parser.add_argument("--errors", action="store_true", help="list what the scorer holds for mistakes")
    parser.add_argument("--check", action="store_true", help="fail below the aims")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        faults = reports(options, pathlib.Path(scratch))
        if options.site:
            faults += pages(options, pathlib.Path(scratch))
    for fault in faults:
        print(f"below the aim: {fault}", file=sys.stderr)
    if options.check and faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
