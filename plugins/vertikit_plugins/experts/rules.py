"""Rules that people wrote down: a small file of conditions on columns, and what each says of the answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import UsageError, VertikitError
from vertikit.columns import Column
from vertikit.contracts import Rulings, State, Use
from vertikit.errors import did_you_mean
from vertikit.table_columns import Category, Number
from vertikit_plugins.experts.rule_file import Rule, RuleFile, read_rules, rules_of

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.task import Task

PREFIX = "rule "


class Rules:
    """Rules from a file: as features each is a column of 0 and 1; as constraint or veto they bound the answer.

    Conditions are read by Polars as SQL conditions on the columns of one row. Where a value is missing, a condition
    that needs it does not hold, and its feature is missing too.

    Args:
        file: YAML with `rules`, a list of `name`, `when` (a condition), `then` (a class), and `at_least` or `at_most`
            (a bound on the probability of that class, by default at least 0.95); and with `columns`, short names for
            columns of the data.
        use: any of features, constraint and veto.
    """

    remembers = False

    def __init__(self, *, file: str = "", use: Sequence[Use] = ("features",)) -> None:
        wrong = [each for each in use if each not in ("features", "constraint", "veto")]
        if wrong or not use:
            named = f"{wrong[0]!r} is no use of an expert" if wrong else "it is used for nothing"
            raise UsageError(f"experts: rules: {named}.", "Name any of features, constraint and veto.")
        if not file:
            raise UsageError("experts: rules: no file is named.", "Name it: {name: rules, file: rules.yaml}")
        self.use: tuple[Use, ...] = tuple(use)
        self._path = Path(file)
        self._file: RuleFile | None = None
        self._kinds: Mapping[str, bool] = {}

    def begin(self, task: Task, present: Collection[str]) -> str:
        """Read the file, where it is there: a run brings its own copy of the rules, and needs it no more."""
        columns = {column.name: column for column in task.columns if column.name in present}
        self._kinds = {
            name: isinstance(column, Number)
            for name, column in columns.items()
            if isinstance(column, Number | Category)
        }
        if self._path.exists():
            self._file = read_rules(self._path)
        return ""

    def columns(self) -> tuple[Column, ...]:
        """A column for each rule, in their order, where they are used as features."""
        if "features" not in self.use:
            return ()
        return tuple(
            Number(PREFIX + rule.name, help=f"whether the rule {rule.name!r} holds", required=False)
            for rule in self._rules()
        )

    def features(
        self,
        examples: Examples,
        truth: NDArray[np.object_] | None,  # noqa: ARG002
    ) -> Mapping[str, NDArray[np.float64]]:
        """Rule -> [N] 1 where its condition holds, 0 where it does not, NaN where a value is missing."""
        return {PREFIX + name: holds for name, holds in self._holds(examples).items()}

    def rulings(self, examples: Examples, labels: tuple[str, ...]) -> Rulings | None:
        """The tightest bounds of all rules that hold; VertikitError where a rule names a class that there is not."""
        if self.use == ("features",):
            return None
        shape = (len(examples), len(labels))
        lowest, highest, reasons = np.zeros(shape), np.ones(shape), np.full(len(examples), "", object)
        found = self._holds(examples)
        for rule in self._rules():
            if rule.then not in labels:
                raise VertikitError(
                    f"{self._path}: rule {rule.name!r} speaks of {rule.then!r}, which is none of the classes.",
                    did_you_mean(rule.then, labels) or f"Classes are {', '.join(labels[:8])}.",
                )
            rows, place = np.flatnonzero(found[rule.name] == 1), labels.index(rule.then)
            lowest[rows, place] = np.maximum(lowest[rows, place], rule.at_least)
            highest[rows, place] = np.minimum(highest[rows, place], rule.at_most)
            for at in rows:
                reasons[at] = f"{reasons[at]}, and {rule.reason}" if reasons[at] else rule.reason
        apart = (lowest > highest).any(axis=1) | (lowest.sum(axis=1) > 1) | (highest.sum(axis=1) < 1)
        lowest[apart], highest[apart] = 0.0, 1.0
        reasons[apart] = [f"rules contradict each other: {said}" for said in reasons[apart]]
        return Rulings(lowest, highest, reasons)

    def remember(self, examples: Examples, truth: NDArray[np.object_] | None) -> None:
        """Nothing: rules have no past."""

    def state(self) -> State:
        return State(tree=self._known().tree())

    def load(self, state: State) -> None:
        self._file = rules_of(state.tree, str(self._path))

    def _known(self) -> RuleFile:
        if self._file is None:
            raise UsageError(f"{self._path}: there is no such file of rules.", "Check experts: rules: file.")
        return self._file

    def _rules(self) -> tuple[Rule, ...]:
        return self._known().rules

    def _holds(self, examples: Examples) -> dict[str, NDArray[np.float64]]:
        """Rule -> [N] 1, 0 or NaN."""
        import polars as pl

        known = self._known()
        frame = self._frame(known, examples)
        found = {}
        for rule in known.rules:
            condition = self._condition(rule, frame)
            whole = self._asked(rule, frame, condition)
            half = len(frame) // 2
            apart = pl.concat([self._asked(rule, part, condition) for part in (frame[:half], frame[half:])])
            if len(whole) != len(frame) or not whole.equals(apart):
                raise UsageError(
                    f"{self._path}: rule {rule.name!r}: its condition looks at other rows.",
                    "Write a condition on the values of one row, without sums or counts of all.",
                )
            found[rule.name] = whole.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return found

    def _condition(self, rule: Rule, frame: pl.DataFrame) -> pl.Expr:
        import polars as pl

        try:
            condition = pl.sql_expr(rule.when)
        except pl.exceptions.PolarsError as error:
            raise UsageError(
                f"{self._path}: rule {rule.name!r}: its condition cannot be read: {_first_line(error)}.",
                "Write it as in SQL: \"Torque [Nm]\" * speed > 9000 AND kind = 'L'",
            ) from None
        unknown = [name for name in condition.meta.root_names() if name not in frame.columns]
        if unknown and unknown[0] not in rule.when:  # a name that Polars made for a query within
            raise UsageError(
                f"{self._path}: rule {rule.name!r}: its condition asks for another table.",
                "Write a condition on the values of one row.",
            )
        if unknown:
            raise UsageError(
                f"{self._path}: rule {rule.name!r} names the column {unknown[0]!r}, which the data has not.",
                did_you_mean(unknown[0], frame.columns),
            )
        return condition

    def _asked(self, rule: Rule, frame: pl.DataFrame, condition: pl.Expr) -> pl.Series:
        import polars as pl

        try:
            series = frame.select(condition.alias("holds"))["holds"]
        except pl.exceptions.PolarsError as error:
            raise UsageError(
                f"{self._path}: rule {rule.name!r}: its condition cannot be used: {_first_line(error)}.",
                "Compare numbers with numbers, and kinds with words in single quotes.",
            ) from None
        if series.dtype != pl.Boolean:
            raise UsageError(
                f"{self._path}: rule {rule.name!r}: its condition is neither true nor false.",
                "Write a comparison, such as power > 9000.",
            )
        return series

    def _frame(self, known: RuleFile, examples: Examples) -> pl.DataFrame:
        """The columns of numbers and categories, also by their short names."""
        import polars as pl

        present = examples.table.column_names
        columns: dict[str, Any] = {}
        for name, is_number in self._kinds.items():
            if name in present:
                values = examples.numbers(name) if is_number else examples.column(name)
                kind = pl.Float64 if is_number else pl.String
                columns[name] = pl.Series(name, values, kind, nan_to_null=True)
        for short, name in known.columns.items():
            if name not in columns:
                raise UsageError(
                    f"{self._path}: columns: {short!r} stands for {name!r}, no number or category of the data.",
                    did_you_mean(name, columns),
                )
            columns[short] = columns[name].alias(short)
        return pl.DataFrame(columns)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
