"""What a vertical offers: a task, its columns, and the protocol by which its trade judges.

Frozen dataclasses, declarative, importable in a few milliseconds and without torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from vertikit.columns import Column, Group, Id, Reference, Role, Sensitive
from vertikit.errors import UsageError, did_you_mean
from vertikit.protocol import OnNumbers, Protocol
from vertikit.soundness import Soundness
from vertikit.table_columns import Time


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a model card of the task says of its use."""

    intended_use: str
    population: str
    limits: str
    decision_owner: str = ""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A job of a trade: inputs and targets, the protocol, the default recipe, sample data.

    Args:
        name: `vertical/task`.
        summary: one sentence.
        columns: inputs, targets and roles, in the order in which they are listed.
        protocol: how it is judged.
        card: what the model card says.
        recipe: the task's own defaults, a nested mapping with the keys of `vertikit.recipe.Recipe`.
        further: whether every column of a file that has no role is an input too, of the type that its values show.
        group_from: an input that says what rows have in common where the data has no group column.
        sample: import path of `write(path, rows, seed)`, which writes the task's sample data as CSV; files that its
            rows name, in the folder `vertikit.sample_files.files_beside(path)`, with cells such as `parts/7.png`.
        sample_note: one sentence that says where the sample data comes from.
        sample_recipe: what the recipe has to say for the sample, where that is more than the defaults.
        showcase: whether `vertikit demo` without a name shows this task.
        unit: the plural of what an example is, for sentences.
        lowest_without: an input without which there is nothing to judge: where it is empty, the answer is the lowest
            class or the least number, and the reason says so.
        remarks: import path of a function that makes `vertikit.remarks.Remarks`: texts beside each prediction.
        on_numbers: of a task whose target may be classes or a number, what is other for a number.
    """

    name: str
    summary: str
    columns: tuple[Column, ...]
    protocol: Protocol
    card: Card
    recipe: Mapping[str, Any] = field(default_factory=dict)
    further: bool = False
    group_from: str = ""
    sample: str = ""
    sample_note: str = ""
    sample_recipe: Mapping[str, Any] = field(default_factory=dict)
    showcase: bool = False
    unit: str = "rows"
    lowest_without: str = ""
    remarks: str = ""
    on_numbers: OnNumbers | None = None

    def __post_init__(self) -> None:
        vertical, slash, rest = self.name.partition("/")
        if not (vertical and slash and rest):
            raise ValueError(f"a task is named vertical/task, not {self.name!r}")
        names = [column.name for column in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"task {self.name}: column {twice[0]!r} is declared twice")
        told = bool(self.targets) and self.targets[0].ahead
        if not (self.inputs or self.further or told) or not self.targets:
            raise ValueError(f"task {self.name}: at least one input and one target are needed")

    @property
    def vertical(self) -> str:
        return self.name.partition("/")[0]

    def with_role(self, role: Role) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.role == role)

    @property
    def inputs(self) -> tuple[Column, ...]:
        return self.with_role("input")

    @property
    def modalities(self) -> tuple[str, ...]:
        """Of the inputs: "text", "image", …; each once. A target that is foretold is an input too, as series."""
        if self.target.ahead:
            return ("series",)
        return tuple(dict.fromkeys(column.modality for column in self.inputs if column.modality))

    @property
    def targets(self) -> tuple[Column, ...]:
        return self.with_role("target")

    @property
    def target(self) -> Column:
        """The one target of a task that has one."""
        return self.targets[0]

    @property
    def group(self) -> Group | None:
        """The group that a split keeps whole."""
        return next((each for each in self.columns if isinstance(each, Group) and each.kept_whole), None)

    @property
    def reference(self) -> Reference | None:
        """The second opinion on the target."""
        return next((column for column in self.columns if isinstance(column, Reference)), None)

    @property
    def time(self) -> Time | None:
        return next((column for column in self.columns if isinstance(column, Time)), None)

    @property
    def id(self) -> Id | None:
        return next((column for column in self.columns if isinstance(column, Id)), None)

    @property
    def sensitive(self) -> tuple[Sensitive, ...]:
        return tuple(column for column in self.columns if isinstance(column, Sensitive))

    def with_columns(self, further: Iterable[Column]) -> Task:
        """The task with more columns, those that a file turned out to have."""
        return replace(self, columns=(*self.columns, *further))

    def for_outcome(self, kind: str) -> Task:
        """The task as it is for that kind of outcome ("classes" or "numbers")."""
        if kind != "numbers" or self.on_numbers is None:
            return self
        from vertikit.recipe.merging import lay_over

        other = self.on_numbers
        return replace(
            self, protocol=other.protocol, recipe=lay_over(self.recipe, other.recipe), on_numbers=None
        )

    def scaled(self, minimum: float | None, maximum: float | None, step: float | None) -> Task:
        """The task with the scale of its target stated, where it is stated; UsageError where that has none."""
        stated = {"minimum": minimum, "maximum": maximum, "step": step}
        known: dict[str, Any] = {key: value for key, value in stated.items() if value is not None}
        if not known:
            return self
        if unknown := known.keys() - {each.name for each in fields(self.target)}:
            raise UsageError(
                f"the recipe is wrong at scale.{min(unknown)}: {self.target.name} of {self.name} is no such scale.",
                "Leave it out.",
            )
        target = replace(self.target, **known)
        columns = (target if each is self.target else each for each in self.columns)
        return replace(
            self,
            columns=tuple(
                replace(each, like=target) if isinstance(each, Reference) else each for each in columns
            ),
        )

    def judging(self, sound: Sequence[str] | None, overkill: float) -> Task:
        """The task with what its target of sound or odd calls sound, and the share of these that may be rejected;
        UsageError where names are given and the target is none."""
        if not isinstance(self.target, Soundness):
            if sound is None:
                return self
            raise UsageError(
                f"the recipe is wrong at oddness.sound: {self.target.name} of {self.name} is not sound or odd.",
                "Leave it out.",
            )
        named = self.target.sound if sound is None else tuple(sound)
        target = replace(self.target, sound=named, overkill=overkill)
        return replace(self, columns=tuple(target if each is self.target else each for each in self.columns))

    def column(self, name: str) -> Column:
        """The column of that name; UsageError with the nearest where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        known = [column.name for column in self.columns]
        raise UsageError(f"task {self.name} has no column {name!r}.", did_you_mean(name, known))
