#!/usr/bin/env python3
"""Measures Gleaner from the outside, on loopback: what the figures of the README were made with.

    cargo build --release && scripts/with-redis.sh scripts/measure.py --site FOLDER

FOLDER holds pages like those of real blogs (pages/*.html). Each figure is the median of --runs runs, beside its aim.
Peak memory is the kernel's own figure for the finished process.
"""

import argparse
import asyncio
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

ETAG = '"unchanged"'


class Site:
    """A blog without work of its own: every answer is ready bytes."""

    def __init__(self, pages):
        self.pages = [self.answer(page) for page in pages]
        self.feed = b""
        self.port = 0

    @staticmethod
    def answer(body, media="text/html; charset=utf-8", status="200 OK"):
        head = f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\nETag: {ETAG}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    async def serve(self, reader, writer):
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                path = request.split(b" ", 2)[1]
                if path.startswith(b"/feed"):
                    if b"if-none-match" in request.lower():
                        writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\n\r\n".encode())
                    else:
                        writer.write(self.feed)
                else:
                    number = int(path.rsplit(b"/", 1)[1])
                    writer.write(self.pages[number % len(self.pages)])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def start(self):
        ready = threading.Event()

        async def main():
            server = await asyncio.start_server(self.serve, "0.0.0.0", 0, limit=1 << 20, backlog=4096)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await server.serve_forever()

        threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
        ready.wait()

    def rss(self, count):
        items = "".join(f"<item><title>Article {n}</title><link>http://127.0.0.1:{self.port}/articles/{n}</link></item>"
                        for n in range(count))
        return self.answer(f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode(),
                           "application/rss+xml")


def run(binary, environment, *arguments):
    """Wall seconds, peak memory (MB) and processors kept busy of one run."""
    begin = time.monotonic()
    process = subprocess.Popen([binary, *arguments], env=environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    took = time.monotonic() - begin
    if status:
        sys.exit(f"gleaner {' '.join(arguments)}: status {status}\n{errors.decode()[-2000:]}")
    return took, usage.ru_maxrss / 1024, (usage.ru_utime + usage.ru_stime) / took


def environment_for(folder, feeds, redis):
    (folder / "feeds.json").write_text(json.dumps({"feeds": feeds}))
    environment = {key: value for key, value in os.environ.items() if key != "REDIS_URL"}
    environment |= {
        "GLEANER__DATA_DIR": str(folder),
        "GLEANER__FEEDS__LIST": str(folder / "feeds.json"),
        "GLEANER__FEEDS__MIN_INTERVAL": "0s",
        "GLEANER__HTTP__ALLOW_NETWORKS": '["127.0.0.0/8"]',
        "GLEANER__ARTICLE__HOST_INTERVAL": "0s",
        "GLEANER__LOG__LEVEL": "warn",
        "GLEANER__STORE__PREFIX": f"measure-{uuid.uuid4().hex[:8]}",
    }
    if redis:
        environment["REDIS_URL"] = redis
    return environment


def articles(binary, site, count, redis):
    """Articles per second, feed to feed folder, with the worker's peak memory and processors kept busy."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("MEASURE_DIR")) as folder:
        folder = pathlib.Path(folder)
        site.feed = site.rss(count)
        environment = environment_for(folder, [{"title": "t", "url": f"http://127.0.0.1:{site.port}/feed"}], redis)
        run(binary, environment, "cron")
        took, peak, busy = run(binary, environment, "subscribe", "--drain")
        events = len(list((folder / "misp-feed").glob("*-*-*-*-*.json")))
        if events != count:
            sys.exit(f"{events} events of {count} articles")
        return count / took, peak, busy


def unchanged_feeds(binary, site, count, redis):
    """Seconds for a poll of so many unchanged feeds, each on a host of its own."""
    with tempfile.TemporaryDirectory() as folder:
        site.feed = site.rss(1)
        feeds = [{"title": f"f{n}", "url": f"http://127.1.{n // 250}.{n % 250 + 1}:{site.port}/feed"}
                 for n in range(count)]
        environment = environment_for(pathlib.Path(folder), feeds, redis)
        run(binary, environment, "cron")
        return run(binary, environment, "cron")[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gleaner", default="target/release/gleaner")
    parser.add_argument("--site", type=pathlib.Path, required=True)
    parser.add_argument("--articles", type=int, default=1500)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    pages = [path.read_bytes() for path in sorted((arguments.site / "pages").glob("*.html"))]
    if not pages:
        sys.exit(f"{arguments.site}/pages holds no *.html")
    site = Site(pages)
    site.start()
    size = sum(map(len, pages)) / len(pages) / 1000
    print(f"{len(pages)} pages of {size:.0f} kB on average, {os.cpu_count()} cores, median of {arguments.runs} runs\n")
    print("| what | store | measured | aim | ratio |\n|---|---|---|---|---|")
    for redis in [None] + [url for url in [os.environ.get("REDIS_URL")] if url]:
        store = "redis" if redis else "sqlite"
        runs = [articles(arguments.gleaner, site, arguments.articles, redis) for _ in range(arguments.runs)]
        rate, peak, busy = (statistics.median(figures) for figures in zip(*runs))
        poll = statistics.median(unchanged_feeds(arguments.gleaner, site, arguments.feeds, redis)
                                 for _ in range(arguments.runs))
        print(f"| articles per second, feed to feed folder | {store} | {rate:.0f} | 150 | {rate / 150:.2f} |")
        print(f"| processors the worker keeps busy meanwhile | {store} | {busy:.1f} | | |")
        print(f"| peak memory of a worker, 8 in flight | {store} | {peak:.0f} MB | 60 MB | {peak / 60:.2f} |")
        print(f"| poll of {arguments.feeds} unchanged feeds | {store} | {poll:.2f} s | 2 s | {poll / 2:.2f} |")


if __name__ == "__main__":
    main()
