#!/usr/bin/env python3
"""Loads every event of a MISP feed folder with PyMISP and holds its index against it.

Usage: load_feed.py FOLDER

Prints the number of events; exits with 1 and names each problem if there is any."""

import csv
import hashlib
import json
import sys
from pathlib import Path

from pymisp import MISPEvent


def hashes(event):
    for attribute in event.attributes:
        parts = attribute.value.split("|") if "|" in attribute.type else [attribute.value]
        for part in parts:
            yield hashlib.md5(part.encode()).hexdigest()


def check(path, entry, indexed):
    """Problems of one event file, given its manifest entry and its hashes in the index."""
    event = MISPEvent()
    event.load_file(path)
    if event.uuid != path.stem:
        yield f"holds event {event.uuid}"
    if not event.to_feed():
        yield "is not an event for a feed"
    if int(entry["timestamp"]) != int(event.timestamp.timestamp()):
        yield "has another timestamp than its manifest entry"
    for key in ("info", "date", "analysis", "threat_level_id"):
        if str(entry[key]) != str(getattr(event, key)):
            yield f"{key} differs from its manifest entry"
    if entry["Orgc"]["uuid"] != event.Orgc.uuid:
        yield "Orgc differs from its manifest entry"
    if {tag["name"] for tag in entry["Tag"]} != {tag.name for tag in event.tags}:
        yield "tags differ from its manifest entry"
    if indexed != set(hashes(event)):
        yield "values differ from hashes.csv"
    high = [char for char in path.read_text(encoding="utf-8") if ord(char) > 0xFFFF]
    if high:
        yield f"holds characters a default MISP cannot store: {high[:3]}"


def main(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = {path.stem: path for path in folder.glob("*.json") if path.name != "manifest.json"}
    problems = [f"{uuid}: in the manifest, no file" for uuid in manifest.keys() - files.keys()]
    problems += [f"{uuid}: a file, not in the manifest" for uuid in files.keys() - manifest.keys()]
    indexed = {}
    with open(folder / "hashes.csv", encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if len(row) != 2 or row[1] not in manifest:
                problems.append(f"hashes.csv: {row}")
                continue
            if row[0] in indexed.setdefault(row[1], set()):
                problems.append(f"hashes.csv: twice {row}")
            indexed[row[1]].add(row[0])
    for uuid in sorted(manifest.keys() & files.keys()):
        try:
            found = check(files[uuid], manifest[uuid], indexed.get(uuid, set()))
            problems += [f"{uuid}: {problem}" for problem in found]
        except Exception as error:  # whatever PyMISP thinks of it is a problem of ours
            problems.append(f"{uuid}: {type(error).__name__}: {error}")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(files)} events")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
