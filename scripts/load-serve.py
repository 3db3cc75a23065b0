#!/usr/bin/env python3
"""Submits articles to `gleaner serve` from many clients at once, on loopback, and holds that none is lost or doubled.

    cargo build --release && scripts/with-redis.sh scripts/load-serve.py

Each client has an address and a connection of its own, so the limits are those of the configuration's defaults. In the
second round each article is sent twice, by clients that do not wait for each other. Without REDIS_URL only the embedded
store is measured. Times are the clients' own, from the first byte sent to the last byte read. Fails when an article is
lost or doubled, or an answer is none of those expected.
"""

import argparse
import asyncio
import collections
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

AIM = 50


class Server:
    """`gleaner serve` in a folder of its own, without tokens."""

    def __init__(self, binary, redis):
        self.binary = binary
        self.folder = tempfile.TemporaryDirectory(dir=os.environ.get("MEASURE_DIR"))
        folder = pathlib.Path(self.folder.name)
        (folder / "feeds.json").write_text('{"feeds": []}')
        self.environment = {key: value for key, value in os.environ.items()
                            if key != "REDIS_URL" and not key.startswith("GLEANER_")}
        self.environment |= {
            "GLEANER__DATA_DIR": str(folder),
            "GLEANER__FEEDS__LIST": str(folder / "feeds.json"),
            "GLEANER__SERVE__LISTEN": "127.0.0.1:0",
            "GLEANER__STORE__PREFIX": f"load-{uuid.uuid4().hex[:8]}",
        }
        if redis:
            self.environment["REDIS_URL"] = redis
        self.log = folder / "log"

    def __enter__(self):
        self.process = subprocess.Popen([self.binary, "serve"], env=self.environment, stderr=self.log.open("wb"))
        deadline = time.monotonic() + 30
        while not (found := re.search(r'address="?http://127\.0\.0\.1:(\d+)', self.log.read_text())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the server did not start: {self.log.read_text()}")
            time.sleep(0.02)
        self.port = int(found[1])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def queued(self):
        """How often each link stands in the queue."""
        listed = subprocess.run([self.binary, "queue", "list", "--json", "--limit", "1000000"], env=self.environment,
                                check=True, stdout=subprocess.PIPE).stdout
        return collections.Counter(record["job"]["entry"]["link"] for record in json.loads(listed))


async def post(reader, writer, url):
    """One submission: its status, its answer, and the milliseconds it took."""
    body = json.dumps({"url": url}).encode()
    begin = time.monotonic()
    writer.write(b"POST /api/v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = int(re.search(r"(?i)\r\ncontent-length: *(\d+)", head)[1])
    answer = await reader.readexactly(length)
    return int(head.split(" ", 2)[1]), json.loads(answer), (time.monotonic() - begin) * 1000


async def client(number, server, urls, answers):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=(f"127.0.3.{number + 1}", 0))
    while urls:
        url = urls.pop()
        answers.append((url, *await post(reader, writer, url)))
    writer.close()


async def submit(server, urls, clients):
    answers, urls = [], list(urls)
    begin = time.monotonic()
    await asyncio.gather(*(client(number, server, urls, answers) for number in range(clients)))
    return answers, time.monotonic() - begin


def measure(binary, redis, count, clients, times):
    """One line of the table, and whether nothing was lost, doubled or refused."""
    articles = [f"https://blog.example/{number}" for number in range(count)]
    urls = articles * times
    random.Random(1).shuffle(urls)
    with Server(binary, redis) as server:
        answers, took = asyncio.run(submit(server, urls, clients))
        held = server.queued()
    outcomes = collections.Counter((status, (answer.get("articles") or [{}])[0].get("outcome"))
                                   for _, status, answer, _ in answers)
    accepted = outcomes[202, "queued"]
    lost = sum(url not in held for url in articles)
    doubled = max(0, accepted - count) + sum(number > 1 for number in held.values())
    others = {outcome: number for outcome, number in outcomes.items()
              if outcome not in [(202, "queued"), (200, "known")]}
    spent = sorted(spent for *_, spent in answers)
    p99 = statistics.quantiles(spent, n=100)[98]
    print(f"| {'redis' if redis else 'sqlite'} | {len(urls)} of {count} articles | {accepted} | {lost} | {doubled} "
          f"| {statistics.median(spent):.1f} | {p99:.1f} | {spent[-1]:.1f} | {len(urls) / took:.0f} |"
          + (f" unexpected: {others}" if others else ""))
    return accepted == count and not (lost or doubled or others)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gleaner", default="target/release/gleaner")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{arguments.clients} clients at once, {os.cpu_count()} cores shared with them; milliseconds, aim for p99 {AIM}\n")
    print("| store | submissions | accepted | lost | doubled | p50 | p99 | longest | per second |\n" + "|---" * 9 + "|")
    good = True
    for redis in [None] + [url for url in [os.environ.get("REDIS_URL")] if url]:
        for times in [1, 2]:
            for _ in range(arguments.runs):
                good &= measure(arguments.gleaner, redis, arguments.articles, arguments.clients, times)
    if not good:
        sys.exit("articles were lost, doubled or refused")


if __name__ == "__main__":
    main()
