#!/usr/bin/env python3
"""Throws random requests at a server on loopback: odd methods, paths, headers and bodies, half-closed and slow connections.

    scripts/fuzz-requests.py http://127.0.0.1:PORT [--token TOKEN] [--requests 5000] [--seed 1]

Holds that no answer is a 5xx or no HTTP, and that the server answers as before afterwards. Prints what was answered.
`scripts/fuzz-api.sh` starts the server, and looks for panics in its log.
"""

import argparse
import asyncio
import collections
import json
import random
import re
import string
import sys
import urllib.parse

AT_ONCE = 32
# Longer than the server's own limits of time in fuzz-api.sh.
PATIENCE = 30
PATHS = ["/", "/live", "/feeds", "/help", "/preview", "/login", "/logout", "/submit", "/healthz", "/readyz", "/metrics",
         "/jobs/{}", "/jobs/{}/retry", "/jobs/{}/remove", "/static/style.css", "/static/{}", "/api/v1/articles",
         "/api/v1/articles/{}", "/api/v1/articles/{}/retry", "/api/v1/articles/{}/{}", "/api/v1/feeds", "/api/v1/preview",
         "/api/v1/openapi.json", "/api/{}", "/{}"]
KEYS = ["url", "urls", "title", "articles", "csrf", "token", "next", "back", "state", "page", "per_page", "html", "tags", "tlp",
        "again", "file"]
TYPES = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data",
         "text/plain", "application/json; charset=utf-16", "", "\x80", "a/b/c"]
HEADERS = ["Accept", "Accept-Encoding", "Authorization", "Content-Encoding", "Cookie", "Expect", "Forwarded", "If-None-Match",
           "Origin", "Range", "Referer", "Sec-Fetch-Site", "Upgrade", "X-Forwarded-For", "X-Forwarded-Proto", "X-Remote-User",
           "Trailer", "TE"]


class Fuzz:
    def __init__(self, arguments):
        address = urllib.parse.urlsplit(arguments.address)
        self.host, self.port = address.hostname, address.port
        self.token = arguments.token
        self.random = random.Random(arguments.seed)
        self.cookie = self.csrf = ""
        self.answers = collections.Counter()
        self.faults = []

    def text(self, longest=40):
        """Characters that mean something, any others, or very many."""
        pick = self.random
        length = pick.choice([0, 1, 5, longest, pick.randrange(longest + 1)])
        letters = pick.choice([string.ascii_letters, string.printable, "/.%\\?#&=;\"'<>", "\0\x01\x7f\x80\xff", "é‮𝕏\ufffd١"])
        return "".join(pick.choice(letters) for _ in range(length))

    def value(self, depth=0):
        pick = self.random
        simple = [None, True, -1, 0, 2**63, 1e308, "", "https://blog.example/a", "http://127.0.0.1:9/", "hxxps://a[.]example",
                  "https://u:p@a.example/", "javascript:alert(1)", "dead", "x" * 5000, self.text(), self.text()]
        kind = pick.randrange(10)
        if depth > 3 or kind < 6:
            return pick.choice(simple)
        if kind < 8:
            return [self.value(depth + 1) for _ in range(pick.randrange(5))]
        return {pick.choice([*KEYS, self.text()]): self.value(depth + 1) for _ in range(pick.randrange(5))}

    def fields(self):
        known = [("csrf", self.csrf)] if self.csrf and self.random.random() < 0.5 else []
        pairs = known + [(self.random.choice([*KEYS, self.text()]), str(self.value(9))) for _ in range(self.random.randrange(6))]
        return urllib.parse.urlencode(pairs, errors="replace")

    def body(self):
        pick = self.random
        kind = pick.randrange(7)
        if kind == 0:
            return b""
        if kind == 1:
            return pick.randbytes(pick.choice([1, 100, 5000]))
        if kind == 2:
            return self.fields().encode()
        if kind == 3:
            return b"[" * 20000
        if kind == 4:
            part = f'--b\r\nContent-Disposition: form-data; name="{pick.choice(KEYS)}"; filename="{self.text()}"\r\n\r\n'
            return (part + self.text(500) + pick.choice(["\r\n--b--\r\n", "", "\r\n--b"])).encode(errors="replace")
        document = json.dumps({pick.choice(KEYS): self.value() for _ in range(pick.randrange(4))}).encode()
        return document[:pick.randrange(len(document) + 1)] if kind == 5 else document

    def target(self, wild):
        pick = self.random
        path = pick.choice(PATHS)
        while "{}" in path:
            path = path.replace("{}", pick.choice(["0" * 32, "none", urllib.parse.quote(self.text()),
                                                   self.text(3000) if wild else "%00%ff"]), 1)
        if pick.random() < 0.4:
            path += "?" + pick.choice([self.fields(), "page=99999999999999999999", "state=%ff&page=-1", "per_page=0"])
        return pick.choice([path, "http://localhost" + path, "*", self.text(), path + "?" + self.text(200)]) if wild else path

    def request(self):
        """The bytes of one request, and where its head ends. Most have a good head, so that more than the parser sees them."""
        pick = self.random
        wild = pick.random() < 0.3
        body = self.body()
        method = pick.choice(["GET"] * 3 + ["POST"] * 6 + ["PUT", "DELETE", "HEAD", "OPTIONS"])
        lines = [f"{method} {self.target(wild)} HTTP/1.1", f"Host: localhost:{self.port}"]
        if self.token and pick.random() < 0.8:
            lines.append(f"Authorization: Bearer {self.token}")
        if pick.random() < 0.8:
            lines.append("Content-Type: " + pick.choice(TYPES))
        if pick.random() < 0.5:
            lines.append(f"Cookie: {self.cookie}")
        for _ in range(pick.randrange(3)):
            lines.append(f"{pick.choice(HEADERS)}: {pick.choice(['same-origin', 'cross-site', 'none', 'gleaner_session=a.1.b.c', 'a, b;q=1'])}")
        lines.append(f"Content-Length: {len(body)}")
        if pick.random() < 0.95:
            lines.append("Connection: close")
        if wild:
            self.spoil(lines, len(body))
        head = "\r\n".join(lines) + (pick.choice(["\r\n\r\n"] * 8 + ["\n\n", "\r\n", ""]) if wild else "\r\n\r\n")
        head = head.encode("utf-8", errors="replace")
        return head + body, len(head)

    def spoil(self, lines, length):
        """Something is wrong with this head."""
        pick = self.random
        line = pick.choice([
            f"{self.text()}: x", f"X-Odd: {self.text()}", f"Cookie: {self.text(9000)}", "Content-Length: -1", "Transfer-Encoding: chunked",
            f"Content-Length: {length + 7}", f"Content-Length: {2**64}", "Host: evil.example", f"Authorization: {self.text()}", ""])
        place = pick.randrange(len(lines))
        if pick.random() < 0.5:
            lines[0] = f"{pick.choice(['TRACE', 'CONNECT', 'get', self.text()])} / HTTP/{pick.choice(['1.1', '1.0', '2', '9.9', ''])}"
        elif pick.random() < 0.5:
            lines[place] = line
        else:
            lines.insert(place, line)

    async def send(self, writer, request, head):
        """Whole, in parts, slowly, cut off, or twice at once."""
        pick = self.random
        way = pick.randrange(20)
        if way == 0:
            for byte in range(0, min(len(request), 400), 8):
                if writer.transport.is_closing():
                    break
                writer.write(request[byte:byte + 8])
                await asyncio.sleep(0.02)
        elif way == 1:
            writer.write(request[:pick.randrange(head + 1)])
            writer.write_eof()
        elif way == 2:
            writer.write(request[:pick.randrange(len(request) + 1)])
            writer.transport.abort()
        elif way == 3:
            writer.write(request * 3)
        else:
            writer.write(request)
            if way == 4:
                writer.write_eof()

    async def once(self):
        request, head = self.request()
        reader, writer = await asyncio.open_connection(self.host, self.port)
        answer = b""
        try:
            await self.send(writer, request, head)
            async with asyncio.timeout(PATIENCE):
                answer = await reader.read(1 << 16)
                while await reader.read(1 << 16):
                    pass
        except TimeoutError:
            self.faults.append(f"no end within {PATIENCE} s: {request[:300]!r}")
        except OSError:
            pass  # cut off: what was answered before counts
        finally:
            writer.close()
        status = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
        self.answers[status[1].decode() if status else "none"] += 1
        if (answer and not status) or (status and status[1] >= b"500"):
            self.faults.append(f"{answer[:300]!r} to {request[:600]!r}")

    async def ask(self, request):
        reader, writer = await asyncio.open_connection(self.host, self.port)
        writer.write(f"{request}\r\n".replace("\n", "\r\n").replace("\r\r", "\r").encode())
        answer = (await reader.read()).decode()
        writer.close()
        return answer

    async def visit(self):
        """Loads a page with a form as browsers do, and logs in where there is a token."""
        rest = f"HTTP/1.1\nHost: localhost:{self.port}\nConnection: close\n"
        page = await self.ask(f"GET {'/login' if self.token else '/'} {rest}")
        self.cookie, self.csrf = session(page)
        if self.token:
            form = urllib.parse.urlencode({"csrf": self.csrf, "token": self.token})
            kind = "Content-Type: application/x-www-form-urlencoded\nSec-Fetch-Site: same-origin"
            answer = await self.ask(f"POST /login {rest}Cookie: {self.cookie}\n{kind}\nContent-Length: {len(form)}\n\n{form}")
            self.cookie, _ = session(answer)
            page = await self.ask(f"GET / {rest}Cookie: {self.cookie}\n")
            _, self.csrf = session(page)

    async def run(self, count):
        await self.visit()
        places = asyncio.Semaphore(AT_ONCE)

        async def placed():
            async with places:
                await self.once()

        await asyncio.gather(*(placed() for _ in range(count)))
        if not (await self.ask("GET /readyz HTTP/1.1\nHost: localhost\nConnection: close\n")).startswith("HTTP/1.1 200 "):
            self.faults.append("the server is not ready any more")


def session(answer):
    """The session's cookie that an answer sets, and the token of its first form."""
    cookie = re.search(r"(?i)\r\nset-cookie: ([^;]*)", answer)
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', answer)
    return cookie[1] if cookie else "", csrf[1] if csrf else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--token", default="")
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    fuzz = Fuzz(arguments)
    asyncio.run(fuzz.run(arguments.requests))
    print(f"{arguments.requests} requests:", ", ".join(f"{status} {number}" for status, number in sorted(fuzz.answers.items())))
    if fuzz.faults:
        sys.exit("\n".join(fuzz.faults[:20]))


if __name__ == "__main__":
    main()
