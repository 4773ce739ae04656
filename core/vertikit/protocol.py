"""How a trade judges: the protocol of a task. Importable in a few milliseconds and without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What a trade asks for before a model is used.

    Args:
        metric: one of the protocol's; higher or lower is better as it says.
        limit: at least this, or at most this where lower is better.
        against: "" for the metric itself; "second": what the model loses against the second opinion is at most the
            limit; "slices": in every slice.
    """

    metric: str
    limit: float
    against: Literal["", "second", "slices"] = ""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Rows altered so that they should not get through.

    Args:
        name, says: what is done, in a word and in a sentence.
        alter: import path of `alter(texts, random)`: text columns by name, a list [n] each, and a `random.Random` ->
            the altered columns, or None where these rows have nothing to make it of.
        through: import path of `through(frame, context)`: predictions -> [n] whether a row gets what it should not.
        most: the share of altered rows that may get through.
    """

    name: str
    says: str
    alter: str
    through: str
    most: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How a trade judges. Every name is a registered component.

    Args:
        splits: split names in order of preference; the first that fits the data is used.
        primary: the metric that decides: early stopping, the verdict, the comparison with the baseline.
        metrics: what else is computed.
        baselines: what the user would have used otherwise, trained on the same rows in the same run.
        why: two or three plain sentences on how the trade judges, for `vertikit show` and the report.
        experts_alone: the baseline that shows what the columns of experts say by themselves; "" for none.
        detailed: metrics that are also given for every slice and for a second opinion.
        bars: what the trade asks for, each told as passed or failed.
        probes: altered rows that should not get through, tried in every evaluation.
        shortcut: a baseline that sees all but what matters (the borders of a picture, say); where it does as well as
            the model, that is warned of. "" for none.
        folded: columns whose values several examples share that are judged as one (slices of a study), in order of
            preference.
    """

    splits: tuple[str, ...]
    primary: str
    metrics: tuple[str, ...]
    baselines: tuple[str, ...]
    why: str
    experts_alone: str = ""
    detailed: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    probes: tuple[Probe, ...] = ()
    shortcut: str = ""
    folded: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OnNumbers:
    """What is other where the data show that the target is a number and not a class.

    Args:
        protocol: how it is judged then. recipe: laid over the task's own.
    """

    protocol: Protocol
    recipe: Mapping[str, Any] = field(default_factory=dict)
