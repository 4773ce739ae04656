from __future__ import annotations

import numpy as np

from vertikit.contracts import Metric


def accuracy(frame, context):
    return float(np.mean(np.asarray(frame["truth"], object) == np.asarray(frame["prediction"], object)))


def doubled(frame, context):
    return 2 * accuracy(frame, context)


def late_rows_first(frame, context):
    right = np.asarray(frame["truth"], object) == np.asarray(frame["prediction"], object)
    return float(np.average(right, weights=np.arange(1, len(right) + 1)))


def among_several(frame, context):
    return accuracy(frame, context) / {len(set(frame["truth"])): 1.0}[5]


def sure(frame, context):
    return float(frame.filter(like="p.").to_numpy().max())


SOUND = Metric(accuracy, learn=sure)
BROKEN = {
    "range": Metric(doubled),
    "direction": Metric(accuracy, higher_is_better=False),
    "order": Metric(late_rows_first),
    "few rows": Metric(among_several),
    "learnt": Metric(accuracy, learn=lambda frame, context: {accuracy(frame, context)}),
}
