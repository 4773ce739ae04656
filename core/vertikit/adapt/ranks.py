"""Several processes that train one model, as torchrun starts them: each takes its share of every batch.

All of them do the same work on the same rows, so that every step is taken together; the first alone writes what stays.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

Value = TypeVar("Value")


def count() -> int:
    """How many there are; 1 where nothing was launched."""
    launched = "RANK" in os.environ and "MASTER_ADDR" in os.environ
    return int(os.environ.get("WORLD_SIZE") or 1) if launched else 1


def number() -> int:
    """Which of them this is."""
    return int(os.environ["RANK"]) if count() > 1 else 0


def is_first() -> bool:
    """Whether this is the one that writes."""
    return number() == 0


def join() -> bool:
    """Meet the others, before the first thing that is done together; whether they had not met before."""
    import torch

    if count() < 2 or torch.distributed.is_initialized():
        return False
    torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return True


def leave() -> None:
    """Part from them, when all is done."""
    import torch

    torch.distributed.destroy_process_group()


def of_first(value: Value) -> Value:
    """The value that the first process has, in all of them."""
    if count() < 2:
        return value
    import torch

    join()
    held = [value]
    torch.distributed.broadcast_object_list(held, src=0)
    return held[0]


def wait() -> None:
    """Go on when all have come as far as this."""
    of_first(None)


def share(positions: list[int]) -> tuple[list[int], NDArray[Any]]:
    """This process's share of a batch, and what each weighs, 1 or 0: where a batch has fewer rows than there are
    processes, one that would have none takes part in the step with a row that counts nothing."""
    import numpy as np

    own = positions[number() :: count()]
    if own:
        return own, np.ones(len(own), np.float32)
    return positions[:1], np.zeros(1, np.float32)
