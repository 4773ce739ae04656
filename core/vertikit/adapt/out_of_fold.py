"""Every labelled row judged by a model that was not trained on it: the parts, and what came of each epoch."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.evaluate.resampling import group_codes

if TYPE_CHECKING:
    from vertikit.examples import Indices
    from vertikit.recipe.model import Batch

PARTS = 5

Parted = list[tuple["Indices", "Indices"]]
"""Fits of the gradient: (positions trained on, positions predicted), every position predicted once."""


@dataclass
class Fitting:
    """What training left beside the model itself.

    Args:
        epochs: the log, an entry an epoch.
        calibrate: positions of rows whose raw outputs come from a model that was not trained on them.
        calibrate_raw: those outputs, [n, K].
        held_out: the fits they come from: (positions trained on, positions predicted).
        refitted: whether the model was trained again on training and validation rows together.
        seconds: of training alone.
        batch: what the memory made of the recipe's, where it asked for less.
    """

    epochs: list[dict[str, float]]
    calibrate: Indices
    calibrate_raw: NDArray[np.float64]
    held_out: Parted
    refitted: bool = False
    seconds: float = 0.0
    batch: Batch | None = None


def out_of_fold(
    truth: NDArray[np.object_], groups: NDArray[np.object_] | None, labelled: Indices, seed: int
) -> Parted:
    """The labelled positions in up to five parts, stratified by `truth` [N], groups [N] undivided."""
    from sklearn.model_selection import StratifiedGroupKFold

    classes = truth[labelled].astype(str)
    own = np.arange(len(labelled)) if groups is None else group_codes(groups[labelled])
    largest = int(np.unique(classes, return_counts=True)[1].max())
    parts = max(2, min(PARTS, len(np.unique(own)), largest))
    with warnings.catch_warnings():
        # A class with fewer rows than parts is in fewer parts; that is all there is.
        warnings.simplefilter("ignore", UserWarning)
        folds = StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
        parted = list(folds.split(np.zeros(len(labelled)), classes, own))
    return [(labelled[inside], labelled[outside]) for inside, outside in parted]


class Course:
    """Raw outputs of every epoch for rows that validate in turn, kept beside the fits so that these can be resumed.

    Args:
        folder: where the fits keep their checkpoints. labelled: [n] positions of all rows.
    """

    def __init__(self, folder: Path, labelled: Indices) -> None:
        self.logs: list[list[dict[str, float]]] = []
        """Of each part's fit, in order."""
        self._folder = folder
        self._place = {int(position): place for place, position in enumerate(labelled)}
        self._parts: list[tuple[str, Indices]] = []

    def part(
        self, name: str, outside: Indices
    ) -> tuple[Callable[[NDArray[np.float64]], None], Callable[[dict[str, float], int], None]]:
        """Two callbacks for the fit of that name: what it gave for `outside`, and that an epoch has ended."""
        self._parts.append((name, outside))
        latest: list[NDArray[np.float64]] = []

        def record(raw: NDArray[np.float64]) -> None:
            latest[:] = [raw]

        def ended(entry: dict[str, float], last: int) -> None:  # noqa: ARG001
            np.save(self._file(name, round(entry["epoch"])), latest[0])

        return record, ended

    def raw(self, epoch: int) -> NDArray[np.float64]:
        """[n, K] of all labelled rows after that epoch, each from the fit that had not seen it."""
        found = [np.load(self._file(name, epoch)) for name, _ in self._parts]
        result = np.empty((len(self._place), found[0].shape[1]))
        for (_, outside), each in zip(self._parts, found, strict=True):
            result[[self._place[int(position)] for position in outside]] = each
        return result

    def epochs(self, primary: str, score: Callable[[NDArray[np.float64]], float]) -> list[dict[str, float]]:
        """An entry an epoch: losses averaged over the fits, and the primary metric of all rows together."""
        rows = np.asarray([len(outside) for _, outside in self._parts], dtype=float)
        result = []
        for entries in zip(*self.logs, strict=True):
            entry = {"epoch": entries[0]["epoch"]}
            for key in ("train_loss", "valid_loss"):
                entry[key] = float(np.average([each[key] for each in entries], weights=rows))
            entry[f"valid_{primary}"] = score(self.raw(round(entry["epoch"])))
            result.append(entry)
        return result

    def _file(self, name: str, epoch: int) -> Path:
        return self._folder / name / f"outputs-{epoch}.npy"
