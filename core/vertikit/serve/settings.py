"""What a server allows, and how patient it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SMALL_BODY = 65_536
"""Bytes of a body that is always taken in, however much is being read already."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Args:
    body_bytes: of one request. held_bytes: of all bodies that are being read or wait, but for small ones.
    rows: of one request. characters: of one text. pixels: of one picture, all of its frames together.
    files: of one upload.
    seconds: from a request's arrival to its answer. body_seconds: until its body is there. head_seconds: until its
        head is there, and how long an idle connection is kept.
    batch_wait: seconds that rows wait for others at most. batch_rows: that are answered together at most.
    waiting: requests that may wait for one run. connections: open at a time.
    drain_seconds: for which an ending server still takes requests, so that others learn that it ends.
    keys: of which one is to be given; none: everyone may ask. admin_key: for adding and removing runs; "": nobody may.
    runs_root: the folder below which runs to be added lie. log_values: whether rows and answers are logged.
    """

    body_bytes: int = 8_000_000
    held_bytes: int = 256_000_000
    rows: int = 1000
    characters: int = 100_000
    pixels: int = 50_000_000
    files: int = 16
    seconds: float = 30.0
    body_seconds: float = 20.0
    head_seconds: float = 10.0
    batch_wait: float = 0.003
    batch_rows: int = 32
    waiting: int = 256
    connections: int = 2048
    drain_seconds: float = 1.0
    keys: tuple[str, ...] = ()
    admin_key: str = ""
    runs_root: Path | None = None
    log_values: bool = False
