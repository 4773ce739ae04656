"""What condition monitoring computes of a window of readings, sensor by sensor, as columns beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from vertikit.columns import Column
from vertikit.contracts import State, Use
from vertikit.series_columns import Series
from vertikit.table_columns import Number
from vertikit_plugins.signals.chunks import chunks
from vertikit_plugins.signals.spectra import SPECTRA, spectra
from vertikit_plugins.signals.statistics import STATISTICS, statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.task import Task


class Signal:
    """Statistics and spectra of each sensor's window. It learns nothing, so it remembers nothing.

    Args:
        sets: "all", or one of "statistics" (level, spread, trend, shape) and "spectra" (bands, envelope).
    """

    use: tuple[Use, ...] = ("features",)
    remembers = False

    def __init__(self, *, sets: Literal["all", "statistics", "spectra"] = "all") -> None:
        self._sets = sets
        self._sensors: tuple[Column, ...] = ()

    def begin(self, task: Task, present: Collection[str]) -> str:
        self._sensors = tuple(
            column for column in task.inputs if isinstance(column, Series) and column.name in present
        )
        return "" if self._sensors else "a row is an example here, and no window of readings (reshape.window)"

    def columns(self) -> tuple[Column, ...]:
        return tuple(
            Number(f"{sensor.name}.{name}", help=words.format(sensor.name), required=False, of=sensor.name)
            for sensor in self._sensors
            for name, words in self._wanted().items()
        )

    def features(
        self,
        examples: Examples,
        truth: NDArray[np.object_] | None,  # noqa: ARG002
    ) -> Mapping[str, NDArray[np.float64]]:
        found = {column.name: np.full(len(examples), np.nan) for column in self.columns()}
        windows = examples.windows
        if windows is None:
            return found
        for rows, at in chunks(windows):
            for sensor in self._sensors:
                x = np.asarray(windows.readings[at, windows.names.index(sensor.name)])
                for name, values in self._computed(x).items():
                    found[f"{sensor.name}.{name}"][rows] = values
        return found

    def rulings(self, examples: Examples, labels: tuple[str, ...]) -> None:
        """None: what it knows is for the model to weigh."""

    def remember(self, examples: Examples, truth: NDArray[np.object_] | None) -> None:
        """Nothing."""

    def state(self) -> State:
        return State()

    def load(self, state: State) -> None:
        """Nothing was learnt."""

    def _wanted(self) -> dict[str, str]:
        return {
            **(STATISTICS if self._sets != "spectra" else {}),
            **(SPECTRA if self._sets != "statistics" else {}),
        }

    def _computed(self, x: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        return {
            **(statistics(x) if self._sets != "spectra" else {}),
            **(spectra(x) if self._sets != "statistics" else {}),
        }
