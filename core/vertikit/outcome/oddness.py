"""A target that is sound or odd: answers are how odd an example is, and whether that is beyond the threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.outcome.choosing import build
from vertikit.outcome.classes import Classes
from vertikit.prepare.places import several

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.contracts import Baseline, Head
    from vertikit.evaluate.conformal import Threshold
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.prepare.overlap import Reasons
    from vertikit.recipe.model import Cleaning
    from vertikit.registry import Registry

SOUND, ODD = "sound", "odd"


@dataclass(frozen=True)
class Oddness(Classes):
    """Sound or odd, learnt from sound examples alone.

    Truths are "sound", or the name of the way in which an example is odd. Answers are [N, 3]: two numbers that sum to
    1, of which the second grows with the score and is one half at the threshold (no probability: what odd examples are
    like is not known), and the score itself.

    Args:
        names: what sound examples are called in the data. overkill: the share of them that may be taken for odd.
    """

    labels: tuple[str, ...] = (SOUND, ODD)
    kind: str = "oddness"
    names: tuple[str, ...] = (SOUND,)
    overkill: float = 0.05

    @classmethod
    def read(cls, labels: Sequence[Any], saved: Mapping[str, Any]) -> Oddness:
        del labels
        return cls(names=tuple(str(each) for each in saved["sound"]), overkill=float(saved["overkill"]))

    def manifest(self) -> dict[str, Any]:
        return {"kind": self.kind, "sound": list(self.names), "overkill": self.overkill}

    # --- preparing -------------------------------------------------------------------------------

    def truth(self, examples: Examples, name: str) -> NDArray[Any]:
        called = {each.casefold() for each in self.names}
        codes, known = examples.coded(name)
        words = [SOUND if word.casefold() in called else word for word in known]
        return np.append(np.array(words, object), [None])[codes]

    def learns(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        return np.asarray(truth == SOUND, bool)

    def check(self, target: Column, file_column: str, truth: NDArray[Any]) -> None:
        known = [each for each in truth.tolist() if each is not None]
        if SOUND in known:
            return
        names = [] if target.private else [f"{name!r}" for name, _ in Counter(known).most_common(6)]
        called = ", ".join(self.names[:6]) + (", …" if len(self.names) > 6 else "")
        raise VertikitError(
            f"column {file_column!r} names no sound example among {several(len(known), 'usable row')} of training "
            f"({called})" + (f"; it has {', '.join(names)}." if names else "."),
            "Say what sound ones are called: --set oddness.sound=NAME",
        )

    def conflicting(self, codes: Indices, truth: NDArray[Any]) -> NDArray[np.bool_]:
        return super().conflicting(codes, self.folded(truth))

    def unusable(
        self,
        target: Column,
        truth: NDArray[Any],
        codes: Indices,
        uses: NDArray[np.int8],
        cleaning: Cleaning,
    ) -> Reasons:
        """None: an odd one of its own kind is judged like the others."""
        del target, truth, codes, uses, cleaning
        return {}

    def learnt(
        self, folds: Sequence[Fold], truth: NDArray[Any], target: Column, examples: Examples | None = None
    ) -> Oddness:
        del folds, truth, target, examples
        return self

    def notes(self, target: Column, folds: Sequence[Fold], truth: NDArray[Any]) -> Iterator[str]:
        del target
        fold = folds[0]
        held = np.union1d(fold.train, fold.valid) if fold.refit else fold.calibrate
        if len(held) + 1 < 1 / self.overkill:
            yield (
                f"{several(len(held), 'sound example')} held out cannot show a threshold that rejects "
                f"{self.overkill:.1%} of sound ones: the highest score among them is taken, which rejects up to "
                f"1 in {len(held) + 1}. More would help, or --set oddness.overkill={1 / (len(held) + 1):.2f}"
            )
        for name, part in fold.tests.items():
            if not np.any(truth[part] != SOUND):
                which = "the test" if name == "test" else f"test {name!r}"
                yield f"{which} has nothing odd in it, so whether that is found cannot be judged there"

    def lines(self, target: Column, parts: Mapping[str, NDArray[Any]]) -> Iterator[str]:
        yield f"{target.name}: sound or odd, learnt from sound ones alone"
        counts = {name: Counter(each.tolist()) for name, each in parts.items()}
        kinds = sum(counts.values(), Counter[str]())
        if target.private:
            return
        for name in sorted(kinds, key=lambda name: (name != SOUND, -kinds[name], name)):
            of_parts = ", ".join(f"{each[name]:,} {part}" for part, each in counts.items() if each[name])
            yield f"  {name}  {several(kinds[name])} ({of_parts})"

    # --- adapting --------------------------------------------------------------------------------

    def build_head(
        self, name: str, registry: Registry, width: int, options: Mapping[str, Any], target: str
    ) -> Head:
        wrong = f"head {name!r} does not tell how odd an example is, and {target} is sound or odd."
        return build(name, registry, "oddness", wrong, width=width, oddness=self, **options)

    def usable(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        return np.array([each is not None for each in truth], bool)

    def weights(self, truth: NDArray[Any], learn: Indices, balanced: bool) -> NDArray[np.float32]:
        del learn, balanced
        return np.ones(len(truth), np.float32)

    # --- answering -------------------------------------------------------------------------------

    def answers(self, head: Head, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """[N, 3] of scores [N, 1], or of what `Threshold.apply` makes of them."""
        from vertikit.evaluate.conformal import Threshold

        del head
        return with_share(raw if raw.shape[1] == 2 else Threshold(self.overkill).apply(raw))

    def asked(self, name: str, baseline: Baseline, examples: Examples) -> NDArray[np.float64]:
        if not hasattr(baseline, "probabilities"):
            raise UsageError(
                f"baseline {name!r} foretells numbers, and the target is sound or odd here.",
                "Leave it out of the recipe's baselines.",
            )
        found = baseline.probabilities(examples, self.labels)
        odds = found[:, 1] / np.maximum(found[:, 0], 1e-12)
        return np.column_stack([found, odds])

    def encoded(self, truth: NDArray[Any]) -> NDArray[Any]:
        """0 sound, 1 odd, -1 not known."""
        return super().encoded(self.folded(truth))

    def given(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        odd = self.encoded(truth).astype(np.float64)
        return np.column_stack([1 - odd, odd, odd])

    def lowest(self) -> NDArray[np.float64]:
        return np.array([1.0, 0.0, 0.0])

    def usual(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        odd = float((self.encoded(truth) == 1).mean())
        return np.array([1 - odd, odd, odd])

    def calibration(self) -> Threshold:  # type: ignore[override]
        from vertikit.evaluate.conformal import Threshold

        return Threshold(self.overkill)

    def pool(self) -> Any:
        raise UsageError(
            "answers of sound or odd are scores, and cannot be blended with a baseline's.", "Leave out blend."
        )

    # --- judging ---------------------------------------------------------------------------------

    def frame(
        self,
        answers: NDArray[np.float64],
        truth: NDArray[Any] | Sequence[Any] | None,
        weight: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        """With columns `score`, and `kind` where truths are known."""
        import pandas as pd

        kinds = None if truth is None else np.asarray(truth, object)
        folded = None if kinds is None else self.folded(kinds)
        frame = super().frame(answers[:, :2], folded, weight).assign(score=answers[:, 2])
        return frame if kinds is None else frame.assign(kind=pd.Categorical(kinds))

    def flawless(self) -> pd.DataFrame:
        return self.frame(np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 2.0]]), [SOUND, ODD])

    def drawn(self, frame: pd.DataFrame) -> dict[str, Any]:
        from vertikit.evaluate.curves import confusion

        return {"confusion": confusion(frame, self.labels)}

    def unjudged(self, frame: pd.DataFrame) -> str:
        if not (frame["truth"] == ODD).any():
            return "nothing in the test is odd, so there is nothing to judge by"
        return "" if (frame["truth"] == SOUND).any() else "nothing in the test is sound"

    def columns(self, target: str, frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
        found = super().columns(target, frame) | {f"{target}.score": frame["score"].to_numpy()}
        if "kind" in frame.columns:
            found[f"{target}.kind"] = np.asarray(frame["kind"], object)
        return found

    def folded(self, truth: NDArray[Any]) -> NDArray[np.object_]:
        """[N] "sound", "odd" or None."""
        return np.array([each if each in (None, SOUND) else ODD for each in truth.tolist()], object)


def with_share(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """(log odds, score) [N, 2] -> answers [N, 3]."""
    from scipy.special import expit

    return np.column_stack([expit(-found[:, 0]), expit(found[:, 0]), found[:, 1]])
