"""What a baseline says of rows that it was not trained on, for weighing it beside the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.adapt.out_of_fold import Fitting
    from vertikit.contracts import Baseline
    from vertikit.examples import Examples
    from vertikit.outcome import Outcome


def out_of_fold_answers(
    baseline: Baseline,
    examples: Examples,
    truth: NDArray[Any],
    fitting: Fitting,
    name: str,
    outcome: Outcome,
) -> NDArray[np.float64]:
    """Answers [n, A] for the calibration rows by baselines with the settings of a fitted one.

    Each of the fits that `fitting.calibrate_raw` comes from has one beside it, learnt from the same rows.
    """
    answers: NDArray[np.float64] | None = None
    for learn, judged in fitting.held_out:
        beside = baseline.refit(examples.take(learn), truth[learn])
        given = outcome.asked(name, beside, examples.take(judged))
        answers = np.zeros((len(examples), given.shape[1])) if answers is None else answers
        answers[judged] = given
    assert answers is not None
    return answers[fitting.calibrate]
