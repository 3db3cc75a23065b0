#!/usr/bin/env python3
"""Runs `gleaner cron` and `gleaner subscribe --drain` over a folder of real pages and feeds.

The folder is served on loopback with {{base}} in its feeds replaced by the address. Both stores are tried (Redis
where REDIS_URL is set), each into a MISP feed folder of its own, which PyMISP then loads. A second run over the
same feeds must find nothing new.

    scripts/site-check.py --gleaner target/debug/gleaner --site FOLDER --expect 8
"""

import argparse
import functools
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import uuid

TYPES = {".xml": "application/xml", ".json": "application/json", ".html": "text/html"}


class Site(http.server.SimpleHTTPRequestHandler):
    """The folder, with the address filled into its feeds."""

    def do_GET(self):
        path = pathlib.Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        if path.suffix in (".xml", ".json"):
            body = body.replace(b"{{base}}", f"http://{self.headers['Host']}".encode())
        self.send_response(200)
        self.send_header("Content-Type", TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def gleaner(binary, environment, *arguments):
    done = subprocess.run([binary, *arguments], env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"gleaner {' '.join(arguments)} failed with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def check(binary, base, site, redis, expect, loader):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        feeds = (site / "feedlist.json").read_text().replace("{{base}}", base)
        (folder / "feeds.json").write_text(feeds)
        environment = {
            **os.environ,
            "GLEANER__DATA_DIR": str(folder),
            "GLEANER__FEEDS__LIST": str(folder / "feeds.json"),
            "GLEANER__HTTP__ALLOW_NETWORKS": '["127.0.0.0/8"]',
            "GLEANER__ARTICLE__HOST_INTERVAL": "0s",
            "GLEANER__STORE__PREFIX": f"site-{uuid.uuid4().hex[:8]}",
        }
        environment.pop("REDIS_URL", None)
        if redis:
            environment["REDIS_URL"] = redis
        published = json.loads(gleaner(binary, environment, "cron", "--json"))
        gleaner(binary, environment, "subscribe", "--drain")
        again = json.loads(gleaner(binary, environment, "cron", "--json", "--force"))
        status = json.loads(gleaner(binary, environment, "queue", "status", "--json"))
        new = sum(feed["new"] for feed in published["feeds"])
        events = list((folder / "misp-feed").glob("*-*-*-*-*.json"))
        print(f"{'redis ' if redis else 'sqlite'}: {new} published, {len(events)} events, dead {status['dead']}, "
              f"new on the second run {sum(feed['new'] for feed in again['feeds'])}")
        failed = [feed for feed in published["feeds"] if feed["state"] == "failed"]
        faults = [
            (new != expect, f"{expect} articles expected"),
            (len(events) != expect, f"{expect} events expected"),
            (status["dead"] != 0, "dead letters: " + gleaner(binary, environment, "queue", "list", "--state", "dead")),
            (any(feed["new"] for feed in again["feeds"]), "the second run found known articles new"),
            (bool(failed), f"failed feeds: {failed}"),
        ]
        for wrong, text in faults:
            if wrong:
                sys.exit(text)
        subprocess.run([sys.executable, str(loader), str(folder / "misp-feed")], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gleaner", default=str(pathlib.Path(__file__).resolve().parent.parent / "target/debug/gleaner"))
    parser.add_argument("--site", type=pathlib.Path, required=True)
    parser.add_argument("--expect", type=int, default=8, help="articles that the feeds name")
    arguments = parser.parse_args()
    loader = pathlib.Path(__file__).resolve().parent.parent / "tests" / "pymisp" / "load_feed.py"
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Site, directory=str(arguments.site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    stores = [None] + [url for url in [os.environ.get("REDIS_URL")] if url]
    for redis in stores:
        check(arguments.gleaner, base, arguments.site, redis, arguments.expect, loader)


if __name__ == "__main__":
    main()
