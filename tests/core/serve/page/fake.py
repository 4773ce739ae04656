"""A server that speaks the contract of `vertikit serve` without a model: `python fake.py [KEY]` prints its port.

What a row says decides what it gets: see `answer_to`.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import sys
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.core.serve.page.tasks import CARD, LABELS, TASKS
from vertikit.serve.static import page_response

KEY = sys.argv[1] if len(sys.argv) > 1 else ""
BUSY: set[str] = set()


def fault(status: int, detail: str, *errors: tuple[str, str, str]) -> tuple[int, dict[str, Any]]:
    listed = [{"field": field, "what": what, "do": do} for field, what, do in errors]
    return status, {
        "title": "No",
        "status": status,
        "detail": detail,
        "errors": listed,
        "request_id": "req-7",
    }


def png(side: int, colour: tuple[int, int, int]) -> bytes:
    """A square of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = (b"\0" + bytes(colour) * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )


def answer_to(task: str, row: dict[str, Any]) -> dict[str, Any]:
    """The likeliest label is the one that the row names, or the first."""
    if task == "finance/amount":
        return {"amount": 41.5, "amount.spread": 6.1, "amount.q05": 33.2, "amount.q95": 52.9, "decision": "41.5",
                "reason": "the interval is narrower than 30", "error": None}  # fmt: skip
    target, labels = ("defect", ["crack", "none", "scratch"]) if "image" in row else ("disease", LABELS)
    if task == "finance/fraud":
        target, labels = "fraud", ["not", "fraud"]
    first = next((label for label in labels if label in str(row)), labels[0])
    shares = {label: 0.8 if label == first else 0.2 / (len(labels) - 1) for label in labels}
    decision = f"{first} 0.80; {labels[-1] if first != labels[-1] else labels[0]} 0.05"
    if target != "disease":
        decision = "inspect" if target == "defect" else "alert"
    if "nothing clear" in str(row):
        decision = "abstain"
    found = {target: first, **{f"{target}.p.{label}": share for label, share in shares.items()}}
    return {
        **found,
        "decision": decision,
        "reason": "confidence 0.80 is at least the threshold 0.57",
        "error": None,
    }


def parts_of(row: dict[str, Any]) -> dict[str, Any]:
    """Words with a weight by their length, cells by their order, or a heat map."""
    if "image" in row:
        return {"heatmap": "data:image/png;base64," + base64.b64encode(png(16, (220, 60, 20))).decode()}
    parts: list[dict[str, Any]] = []
    for column, value in row.items():
        if column == "text":
            parts += [
                {"column": column, "text": found[0], "start": found.start(), "end": found.end(),
                 "weight": 0.3 if found[0] == "fever" else -0.2 if found[0] == "no" else 0.01}
                for found in re.finditer(r"\w+", value)
            ]  # fmt: skip
        else:
            parts.append(
                {"column": column, "value": value, "weight": 0.4 / (len(parts) + 1) * (-1) ** len(parts)}
            )
    return {"parts": parts}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/v1/tasks":
            return self.allowed() and self.give(200, {"tasks": TASKS})
        if path.endswith("/card"):
            return self.allowed() and self.give(
                200, CARD.encode(), {"Content-Type": "text/markdown; charset=utf-8"}
            )
        name = "index.html" if path == "/" else path.removeprefix("/page/")
        status, headers, body = page_response(name, self.headers.get("If-None-Match"))
        return self.give(status, body, headers)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.allowed():
            return None
        task = self.path.removeprefix("/v1/").rpartition("/")[0]
        if self.headers["Content-Type"].startswith("multipart/"):
            names = re.findall(rb'name="([^"]+)"(?:; filename="([^"]*)")?', content)
            body: dict[str, Any] = {"row": {name.decode(): file.decode() or "field" for name, file in names}}
        else:
            body = json.loads(content)
        said = json.dumps(body)
        if "be slow" in said:
            time.sleep(1)
        if "be busy" in said and said not in BUSY:
            BUSY.add(said)
            return self.give(*fault(429, "Too many requests."), {"Retry-After": "1"})
        if "fall over" in said:
            return self.give(*fault(500, "The server failed."))
        if "be refused" in said:
            return self.give(*fault(422, "No.", ("row.text", "is longer than 9 characters", "cut it")))
        if "rows" in body:
            answers = [
                {
                    "row": at + 1,
                    **(answer_to(task, row) if row.get("text") != "" else {"error": "text is missing"}),
                }
                for at, row in enumerate(body["rows"])
            ]
            return self.give(200, {"answers": answers})
        found = answer_to(task, body["row"])
        more = parts_of(body["row"]) if self.path.endswith("/explain") else {}
        return self.give(200, {"answer": found, "run": "a", "request_id": "req-1", **more})

    def allowed(self) -> bool:
        if not KEY or self.headers.get("Authorization") == f"Bearer {KEY}":
            return True
        self.give(*fault(401, "A key is needed."))
        return False

    def give(self, status: int, body: bytes | dict[str, Any], headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if isinstance(body, dict):
            self.send_header(
                "Content-Type", "application/json" if status < 300 else "application/problem+json"
            )
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
