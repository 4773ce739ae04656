"""Whether a block still says the same of the same rows: its outputs before and after training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor, nn

from vertikit.explain.weights import Block

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.explain.weights import Encoder
    from vertikit.progress import Progress

CHANNELS_FIRST = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
WIDTHS = ("out_channels", "out_features", "num_features", "embedding_dim")
"""What modules call the width of what they give."""
FEWEST = 10
"""Rows below which outputs are not compared."""


def linear_cka(one: NDArray[np.float64], two: NDArray[np.float64]) -> float | None:
    """Linear centred kernel alignment of features [N, D] and [N, E] of the same rows, 0 to 1 (Kornblith et al. 2019,
    arXiv:1905.00414, equation for a linear kernel); None where one of the two is the same for all rows.

    It is too high where rows are few beside the features.
    """
    one, two = (each - each.mean(axis=0) for each in (one, two))
    kernels = [each @ each.T for each in (one, two)]
    norms = [float(np.linalg.norm(each)) for each in kernels]
    if min(norms) < 1e-12:
        return None
    return float((kernels[0] * kernels[1]).sum() / (norms[0] * norms[1]))


def kept(encoder: Encoder, examples: Examples, progress: Progress) -> list[float | None]:
    """Linear CKA of each block's outputs, the mean over its tokens, under all weights before and all after; None for
    one that gives none of its own, or of fewer than `FEWEST` examples."""
    if len(examples) < FEWEST:
        return [None] * len(encoder.blocks)
    after = _outputs(encoder, examples, progress)
    with encoder.reverted(Block("all of it", None, tuple(encoder.before))):
        before = _outputs(encoder, examples, progress)
    return [
        None if one is None or two is None else linear_cka(one, two)
        for one, two in zip(before, after, strict=True)
    ]


def _outputs(encoder: Encoder, examples: Examples, progress: Progress) -> list[NDArray[np.float64] | None]:
    """[N, D] of each block. Examples go through one by one: padding would have a say in a mean over tokens."""
    found: list[list[NDArray[np.float64]]] = [[] for _ in encoder.blocks]
    with progress.bar("comparing outputs", len(examples), "rows") as advance:
        for at in range(len(examples)):
            with _listening(encoder.blocks) as heard:
                encoder.parts.raw(examples.take(np.array([at])))
            for place, own in enumerate(heard):
                if own:
                    found[place].append(np.mean(own, axis=0))
            advance(1)
    return [
        np.stack(each) if len(each) == len(examples) and len({own.shape for own in each}) == 1 else None
        for each in found
    ]


@contextmanager
def _listening(blocks: Sequence[Block]) -> Iterator[list[list[NDArray[np.float64]]]]:
    """What each block gives whenever it is called, as one vector."""
    heard: list[list[NDArray[np.float64]]] = [[] for _ in blocks]
    handles = []

    def hook(place: int) -> Any:
        def listen(module: nn.Module, _: Any, output: Any) -> None:
            tensor = _tensor(output)
            if tensor is not None:
                heard[place].append(_vector(module, tensor))

        return listen

    for place, block in enumerate(blocks):
        if block.module is not None:
            handles.append(block.module.register_forward_hook(hook(place)))
    try:
        yield heard
    finally:
        for handle in handles:
            handle.remove()


def _tensor(output: Any) -> Tensor | None:
    """The hidden states of a module's output: it, or the first of several."""
    if isinstance(output, Tensor):
        return output
    if isinstance(output, nn.utils.rnn.PackedSequence):
        return output.data
    hidden = getattr(output, "last_hidden_state", None)
    if isinstance(hidden, Tensor):
        return hidden
    return _tensor(output[0]) if isinstance(output, tuple) and output else None


def _vector(module: nn.Module, output: Tensor) -> NDArray[np.float64]:
    """[D] of an output [B, *S, D], or [B, D, *S] where channels come first: the mean over all else."""
    if output.dim() > 2 and _channels_first(module, output.shape):
        output = output.movedim(1, -1)
    features = output.detach().double().reshape(-1, output.shape[-1])
    return np.asarray(features.mean(dim=0).cpu().numpy())


def _channels_first(module: nn.Module, shape: Sequence[int]) -> bool:
    """Whether the features of a module's output are its second axis: told by how wide what it is made of is."""
    widths = {
        getattr(part, name)
        for part in module.modules()
        for name in WIDTHS
        if isinstance(getattr(part, name, None), int)
    }
    widths |= {each.normalized_shape[-1] for each in module.modules() if isinstance(each, nn.LayerNorm)}
    convolves = any(isinstance(each, CHANNELS_FIRST) for each in module.modules())
    return shape[1] in widths and (convolves or shape[-1] not in widths)
