"""What a baseline says of rows that it was not trained on, for weighing it beside the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.adapt.fitting import Fitting
    from vertikit.contracts import Baseline
    from vertikit.examples import Examples


def out_of_fold_answers(
    baseline: Baseline,
    examples: Examples,
    truth: NDArray[np.object_],
    fitting: Fitting,
    labels: tuple[str, ...],
) -> NDArray[np.float64]:
    """Probabilities [n, K] for the calibration rows by baselines with the settings of a fitted one.

    Each of the fits that `fitting.calibrate_raw` comes from has one beside it, learnt from the same rows.
    """
    answers = np.zeros((len(examples), len(labels)))
    for learn, judged in fitting.held_out:
        beside = baseline.refit(examples.take(learn), truth[learn])
        answers[judged] = beside.probabilities(examples.take(judged), labels)
    return answers[fitting.calibrate]
