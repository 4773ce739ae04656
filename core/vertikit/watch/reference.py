"""The reference profile: what a training leaves of its rows for later ones to be compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import State
from vertikit.prepare.quarantine import count_reasons
from vertikit.watch.answered import of_answers
from vertikit.watch.clusters import Clusters
from vertikit.watch.content import Directions, encoded, features_of, of_content
from vertikit.watch.measuring import READ, Yardstick, drawn, groupings, of_inputs, text_columns, texts_of
from vertikit.watch.profiles import Profile, profile
from vertikit.watch.texts import vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.task import Task
    from vertikit.training.adapting import Adapted
    from vertikit.training.judging import Evaluated
    from vertikit.watch.measured import Measured

FILE = "reference"
MOST_ROWS = 100_000
"""Training rows that columns of a table are counted over, drawn at random."""
ENCODED = 1_000
"""Values that go through an encoder for this alone."""


@dataclass(frozen=True)
class Entry:
    """One measurement and what it was in training."""

    name: str
    column: str
    side: str
    bundle: str
    private: bool
    profile: Profile


class Reference:
    """Profiles of a training's inputs, and what it takes to measure others alike."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.stick = Yardstick()
        self.answers: dict[str, Clusters] = {}
        """How alike the answers to test rows of a group are, by the measurement's name."""
        self.read = self.unusable = 0
        self.reasons: tuple[tuple[str, int], ...] = ()
        self.rows = 0

    def add(self, measured: Measured, groups: list[NDArray[np.object_]], key: str) -> None:
        """Take in one measurement of training rows."""
        own = profile(measured, groups, key)
        self.entries[measured.name] = Entry(
            measured.name, measured.column, measured.side, measured.bundle, measured.private, own
        )

    def state(self) -> State:
        entries = []
        arrays: dict[str, NDArray[Any]] = {}
        for at, entry in enumerate(self.entries.values()):
            tree, own = entry.profile.saved()
            entries.append({**{key: value for key, value in vars(entry).items() if key != "profile"}, **tree})
            arrays |= {f"{at}.{name}": array for name, array in own.items()}
        for at, words in enumerate(self.stick.words.values()):
            arrays[f"words.{at}"] = words
        for at, each in enumerate(self.stick.directions.values()):
            arrays |= {f"directions.{at}.mean": each.mean, f"directions.{at}.axes": each.axes}
        tree = {
            "entries": entries,
            "words": list(self.stick.words),
            "directions": list(self.stick.directions),
            "answers": {name: [each.alike, each.size] for name, each in self.answers.items()},
            "read": self.read,
            "unusable": self.unusable,
            "reasons": [list(each) for each in self.reasons],
            "rows": self.rows,
        }
        return State(tree=tree, arrays=arrays)

    def load(self, state: State) -> None:
        tree, arrays = state.tree, state.arrays
        for at, each in enumerate(tree["entries"]):
            own = {
                name.partition(".")[2]: array for name, array in arrays.items() if name.startswith(f"{at}.")
            }
            name, column, side, bundle = (str(each[key]) for key in ("name", "column", "side", "bundle"))
            entry = Entry(name, column, side, bundle, bool(each["private"]), Profile.read(each, own))
            self.entries[entry.name] = entry
        self.stick = Yardstick(
            {name: arrays[f"words.{at}"] for at, name in enumerate(tree["words"])},
            {
                name: Directions(arrays[f"directions.{at}.mean"], arrays[f"directions.{at}.axes"])
                for at, name in enumerate(tree["directions"])
            },
        )
        self.answers = {name: Clusters(*map(float, each)) for name, each in tree["answers"].items()}
        self.read, self.unusable = int(tree["read"]), int(tree["unusable"])
        self.reasons = tuple((str(why), int(count)) for why, count in tree["reasons"])
        self.rows = int(tree["rows"])


def make_reference(
    data: Prepared, task: Task, recipe: Recipe, adapted: Adapted, judged: Evaluated, progress: Progress
) -> Reference:
    """The profile of a training: its rows' inputs, and how its answers to test rows hang together.

    `task` is without the columns that experts add: histories that have just begun are no measure for later ones.
    """
    fold, key = data.folds[0], data.fingerprint
    made = Reference()
    made.read = data.read
    made.reasons = tuple(_of_inputs(Counter(dict(count_reasons(data.quarantine))), data))
    made.unusable = sum(count for _, count in made.reasons)
    take_inputs(made, task, data.examples.take(fold.train), key)
    for name in encoded(adapted.assembled):
        _add_content(made, name, data, recipe, adapted, judged, progress)
    answers = of_answers(task.target, judged.predictions, judged.parts.policy.abstains)
    groups = groupings(judged.examples)
    made.answers = {each.name: profile(each, groups, key).clusters for each in answers}
    return made


def take_inputs(made: Reference, task: Task, examples: Examples, key: str) -> None:
    """Let a reference take in all that is measured of the inputs of training examples but by the encoder."""
    own = examples.take(drawn(len(examples), MOST_ROWS))
    groups = groupings(own)
    made.rows = len(examples)
    first, second = _halves(own, drawn(len(own), READ))
    for column in text_columns(task, own):
        made.stick.words[column.name] = vocabulary(texts_of(own, column, first))
    # What the yardstick was learnt from would measure shorter by it than any other rows.
    measured_at = second if made.stick.words else np.sort(np.concatenate([first, second]))
    for each in of_inputs(task, own, measured_at, made.stick):
        made.add(each, groups, key)


def take_content(
    made: Reference, name: str, examples: Examples, features: NDArray[np.float32], key: str
) -> None:
    """Let it take in where features [N, D] of a binding lie: directions by one half, places by the other."""
    first, second = _halves(examples, np.arange(len(examples)))
    directions = Directions.of(features[first])
    if directions is None or not len(second):
        return
    made.stick.directions[name] = directions
    for each in of_content(name, features[second], directions, second):
        made.add(each, groupings(examples), key)


def _of_inputs(reasons: Mapping[str, int], data: Prepared) -> Iterator[tuple[str, int]]:
    """The reasons that a row without a label may have as well."""
    inputs = {column.name for column in data.task.columns if column.role != "target"}
    for why, count in reasons.items():
        if why.partition(" ")[0] in inputs:
            yield why, count


def _halves(examples: Examples, rows: Indices) -> tuple[Indices, Indices]:
    """Two parts of the rows at these positions that share no group."""
    if examples.group is None:
        mixed = np.random.default_rng(1).permutation(rows)
        return np.sort(mixed[: len(rows) // 2]), np.sort(mixed[len(rows) // 2 :])
    names = examples.group[rows].astype(str)
    _, codes = np.unique(names, return_inverse=True)
    order = np.random.default_rng(1).permutation(int(codes.max(initial=-1)) + 1)
    side = order[codes] % 2 == 0
    return rows[side], rows[~side]


def _add_content(
    made: Reference,
    name: str,
    data: Prepared,
    recipe: Recipe,
    adapted: Adapted,
    judged: Evaluated,
    progress: Progress,
) -> None:
    """Of training rows; of an encoder that has learnt from these, test rows: it sees others otherwise than those that
    it knows."""
    from vertikit.adapt.encoding import FeatureMatrix

    assembled, train = adapted.assembled, data.folds[0].train
    untouched = assembled.frozen and not assembled.pretrained and recipe.compress.run is None
    seen = adapted.bound.inputs.get(name)
    if untouched and isinstance(seen, FeatureMatrix):
        at = train[drawn(len(train), READ)]
        own, features = data.examples.take(at), seen.pooled[seen.rows[at]]
    else:
        pool = data.examples.take(train) if untouched else judged.examples
        own = pool.take(drawn(len(pool), ENCODED))
        features = features_of(assembled, own, name, progress)
    take_content(made, name, own, features, data.fingerprint)
