from __future__ import annotations

import numpy as np
import pandas as pd

from vertikit.contracts import Portable, State


class Sound:
    """The likeliest class where it is at least as sure as most calibration rows."""

    abstains = "ask"
    needs = ()
    explains = ()
    modules = ("tests.core.testing.broken.decider",)

    def __init__(self):
        self.sure = 0.5

    def fit(self, frame, labels):
        self.sure = float(np.quantile(self.table(frame, labels).max(axis=1), 0.3))

    def table(self, frame, labels):
        return frame[[f"p.{label}" for label in labels]].to_numpy()

    def answered(self, frame, labels):
        return self.table(frame, labels).max(axis=1) >= self.sure

    def decide(self, frame, labels):
        answered, best = self.answered(frame, labels), self.table(frame, labels).argmax(axis=1)
        decisions = [labels[at] if yes else self.abstains for at, yes in zip(best, answered, strict=True)]
        reasons = ["sure" if yes else "in doubt" for yes in answered]
        return pd.DataFrame({"decision": decisions, "reason": reasons}, index=frame.index, dtype=object)

    def account(self, frame, decisions):
        return {"asked": float((decisions["decision"] == self.abstains).mean())}

    def describe(self):
        return f"Answers from {self.sure:.3f} on."

    def state(self):
        return State(tree={"sure": self.sure})

    def load(self, state):
        self.sure = state.tree["sure"]

    def portable(self):
        return Portable(self.modules, {"sure": self.sure, "abstains": self.abstains})


class Renumbered(Sound):
    def decide(self, frame, labels):
        return super().decide(frame, labels).reset_index(drop=True)


class Peeking(Sound):
    def answered(self, frame, labels):
        if "truth" in frame.columns:
            return np.asarray(frame["truth"] == frame["prediction"], bool)
        return super().answered(frame, labels)


class Relative(Sound):
    def answered(self, frame, labels):
        best = self.table(frame, labels).max(axis=1)
        return best >= best.mean()


class Crowded(Relative):
    ranked = ("0", "1", "2", "3", "4")


class Forgetful(Sound):
    def state(self):
        return State(tree={"sure": 0.0})


class Silent(Sound):
    def account(self, frame, decisions):
        return {"asked": float("nan")}


class Bound(Sound):
    modules = ("tests.core.testing.broken.heads",)


SOUND = Sound
BROKEN = {
    "lines": Renumbered,
    "truth": Peeking,
    "company": Relative,
    "ranked": Crowded,
    "save": Forgetful,
    "told": Silent,
    "portable": Bound,
}
