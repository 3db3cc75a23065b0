#!/usr/bin/env python3
"""Loads every event of a MISP feed folder with PyMISP and holds its index against it.

Attributes are checked against PyMISP's describeTypes, objects against its templates, references in reports
against what the event has.

Usage: load_feed.py FOLDER

Prints the number of events; exits with 1 and names each problem if there is any."""

import csv
import hashlib
import json
import re
import sys
from pathlib import Path

from pymisp import AbstractMISP, MISPEvent

TAG = re.compile(r"@\[tag\]\(([^\n)]+)\)")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REFERENCE = re.compile(r"@\[(attribute|object)\]\(([0-9a-f-]{36})\)")


def every_attribute(event):
    yield from event.attributes
    for item in event.objects:
        yield from item.attributes


def hashes(event):
    for attribute in every_attribute(event):
        parts = attribute.value.split("|") if "|" in attribute.type else [attribute.value]
        for part in parts:
            yield hashlib.md5(part.encode()).hexdigest()


def check_attributes(event):
    """Problems of types, categories and duplicates."""
    described = event.describe_types["category_type_mappings"]
    seen = set()
    for attribute in every_attribute(event):
        name = f"{attribute.type} {attribute.value[:60]!r}"
        if attribute.type not in described.get(attribute.category, []):
            yield f"{name}: not in category {attribute.category}"
        if len(str(attribute.value).encode()) > 65535 or str(attribute.value) != str(attribute.value).strip():
            yield f"{name}: MISP would not keep it as it is"
    for attribute in event.attributes:
        key = (attribute.type, attribute.category, attribute.value)
        if key in seen:
            yield f"{key}: twice"
        seen.add(key)
    uuids = [item.uuid for item in [*every_attribute(event), *event.objects, *event.event_reports]]
    if len(uuids) != len(set(uuids)):
        yield "two parts share a UUID"


def check_objects(event):
    """Problems of objects, by the templates that PyMISP carries."""
    folder = AbstractMISP().misp_objects_path
    uuids = {item.uuid for item in [*every_attribute(event), *event.objects]}
    for item in event.objects:
        path = folder / item.name / "definition.json"
        if not path.is_file():
            yield f"object {item.name}: no such template"
            continue
        template = json.loads(path.read_text(encoding="utf-8"))
        if item.template_uuid != template["uuid"] or int(item.template_version) > template["version"]:
            yield f"object {item.name}: not of the template's UUID or version"
        if item["meta-category"] != template["meta-category"]:
            yield f"object {item.name}: meta-category {item['meta-category']}"
        fields = [attribute.object_relation for attribute in item.attributes]
        for attribute in item.attributes:
            field = template["attributes"].get(attribute.object_relation)
            if field is None or field["misp-attribute"] != attribute.type:
                yield f"object {item.name}: {attribute.object_relation} is no {attribute.type}"
            elif fields.count(attribute.object_relation) > 1 and not field.get("multiple"):
                yield f"object {item.name}: {attribute.object_relation} more than once"
        if not set(template.get("required", [])) <= set(fields):
            yield f"object {item.name}: lacks a required field"
        one_of = set(template.get("requiredOneOf", []))
        if one_of and not one_of & set(fields):
            yield f"object {item.name}: has none of the fields it needs one of"
        for reference in item.ObjectReference:
            if reference.referenced_uuid not in uuids or reference.object_uuid != item.uuid:
                yield f"object {item.name}: refers to what is not there"


def check_reports(event):
    """References in reports to what the event has not."""
    known = {
        "attribute": {attribute.uuid for attribute in every_attribute(event)},
        "object": {item.uuid for item in event.objects},
    }
    for report in event.event_reports:
        for kind, uuid in REFERENCE.findall(report.content):
            if uuid not in known[kind]:
                yield f"report {report.name!r}: no {kind} {uuid}"
        # What stands in code is quoted.
        for name in TAG.findall(re.sub(r"(`+).*?\1", "", report.content)):
            if name not in {tag.name for tag in event.tags}:
                yield f"report {report.name!r}: refers to tag {name}, which the event has not"


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
    written = json.loads(path.read_text(encoding="utf-8"))["Event"].get("extends_uuid", "")
    if event.to_dict().get("extends_uuid", "") != written or (written and not UUID.fullmatch(written)):
        yield f"extends {written!r}"
    yield from check_attributes(event)
    yield from check_objects(event)
    yield from check_reports(event)
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
