#!/usr/bin/env python3
"""Holds `gleaner feed` against Python's feedparser: of the entries (link and title) that feedparser
reads from a feed, Gleaner must read all.

    pip install feedparser
    scripts/feedparser-yardstick.py [--gleaner PATH] [--quiet] FOLDER...

Prints one line per feed and ends with 1 when an entry is missing. Entries whose link does not lead to a
web page do not count: nothing could be fetched there.
"""

import argparse
import html
import json
import os
import re
import subprocess
import sys
import unicodedata

import feedparser

TAG = re.compile(r"<[^>]*>")


def plain(title):
    """A title without markup, references and differences of white space."""
    title = html.unescape(TAG.sub("", html.unescape(title or "")))
    title = "".join(c if not unicodedata.category(c).startswith("C") else " " for c in title)
    return " ".join(title.split())


def ascii_only(text):
    return "".join(c for c in text if c.isascii() and c.isalnum())


def bare(link):
    """A link without the differences that canonical form makes, which tests of its own hold."""
    link = html.unescape(link.strip()).split("#")[0].rstrip("/")
    return re.sub(r"\s+", "", re.sub(r"(?i)^https?://(www\.)?", "", link)).lower()


def links(entry):
    """The links that stand for an entry: its own, what FeedBurner replaced, and its alternates."""
    found = [entry.get("link"), entry.get("feedburner_origlink")]
    found += [link.get("href") for link in entry.get("links", []) if link.get("rel") == "alternate"]
    return {bare(link) for link in found if link and link.lower().startswith(("http://", "https://"))}


def yardstick(path):
    with open(path, "rb") as file:
        data = file.read()
    try:
        feed = feedparser.parse(data)
    except Exception:  # it reads nothing, then
        return []
    out = []
    for entry in feed.entries:
        link = entry.get("link") or ""
        # Half the feed inside quotes is no link.
        if link.lower().startswith(("http://", "https://")) and not re.search(r"[<>\n]", link):
            out.append((links(entry), plain(entry.get("title"))))
    return out


def gleaner(command, path):
    done = subprocess.run([*command, "feed", "--json", path], capture_output=True, check=False)
    if done.returncode:
        return None, done.stderr.decode(errors="replace").strip()
    feed = json.loads(done.stdout)
    entries = [
        ({bare(entry["link"]), bare(entry["link_as_given"])}, plain(entry["title"]))
        for entry in feed["entries"]
    ]
    return entries, "; ".join(feed["damage"])


def missing(theirs, ours):
    """What feedparser reads and Gleaner does not. Titles may differ in characters an encoding lost."""
    out = []
    for link, title in theirs:
        found = [entry for entry in ours if entry[0] & link]
        if not any(title == have or ascii_only(title) == ascii_only(have) for _, have in found):
            out.append((sorted(link), title, [have for _, have in found]))
    return out


def feeds(folders):
    for folder in folders:
        if os.path.isfile(folder):
            yield folder
        for root, _, names in sorted(os.walk(folder)):
            yield from (os.path.join(root, name) for name in sorted(names))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--gleaner", default="target/debug/gleaner")
    parser.add_argument("--quiet", action="store_true", help="show only feeds with missing entries")
    parser.add_argument("folders", nargs="+")
    arguments = parser.parse_args()
    total = {"feeds": 0, "feedparser": 0, "gleaner": 0, "missing": 0}
    for path in feeds(arguments.folders):
        theirs = yardstick(path)
        ours, note = gleaner([arguments.gleaner], path)
        lost = missing(theirs, ours or [])
        total["feeds"] += 1
        total["feedparser"] += len(theirs)
        total["gleaner"] += len(ours or [])
        total["missing"] += len(lost)
        if lost or not arguments.quiet:
            count = "-" if ours is None else len(ours)
            verdict = "MISSING" if lost else "ok"
            print(f"{verdict:8} feedparser {len(theirs):4}  gleaner {count:>4}  {path}  {note}")
        for link, title, found in lost:
            print(f"         {link} `{title}`; there we read {found}")
    print("{feeds} feeds: feedparser reads {feedparser} entries, Gleaner {gleaner}; {missing} missing".format(**total))
    return 1 if total["missing"] else 0


if __name__ == "__main__":
    sys.exit(main())
