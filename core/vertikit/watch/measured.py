"""What is measured of each example: a number or a kind of its inputs, its population or its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices

Side = Literal["input", "population", "answer"]
NUMBERS: Literal["numbers"] = "numbers"
KINDS: Literal["kinds"] = "kinds"


@dataclass(frozen=True)
class Measured:
    """One measurement of n of N examples.

    Args:
        name: as a reader knows it: "amount", "text: words".
        column: the task's column that it is of, or "" for answers.
        kind: "numbers" (float64, NaN where missing) or "kinds" (objects, None where missing).
        values: [n]. rows: [n] positions of the examples.
        private: whether no single value of it may be kept or shown.
        bundle: what several measurements are judged as together: directions in which features of an encoder spread.
    """

    name: str
    column: str
    kind: Literal["numbers", "kinds"]
    values: NDArray[Any]
    rows: Indices
    private: bool = False
    side: Side = "input"
    bundle: str = ""

    @property
    def known(self) -> NDArray[np.bool_]:
        """[n] whether there is a value."""
        import numpy as np

        if self.kind == NUMBERS:
            return np.asarray(np.isfinite(self.values))
        return np.array([value is not None for value in self.values.tolist()], bool)
