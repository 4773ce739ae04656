"""Registered names -> metrics."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Metric, MetricContext
from vertikit.errors import VertikitError

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.registry import Registry


def resolve_metrics(names: Iterable[str], registry: Registry) -> dict[str, Metric]:
    """The metrics of those names, each once and in order.

    A plain function of (truth, prediction) is wrapped: it gets two [N] arrays of class names and gives a
    number of which more is better. UsageError for an unknown name; VertikitError naming the plugin for
    what is neither a Metric nor such a function.
    """
    metrics: dict[str, Metric] = {}
    for name in dict.fromkeys(names):
        component = registry.get("metrics", name)
        found = component.resolve()
        if isinstance(found, Metric):
            metrics[name] = found
        elif _is_plain(found):
            metrics[name] = _wrapped(found)
        else:
            raise VertikitError(
                f"metric {name!r} of plugin {component.plugin!r} is neither a vertikit.contracts.Metric "
                "nor a function of (truth, prediction).",
                f"Mend or update the plugin, or leave it out with VERTIKIT_DISABLE={component.plugin}.",
            )
    return metrics


def _is_plain(found: Any) -> bool:
    if inspect.isclass(found) or not callable(found):
        return False
    try:
        inspect.signature(found).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


def _wrapped(function: Callable[[Any, Any], float]) -> Metric:
    def compute(frame: pd.DataFrame, _: MetricContext) -> float:
        return float(function(np.asarray(frame["truth"], object), np.asarray(frame["prediction"], object)))

    return Metric(compute, lower=-math.inf, upper=math.inf)
