"""How training went, and whether more rows would help."""

from __future__ import annotations

from collections.abc import Sequence

from vertikit.run.report import figures
from vertikit.run.report.measures import called
from vertikit.run.report.page import Block, Picture, Pictures, Section, Words, picture
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import Score, finite, number


def training(run: RunFiles) -> Section | None:
    """Loss and primary metric by epoch, and the gap between training and validation."""
    epochs: Sequence[Json] = run.metrics.get("epochs") or ()
    primary = str(run.metrics.get("primary", ""))
    pictures = []
    losses = _series(epochs, {"training rows": "train_loss", "validation rows": "valid_loss"})
    if losses:
        caption = (
            "Both lines should fall. Look for the place where the validation line turns up while the "
            "training line still falls: from there on it learns its rows by heart."
            if len(losses) > 1
            else "The line should fall. How rows fare that it does not learn from is not seen here."
        )
        pictures.append(Picture(figures.course("loss", "loss (error while learning)", losses), caption))
    scores = _series(epochs, {"training rows": f"train_{primary}", "validation rows": f"valid_{primary}"})
    valid = scores.get("validation rows", [])
    if scores:
        sign = 1 if run.metrics.get("higher_is_better", True) else -1
        best = round(max(valid, key=lambda point: sign * point[1])[0]) if valid else None
        if (run.metrics.get("split") or {}).get("refit"):
            best = None
        caption = (
            "The score that decides, epoch by epoch. Look whether it has levelled off; if it is still getting "
            "better at the right end, train longer."
        )
        drawing = figures.course("score", called(primary), scores, best, "validation rows")
        pictures.append(Picture(drawing, caption))
    blocks: list[Block] = [Pictures(tuple(pictures))] if pictures else []
    gap = _gap(run.metrics)
    if gap is not None:
        blocks.append(gap)
    return Section("training", "How training went", blocks, "Training") if blocks else None


def _series(epochs: Sequence[Json], keys: dict[str, str]) -> dict[str, list[tuple[float, float]]]:
    """Line -> (epoch, value) for the keys that occur."""
    found = {}
    for line, key in keys.items():
        points = [
            (float(epoch.get("epoch", position)), value)
            for position, epoch in enumerate(epochs, 1)
            if (value := finite(epoch.get(key))) is not None
        ]
        if points:
            found[line] = points
    return found


def _gap(metrics: Json) -> Words | None:
    overfitting = metrics.get("overfitting") or {}
    train, valid = finite(overfitting.get("train")), finite(overfitting.get("valid"))
    if train is None or valid is None:
        return None
    primary = called(str(metrics.get("primary", "score")))
    gap = finite(overfitting.get("gap"))
    alone = metrics.get("alone") or metrics.get("test") or {}
    test = Score.of(alone.get(metrics.get("primary")))
    held_out = (
        "the rows left out of training in turn" if overfitting.get("in_turn") else "the validation rows"
    )
    text = f"{primary} on the training rows is {number(train)}, on {held_out} {number(valid)}"
    text += f", on the test rows {test.text}." if test.value is not None else "."
    text += f" The gap between the first two is {number(train - valid if gap is None else gap)}"
    if overfitting.get("alarm"):
        return Words(text + ", enough to raise the alarm: the model has learnt some of its rows by heart.")
    return Words(text + ", below what raises the alarm.", "soft")


def learning_curve(run: RunFiles) -> Section | None:
    """The score by number of training rows, where the recipe asked for it."""
    points = [
        (rows, Score.of(each))
        for each in run.metrics.get("learning_curve") or ()
        if (rows := finite(each.get("rows"))) is not None
    ]
    points = sorted((each for each in points if each[1].value is not None), key=lambda each: each[0])
    if not points:
        return None
    drawing = figures.learning_curve(called(str(run.metrics.get("primary", "score"))), points)
    caption = (
        "The score of models trained on fewer of the rows. Look at the right end: where it is still getting "
        "better, more labelled rows would help; where it is flat, they would not."
    )
    return Section("learning-curve", "Would more rows help?", [picture(drawing, caption)], "More rows?")
