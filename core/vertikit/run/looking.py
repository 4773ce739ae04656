"""Which pictures of a test part a report shows, and where in them the model looked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertikit.adapt.binding import bound_values, with_beside
from vertikit.contracts import Explainer, Items
from vertikit.evaluate.frame import is_right, top_confidence
from vertikit.picture_columns import Image
from vertikit.run import places
from vertikit.run.pictures import Shown, as_png, beside, overlay

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from torch import Tensor

    from vertikit.examples import Examples, Indices
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry
    from vertikit.run.model_parts import ModelParts
    from vertikit.task import Task

WRONG, RIGHT = "Wrong, the surest first", "Right"
PRIVATE = (
    "Pictures are private here, and none is shown. With --show-values this report shows some of the test part, and "
    "where in them the model looked."
)


@dataclass(frozen=True)
class Looked:
    """Pictures for a report, and sentences on them for metrics.json."""

    shown: tuple[Shown, ...]
    notes: tuple[str, ...]


def look(
    task: Task,
    recipe: Recipe,
    parts: ModelParts,
    examples: Examples,
    frame: pd.DataFrame,
    known: Registry,
    *,
    show_values: bool,
    tell: Callable[[str], None],
) -> Looked | None:
    """Pictures of judged examples, the wrong ones first, with where the model looked, if the recipe names an explainer.

    None where the examples hold no pictures.
    """
    column = next(
        (each for each in task.inputs if isinstance(each, Image) and each.name in examples.pictures), None
    )
    if column is None or not recipe.pictures.shown:
        return None
    if column.private and not show_values:
        return Looked((), (PRIVATE,))
    if parts.locates and "score" in frame.columns:
        tell("drawing what was missed and what was caught")
        pictures, note = places.shown(task, parts, examples, frame, recipe.pictures.shown)
        return Looked(tuple(pictures), (note,))
    chosen = _chosen(frame, recipe.pictures.shown)
    if not chosen:
        return None
    explainer: Explainer | None = None
    notes = []
    if recipe.pictures.explain is not None:
        explainer = known.get("explainers", recipe.pictures.explain).resolve()()
        notes.append(
            "Left the picture as the model takes it, right the same with the places that spoke for its answer "
            f"({recipe.pictures.explain}). Such maps are a hint and no proof: look whether they lie where a person of "
            "the trade would look."
        )
        tell(f"looking where the model looks, in {len(chosen)} pictures")
    at = np.array([position for position, _ in chosen], np.int64)
    taken = examples.take(at)
    maps = _views(parts, taken, column.name, frame.take(at), explainer)
    shown = [
        Shown(int(taken.rows[place]), part, _caption(frame, position, int(taken.rows[place])), png)
        for place, ((position, part), png) in enumerate(zip(chosen, maps, strict=True))
    ]
    return Looked(tuple(shown), tuple(notes))


def _chosen(frame: pd.DataFrame, most: int) -> list[tuple[int, str]]:
    """Positions and their headings: up to half of them wrong, the surest first; the others right, classes in turn."""
    if "truth" not in frame.columns or not len(frame):
        return []
    right, sure = is_right(frame), top_confidence(frame)
    order = np.lexsort((np.arange(len(frame)), -sure))
    wrong = [int(at) for at in order if not right[at]][: most // 2]
    truth = np.asarray(frame["truth"], object)
    queues: dict[object, list[int]] = {}
    for at in order.tolist():
        if right[at]:
            queues.setdefault(truth[at], []).append(at)
    turn: list[int] = []
    while len(turn) < most - len(wrong) and any(queues.values()):
        turn += [queue.pop(0) for queue in queues.values() if queue]
    return [(at, WRONG) for at in wrong] + [(at, RIGHT) for at in turn[: most - len(wrong)]]


def _caption(frame: pd.DataFrame, at: int, row: int) -> str:
    truth, prediction = (str(np.asarray(frame[name], object)[at]) for name in ("truth", "prediction"))
    said = f"{truth}, and it said so" if truth == prediction else f"{truth}, taken for {prediction}"
    return f"Row {row}: {said} ({top_confidence(frame)[at]:.0%})"


def _views(
    parts: ModelParts, examples: Examples, column: str, frame: pd.DataFrame, explainer: Explainer | None
) -> Iterator[bytes]:
    """A PNG for each example: what the model takes of it and, beside it, where it looked."""
    import torch

    assembled = parts.assembled
    target = next(iter(assembled.model.heads))
    labels = assembled.outcome.labels
    inputs: dict[str, Items] = {
        name: assembled.backbones[owner].items(bound_values(assembled, examples, name))
        for name, owner in assembled.bindings.items()
    }
    together = with_beside(assembled, inputs, examples)
    frames = examples.pictures[column].frames
    answers = np.stack([frame[f"p.{label}"].to_numpy(np.float64) for label in labels], axis=1)
    assembled.model.eval()
    for at in range(len(examples)):
        number = int(frames[at])

        def batch_of(copies: int, at: int = at) -> dict[str, dict[str, Tensor]]:
            positions: Indices = np.full(copies, at, np.int64)
            return {
                name: {key: value.to(assembled.device) for key, value in items.collate(positions).items()}
                for name, items in together.items()
            }

        pixels = batch_of(1)[column]["pixels"]
        middle = (number - 1) // 2
        best = int(answers[at].argmax())

        def forward(
            asked: Tensor, number: int = number, middle: int = middle, best: int = best,
            batch_of: Callable[[int], dict[str, dict[str, Tensor]]] = batch_of,
        ) -> Tensor:  # fmt: skip
            batch = batch_of(len(asked))
            whole = batch[column]["pixels"].float()
            whole[middle::number] = asked
            raw: Tensor = assembled.model({**batch, column: {**batch[column], "pixels": whole}})[target]
            # One output says yes: where the answer is no, what speaks against it speaks for the answer.
            return raw if raw.shape[1] > 1 else raw * (1 if best else -1)

        own = pixels[middle : middle + 1].float()
        view = overlay(_visible(own[0].cpu().numpy()), None)
        if explainer is None:
            yield as_png(view)
            continue
        outputs = forward(own).shape[1]
        asked = torch.tensor([best if outputs > 1 else 0])
        heat = explainer.maps(forward, own, asked)[0]
        yield as_png(beside(view, overlay(_visible(own[0].cpu().numpy()), heat)))


def _visible(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """What a model takes [C, H, W], stretched to be seen [H, W, C]."""
    low, high = pixels.min(), pixels.max()
    grey = (pixels - low) / max(high - low, 1e-6) * 255
    found: NDArray[np.uint8] = grey.transpose(1, 2, 0).round().astype(np.uint8)
    return found if found.shape[2] in (1, 3) else found[:, :, :1]
