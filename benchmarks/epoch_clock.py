"""Seconds of each epoch's training alone, taken the same way inside the kit's trainer and the plain script's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import TrainerCallback


class EpochClock(TrainerCallback):
    """From the first batch of an epoch to its last step; evaluation and checkpoints come after that.

    Processor seconds stand beside those of the wall: on a machine that is busy with other work they are the
    steadier measure.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.processor_seconds: list[float] = []
        self._started = (0.0, 0.0)

    def on_epoch_begin(self, *_: Any, **__: Any) -> None:
        self._started = (time.perf_counter(), time.process_time())

    def on_epoch_end(self, *_: Any, **__: Any) -> None:
        self.seconds.append(time.perf_counter() - self._started[0])
        self.processor_seconds.append(time.process_time() - self._started[1])


@contextmanager
def clock_in_every_trainer() -> Iterator[EpochClock]:
    """A clock that every Trainer made in the block carries, those made inside the kit too."""
    from transformers import trainer

    clock = EpochClock()
    callbacks: list[Any] = trainer.DEFAULT_CALLBACKS
    callbacks.append(clock)
    try:
        yield clock
    finally:
        callbacks.remove(clock)
