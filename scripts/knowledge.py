#!/usr/bin/env python3
"""Builds the knowledge pack that is compiled into Gleaner, and the note that says what it was made from.

    scripts/knowledge.py [--check] [--release] [--downloads FOLDER]

Takes the packages named below, of these versions and with these hashes and no others, from PyPI and from Debian (with
`pip` and `apt-get`, or from FOLDER if they lie there), takes names and ids out of them, and writes
`src/knowledge/pack/knowledge.bin` and `SOURCES.md` beside it. The same packages give the same bytes; with --check nothing
is written and the script fails when the bytes differ from those that are checked in.

To go to newer packages, change the versions and hashes here (`sha256sum` of the files) and run the script.
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACK = ROOT / "src" / "knowledge" / "pack"

GALAXIES = ("pymispgalaxies", "1.1.1", "pymispgalaxies-1.1.1-py3-none-any.whl",
            "261e5765ee0488ee27ffe09ec1c6685d013b15ea1f2b8bf584d2bcd13aea7b60")
WARNINGLISTS = ("pymispwarninglists", "1.7.0", "pymispwarninglists-1.7.0-py3-none-any.whl",
                "18b0922a6334e20850b7ab84a0d9e52746302abc36ec034ecc141fb2db67d4a7")
WORDS = ("wamerican", "2020.12.07-2", "wamerican_2020.12.07-2_all.deb",
         "c8f8e2b2ad0d37bfdd41f0e40f1e4c8e5f907467d768a1d3698b164e9617f0b4")

# The notice that SCOWL asks to be kept.
SCOWL = """\
Copyright 2000-2011 by Kevin Atkinson

Permission to use, copy, modify, distribute and sell these word lists, the associated scripts, the output created from
the scripts, and its documentation for any purpose is hereby granted without fee, provided that the above copyright
notice appears in all copies and that both that copyright notice and this permission notice appear in supporting
documentation. Kevin Atkinson makes no representations about the suitability of this array for any purpose. It is
provided "as is" without express or implied warranty."""


def fetch(package, folder):
    """The file of a package, downloaded if it is not there, its hash checked."""
    name, version, file, wanted = package
    path = folder / file
    if not path.exists():
        if file.endswith(".whl"):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder),
                       f"{name}=={version}"]
        else:
            command = ["apt-get", "download", "-qq", f"{name}={version}"]
        subprocess.run(command, check=True, cwd=folder)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wanted:
        sys.exit(f"{path}: SHA-256 is {found}, not {wanted}")
    return path


def gather(downloads, scratch):
    """Everything the packer reads, in one folder."""
    for package in (GALAXIES, WARNINGLISTS):
        with zipfile.ZipFile(fetch(package, downloads)) as wheel:
            members = [name for name in wheel.namelist()
                       if "/clusters/" in name or name.endswith("/list.json")]
            wheel.extractall(scratch / package[0], members)
    unpacked = scratch / WORDS[0]
    subprocess.run(["dpkg-deb", "-x", str(fetch(WORDS, downloads)), str(unpacked)], check=True)
    words = unpacked / "usr" / "share" / "dict" / "american-english"
    (scratch / "words.txt").write_bytes(words.read_bytes())
    origins = {part: {"from": f"{name} {version}"} for part, (name, version, _, _) in
               {"galaxies": GALAXIES, "warninglists": WARNINGLISTS, "words": WORDS}.items()}
    (scratch / "info.json").write_text(json.dumps(origins))


def pack(scratch, out, release):
    command = ["cargo", "run", "--quiet", "--locked", "--example", "knowledge-pack", *(["--release"] if release else []),
               "--", str(scratch), str(out)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def note(packed, digest):
    def row(package):
        name, version, _, sha256 = package
        return f"{name} {version} | `{sha256}`"

    sizes = packed["sections"]
    left_out = "".join(f"- {line}\n" for line in packed["left_out"]) or "- nothing\n"
    return f"""\
# What the knowledge pack was made from

`knowledge.bin` is written by `scripts/knowledge.py` and nobody else. Names and ids only: no descriptions, no references.

| part | package | SHA-256 of its file | licence | bytes | holds |
|---|---|---|---|---|---|
| galaxies | {row(GALAXIES)} | misp-galaxy: CC0 1.0 or BSD-2-Clause; the package: BSD-3-Clause | {sizes["galaxies"]:,} | \
{packed["clusters"]:,} clusters of {packed["galaxies"]} galaxies |
| warninglists | {row(WARNINGLISTS)} | misp-warninglists: CC0 1.0; the package: BSD-3-Clause | {sizes["warninglists"]:,} | \
{packed["entries"]:,} entries of {packed["warninglists"]} lists |
| words | {row(WORDS)} | SCOWL, see below | {sizes["words"]:,} | two sets of words |

The pack has {packed["size"]:,} bytes; its SHA-256 is `{digest}`.

Left out:

{left_out}
The words come from SCOWL (Spell Checker Oriented Word Lists), whose notice reads:

{SCOWL}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the pack would differ")
    parser.add_argument("--release", action="store_true", help="build the packer optimised")
    parser.add_argument("--downloads", type=pathlib.Path, help="keep the packages in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        downloads = (arguments.downloads or scratch / "downloads").resolve()
        downloads.mkdir(parents=True, exist_ok=True)
        sources = scratch / "sources"
        sources.mkdir()
        gather(downloads, sources)
        # The packer is built with the pack that is there; one must be.
        PACK.mkdir(parents=True, exist_ok=True)
        (PACK / "knowledge.bin").touch()
        out = scratch / "knowledge.bin"
        packed = pack(sources, out, arguments.release)
        bytes_ = out.read_bytes()
        text = note(packed, hashlib.sha256(bytes_).hexdigest())
        if arguments.check:
            same = (PACK / "knowledge.bin").read_bytes() == bytes_ and (PACK / "SOURCES.md").read_text() == text
            print("the same" if same else "different")
            return 0 if same else 1
        (PACK / "knowledge.bin").write_bytes(bytes_)
        (PACK / "SOURCES.md").write_text(text)
        print(json.dumps(packed, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
