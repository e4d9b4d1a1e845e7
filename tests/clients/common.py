"""What the client scripts share: settings from the environment, test data, plain HTTP."""

import base64
import contextlib
import http.client
import http.server
import json
import os
import random
import socket
import threading
import urllib.parse

ENDPOINT = os.environ["SANDBOX_ENDPOINT"]
BUCKET = os.environ["SANDBOX_BUCKET"]
REGION = os.environ["SANDBOX_REGION"]
KEY_ID = os.environ["SANDBOX_ACCESS_KEY_ID"]
SECRET = os.environ["SANDBOX_ACCESS_KEY_SECRET"]
STS_KEY_ID = os.environ["SANDBOX_STS_ACCESS_KEY_ID"]
STS_SECRET = os.environ["SANDBOX_STS_ACCESS_KEY_SECRET"]
STS_TOKEN = os.environ["SANDBOX_STS_TOKEN"]
# A key whose token has expired.
DEAD_KEY_ID = os.environ["SANDBOX_DEAD_ACCESS_KEY_ID"]
DEAD_SECRET = os.environ["SANDBOX_DEAD_ACCESS_KEY_SECRET"]
DEAD_TOKEN = os.environ["SANDBOX_DEAD_TOKEN"]

PORT = urllib.parse.urlsplit(ENDPOINT).port
# The sandbox is told that the first is a custom domain of the bucket. Buckets stand before the second.
CNAME_ENDPOINT = f"http://static.localhost:{PORT}"
VIRTUAL_ENDPOINT = f"http://oss.localhost:{PORT}"

MIB = 1024 * 1024

ODD_KEYS = [
    "plain.txt",
    "目录/照片 2026年.jpg",
    "a b+c%20d%/e&f=g?h#i.txt",
    "emoji/😀🚢.bin",
    "double//slash///end",
    "trailing/",
    "r!'()*~-_.$&,:;=@?#[]|^`{}\"<>\\x",
    "kéy-é",
]
DOT_KEYS = ["dots/./here", "dots/../up", "./lead", "dots/.."]


def _resolve_localhost_names():
    """Resolves `*.localhost` as RFC 6761 says, which not every system's resolver does."""
    original = socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        name = host.decode() if isinstance(host, bytes) else host
        if name and (name == "localhost" or name.endswith(".localhost")):
            host = "127.0.0.1"
        return original(host, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


_resolve_localhost_names()


def payload(size, seed=1):
    """`size` bytes that are the same for the same seed."""
    return random.Random(seed).randbytes(size)


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def same(found, expected, what):
    if found != expected:
        shown = (repr(found)[:200], repr(expected)[:200])
        raise AssertionError(f"{what}: found {shown[0]}, expected {shown[1]}")


def request(method, url, body=None, headers=None):
    """One plain request, its target exactly as in the URL. Gives status, headers and body."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, body=body, headers=headers or {})
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, response.headers, data


class Interruption(Exception):
    """What breaks an upload off from inside its client."""


@contextlib.contextmanager
def application(status=200, answer=b'{"seen": true}'):
    """A server of the user's, for upload callbacks. Gives its address and the bodies it was sent."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", seen
    finally:
        server.shutdown()
        server.server_close()


def encoded(value):
    """A value as OSS's callback headers carry it."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def step(name):
    print(f"ok: {name}", flush=True)
