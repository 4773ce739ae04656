"""The verb `distill`: the recipe of a small student of a finished run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vertikit.errors import UsageError
from vertikit.recipe.model import Choice
from vertikit.registry.options import options_of
from vertikit.run.run import Run
from vertikit.select.choosing import choose_backbone

if TYPE_CHECKING:
    from vertikit.recipe import Recipe

KEPT = (
    "combine", "experts", "class_weights", "primary", "metrics", "baselines", "reshape", "pictures", "split", "scale",
    "oddness", "cleaning", "policy", "seed", "calibration", "allow_leaks",
)  # fmt: skip
"""Of the teacher's recipe: what says which rows are which, and how they are judged."""

EXPERTS: Mapping[str, Any] = {"evaluation": {"compare_experts": False}}
"""A student without experts would still learn of a teacher that had them, and say nothing of their worth."""

FROM_NOTHING = {"epochs": 40, "patience": 6, "optimiser": {"rate": 5e-3, "encoder_rate": 5e-3}}
"""What suits a student that is not pretrained."""


def student_layers(
    run: Run, layers: Sequence[Mapping[str, Any]], further: str | None
) -> list[Mapping[str, Any]]:
    """The layers of a student's recipe below the user's own: the teacher's data and protocol, its encoder with half the
    layers where no other is asked for, all of it trained.

    UsageError where the teacher's encoder has no layers to leave out and no other is named.
    """
    teacher = run.recipe
    kept = teacher.model_dump(mode="json", include=set(KEPT))
    teaching: dict[str, Any] = {"run": str(run.folder)}
    if further is not None:
        teaching["data"] = further
    found: dict[str, Any] = {**kept, "strategy": "full", "blend": None, "teacher": teaching, **EXPERTS}
    if not any("backbone" in layer for layer in layers):
        found["backbone"] = _half(run, teacher)
    else:
        asked = Choice.model_validate(
            next(layer["backbone"] for layer in reversed(layers) if "backbone" in layer)
        )
        if not choose_backbone(asked, run.registry, run.task.modalities).info().pretrained:
            found |= FROM_NOTHING
    return [found, *layers]


def _half(run: Run, teacher: Recipe) -> dict[str, Any]:
    """The teacher's encoder with the lower half of its layers."""
    info = next(iter(run.manifest["backbones"].values()))
    name = teacher.backbone.name
    try:
        cut = "layers" in options_of(run.registry.get("backbones", name)).known
    except UsageError:
        cut = info["modality"] == "text"  # a folder or a Hub id
    if not cut or info["modality"] != "text" or int(info["layers"]) < 2:
        raise UsageError(
            f"the teacher's encoder {name!r} cannot be cut, so the student needs one of its own.",
            "Name a smaller one: --set backbone=NAME. `vertikit show` lists them.",
        )
    return {**teacher.backbone.options, "name": name, "layers": int(info["layers"]) // 2}


def remembered_mapping(run: Run, mapping: Mapping[str, str]) -> dict[str, str]:
    """The teacher's column map under the user's own."""
    own = {role: column for role, column in run.columns.items() if role != column}
    return {**own, **mapping}
