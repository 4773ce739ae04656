"""What metrics are called in a report, what they say, and which way is better."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vertikit.contracts import Metric
from vertikit.errors import VertikitError
from vertikit.evaluate.verdict import metric_title
from vertikit.run.report.reading import Json
from vertikit.run.report.wording import capital

_PASSED_OVER = {"a", "an", "of", "the"}


def called(name: str) -> str:
    """The name of a metric at the head of a line: «Macro F1», «Log loss».

    A short name that its own summary spells out by initials is an abbreviation: `abc`, «area between
    curves», is shown as ABC.
    """
    words = [word for word in re.findall(r"\w+", meaning(name)) if word not in _PASSED_OVER]
    initials = "".join(word if word.isupper() and len(word) > 1 else word[0] for word in words).casefold()
    if "_" not in name and len(name) > 1 and initials.startswith(name.casefold()):
        return name.upper()
    return capital(metric_title(name))


def meaning(name: str) -> str:
    """The summary that its plugin gives, or "" where no plugin here offers it."""
    from vertikit.registry import registry

    component = registry().find("metrics", name)
    return component.summary.rstrip(".") if component is not None else ""


def better(name: str, metrics: Json) -> str:
    """«higher is better», «lower is better», «best at 1», or "" where nobody here knows."""
    from vertikit.registry import registry

    higher: object = metrics.get("higher_is_better") if name == metrics.get("primary") else None
    component = registry().find("metrics", name)
    if higher is None and component is not None:
        try:
            metric = component.resolve()
        except VertikitError:
            return ""
        if isinstance(metric, Metric) and metric.aim is not None:
            return f"best at {metric.aim:g}"
        higher = metric.higher_is_better if isinstance(metric, Metric) else None
    return "" if higher is None else "higher is better" if higher else "lower is better"


def of_class(key: str, labels: Sequence[str]) -> bool:
    """Whether a key is `family.label`; a label may hold dots itself."""
    return key.partition(".")[2] in labels
