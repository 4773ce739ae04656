"""A load client: so many connections, each with one request at a time, raw HTTP/1.1 over asyncio.

`python -m benchmarks.load_client PORT PATH TEXTS.csv CLIENTS SECONDS` prints requests a second, p50, p95, p99 in ms and
how many were not answered with 200. The first second is left out.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

import pandas as pd

WARM = 1.0


@dataclass
class Load:
    """What came back."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0


async def client(port: int, requests: list[bytes], first: int, begin: float, end: float, load: Load) -> None:
    """One connection, until `end`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    at = first
    while time.monotonic() < end:
        started = time.monotonic()
        writer.write(requests[at % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.lower().startswith(b"content-length:"))
        await reader.readexactly(length)
        done = time.monotonic()
        if started >= begin and done <= end:
            load.seconds.append(done - started)
            load.refused += b" 200 " not in lines[0]
        at += 1
    writer.close()


async def measured(port: int, path: str, texts: list[str], clients: int, seconds: float) -> dict[str, float]:
    """Requests a second, and milliseconds of them."""
    requests = []
    for text in texts:
        body = json.dumps({"row": {"text": text}}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    load = Load()
    begin = time.monotonic() + WARM
    end = begin + seconds
    await asyncio.gather(*(client(port, requests, 7 * at, begin, end, load) for at in range(clients)))
    ordered = sorted(load.seconds)
    share = (
        {
            name: ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000
            for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        }
        if ordered
        else {}
    )
    return {"requests_per_second": len(ordered) / seconds, **share, "refused": load.refused}


def main() -> None:
    port, path, texts, clients, seconds = sys.argv[1:6]
    found = measured(int(port), path, list(pd.read_csv(texts)["text"]), int(clients), float(seconds))
    print(json.dumps(asyncio.run(found)))


if __name__ == "__main__":
    main()
