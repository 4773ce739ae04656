"""Keys that a request may have to give, compared in constant time."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from vertikit.errors import UsageError

KEYS, ADMIN_KEY = "VERTIKIT_API_KEYS", "VERTIKIT_ADMIN_KEY"
SHORTEST = 16
"""Signs of a key: a shorter one is guessed."""


def read_keys(file: Path | None) -> tuple[str, ...]:
    """The keys of a file (one a line, # begins a comment) and of the environment; UsageError where one is too short."""
    found: list[str] = []
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise UsageError(
                f"--api-key-file {file}: cannot be read: {reason}.", "Check the path."
            ) from error
        found += [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if not found:
            raise UsageError(f"--api-key-file {file}: holds no key.", "Write one a line.")
    found += [each.strip() for each in os.environ.get(KEYS, "").split(",") if each.strip()]
    return tuple(checked(each, "an API key") for each in dict.fromkeys(found))


def checked(key: str, what: str) -> str:
    """The key; UsageError where it is no key to rely on."""
    if key and (len(key) < SHORTEST or not key.isascii() or not key.isprintable() or " " in key):
        raise UsageError(
            f"{what} has {len(key)} signs, or signs that are not ASCII.",
            f"Take {SHORTEST} and more, such as: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )
    return key


def given_key(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Of `Authorization: Bearer KEY`, else of `X-API-Key: KEY`; b"" where there is neither."""
    found = dict(headers)
    scheme, _, key = found.get(b"authorization", b"").partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else found.get(b"x-api-key", b"").strip()


def is_one_of(given: bytes, keys: Sequence[str]) -> bool:
    """Whether it is one of the keys; all are compared, so that the time tells nothing."""
    found = False
    for key in keys:
        found |= hmac.compare_digest(given, key.encode())
    return found
