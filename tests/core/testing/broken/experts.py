from __future__ import annotations

import numpy as np

from vertikit import Number
from vertikit.contracts import Rulings, State

DAY = 86_400_000_000
NAMES = ("before", "share", "seen")


class Sound:
    """How many rows of the card came before, and the share of them that were found a day ago or earlier."""

    use = ("features",)

    def __init__(self):
        self.past = {}

    def begin(self, task, present):
        return "" if {"card", "time", "amount"} <= set(present) else "the data has no amounts"

    def columns(self):
        return tuple(Number(name) for name in NAMES[:2])

    def rows(self, examples, truth):
        found = {}
        times, cards = examples.numbers("time"), examples.column("card")
        for at, name in enumerate(examples.column("id")):
            found[name] = [cards[at], times[at], None if truth is None else truth[at] == "found"]
        return found

    def earlier(self, known, card, time):
        return [row for row in known.values() if row[0] == card and row[1] < time]

    def labelled(self, rows, time):
        return [row[2] for row in rows if row[2] is not None and row[1] < time - DAY]

    def features(self, examples, truth):
        own = self.rows(examples, truth)
        known = {**self.past, **own}
        before, share = [], []
        for card, time, _ in own.values():
            rows = self.earlier(known, card, time)
            labels = self.labelled([row for row in known.values() if row[0] == card], time)
            before.append(len(rows))
            share.append(np.mean(labels) if labels else np.nan)
        return {"before": np.array(before, float), "share": np.array(share, float)}

    def rulings(self, examples, labels):
        return None

    def remember(self, examples, truth):
        self.past.update(self.rows(examples, truth))

    def state(self):
        return State(tree={"past": self.past})

    def load(self, state):
        self.past = dict(state.tree["past"])


class Short(Sound):
    def columns(self):
        return (*super().columns(), Number("promised"))


class Foresighted(Sound):
    def earlier(self, known, card, time):
        return [row for row in known.values() if row[0] == card]


class Knowing(Sound):
    def labelled(self, rows, time):
        return [row[2] for row in rows if row[2] is not None and row[1] <= time]


class Peeking(Sound):
    def rows(self, examples, truth):
        return super().rows(examples, np.array(examples.column("found"), object))


class Listed(Sound):
    def features(self, examples, truth):
        found = super().features(examples, truth)
        return {**found, "before": np.arange(len(examples), dtype=float)}


class Doubling(Sound):
    def remember(self, examples, truth):
        again = self.rows(examples, truth)
        self.past.update({f"{name} {len(self.past)}": row for name, row in again.items()})


class Forgetful(Sound):
    def state(self):
        return State(tree={"past": {}})


class Contrary(Sound):
    use = ("features", "constraint")

    def rulings(self, examples, labels):
        shape = (len(examples), len(labels))
        return Rulings(np.full(shape, 0.8), np.full(shape, 0.2), np.full(len(examples), "so", object))


SOUND = Sound
BROKEN = {
    "columns": Short,
    "past": Foresighted,
    "own truth": Knowing,
    "target": Peeking,
    "order": Listed,
    "memory": Doubling,
    "save": Forgetful,
    "rulings": Contrary,
}
