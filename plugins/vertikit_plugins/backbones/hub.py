"""The Hugging Face Hub: its cache first, then the network, then a plain word on what would help."""

from __future__ import annotations

import os
import re
from pathlib import Path

from vertikit import UsageError

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_HUB_FILES = ["*.json", "*.txt", "*.model", "*.safetensors", "README.md"]


def hub_folder(name: str, revision: str | None = None) -> Path:
    """The folder of a Hub repository: from the cache, else downloaded.

    UsageError with the cure where neither works.
    """
    if not _HUB_ID.fullmatch(name):
        raise UsageError(
            f"backbone {name!r} is neither a registered name, nor a folder here, nor a Hub id.",
            "See `vertikit show transformer`; a Hub id looks like owner/name.",
        )
    cure = f"With a network, type: hf download {name}; or give a local folder: --set backbone=FOLDER"
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    def fetch(local: bool) -> Path:
        return Path(
            snapshot_download(name, revision=revision, allow_patterns=_HUB_FILES, local_files_only=local)
        )

    try:
        return fetch(local=True)
    except Exception as not_cached:
        if os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0"):
            raise UsageError(
                f"backbone {name!r} is not in the Hub cache, and HF_HUB_OFFLINE is set.",
                cure,
            ) from not_cached
    try:
        return fetch(local=False)
    except RepositoryNotFoundError as error:
        raise UsageError(
            f"backbone {name!r}: the Hub has no such model, or it needs a login.",
            "Check the name, or type: hf auth login",
        ) from error
    except (HfHubHTTPError, OSError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"backbone {name!r} is not in the Hub cache, and the Hub cannot be reached.",
            cure,
        ) from error
