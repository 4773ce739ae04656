"""What a batch takes of the memory, and what is done where there is no more: smaller batches, more of them a step."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch

from vertikit.errors import VertikitError

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.adapt.model import Model
    from vertikit.contracts import Items
    from vertikit.examples import Indices
    from vertikit.recipe.model import Batch

SHARE = 0.5
"""Of the free memory that the activations of a batch may take; gradients, optimiser and all else have the rest."""
LOOKED_AT = 4
"""Of the longest examples, from which the room of a token is learnt."""
FEWEST_TOKENS = 16
_SAID = ("can't allocate memory", "cannot allocate memory", "out of memory", "not enough memory")

Found = TypeVar("Found")


def ran_out(error: BaseException) -> bool:
    """Whether an error says that there was no memory left."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _SAID)


def freed(model: torch.nn.Module | None = None) -> None:
    """Give back what the attempt has left."""
    if model is not None:
        model.zero_grad(set_to_none=True)
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def halved(batch: Batch, longest: int) -> Batch | None:
    """Half the tokens and rows, and twice as many batches a step; None where a batch is one example already."""
    if batch.rows == 1 or batch.tokens <= max(FEWEST_TOKENS, longest):
        return None
    return batch.model_copy(
        update={
            "tokens": max(FEWEST_TOKENS, batch.tokens // 2),
            "rows": max(1, batch.rows // 2),
            "accumulate": 2 * batch.accumulate,
        }
    )


def in_pieces(batch: Indices, run: Callable[[Indices], Found]) -> Iterator[tuple[Indices, Found]]:
    """What `run` gives for a batch, in halves where memory runs out, and halves of these; each with its positions.

    VertikitError where it runs out for a single example.
    """
    try:
        found = run(batch)
    except (RuntimeError, MemoryError) as error:
        if not ran_out(error):
            raise
        if len(batch) == 1:
            raise VertikitError(
                "memory ran out on a single example.",
                "Free some of it, or let less be read of one: backbone.max_length, pictures.side, reshape.window.",
            ) from error
        found = None
    if found is not None:
        yield batch, found
        return
    freed()
    middle = len(batch) // 2
    yield from in_pieces(batch[:middle], run)
    yield from in_pieces(batch[middle:], run)


def bytes_per_token(model: Model, inputs: Mapping[str, Items], indices: Indices, target: str) -> float:
    """What training keeps of a padded token between forward and backward, learnt on the longest of some examples; the
    random state is left as it was."""
    lengths = np.max([items.lengths[indices] for items in inputs.values()], axis=0)
    some = indices[np.argsort(lengths, kind="stable")[-LOOKED_AT:]]
    device = next(model.parameters()).device
    batch = {
        name: {key: value.to(device) for key, value in items.collate(some).items()}
        for name, items in inputs.items()
    }
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    weights = {each.untyped_storage().data_ptr() for each in model.parameters()}
    was_training = model.training
    with torch.random.fork_rng(devices=[]), torch.autograd.graph.saved_tensors_hooks(keep, _same):
        model.train()
        model(batch)[target].sum()
    model.train(was_training)
    total = sum(size for place, size in kept.items() if place not in weights)
    windows = np.sum([items.windows[some] for items in inputs.values()])
    return total / max(1, int(windows) * int(lengths.max()))


def _same(tensor: Tensor) -> Any:
    return tensor


def tokens_that_fit(each: float) -> int:
    """How many tokens a batch may have on a processor, by the memory that is free now."""
    import psutil

    return int(SHARE * psutil.virtual_memory().available / max(each, 1.0))
