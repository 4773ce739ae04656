"""The verb `compress`: the recipe of a smaller form of a finished run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vertikit.compress.steps import build_steps
from vertikit.contracts import FittedHead
from vertikit.errors import UsageError
from vertikit.recipe.model import Choice
from vertikit.run.run import Run
from vertikit.training.compressing import NOTHING, WHOLE
from vertikit.training.distilling import EXPERTS

if TYPE_CHECKING:
    from vertikit.registry import Registry

OWN = ("start", "pretrain", "teacher", "compress", "few_shot", "strategy", "evaluation", "refit")
"""Of the run's recipe, what its smaller form does not take over."""
COURSE = ("optimiser", "epochs", "patience", "batch")
"""How it was trained; taken over where the smaller one is trained in the same way."""


def compress_layers(
    run: Run, chosen: Sequence[Any], budget: str | None, layers: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The layers of a smaller run's recipe below the user's own. What a step takes away is made up for by training
    what is left, by the truth and by the answers of the run; where none takes anything away, nothing is trained."""
    old = run.recipe
    parts = run.parts.assembled
    steps = build_steps([Choice.model_validate(each) for each in chosen], run.registry)
    fitted = isinstance(parts.head, FittedHead)
    trains = any(step.compressor.trains for step in steps) or budget is not None
    # A model that was trained on its validation rows too has none left that a threshold could be set on.
    refitted = old.refit == "always" or bool((run.metrics.get("split") or {}).get("refit"))
    trains = not fitted and (trains or (refitted and not parts.frozen))
    same = old.strategy.name == WHOLE
    kept = old.model_dump(mode="json", exclude={*OWN, *(() if trains and same else COURSE)})
    if not trains and parts.frozen:
        kept |= old.model_dump(mode="json", include=set(COURSE))
    found: dict[str, Any] = {
        **kept,
        "strategy": (old.strategy.model_dump() if same else WHOLE) if trains else NOTHING,
        "compress": {"run": str(run.folder), "steps": list(chosen), "budget": budget},
        **EXPERTS,
    }
    if trains:
        found["refit"] = "never"
        if run.outcome.kind in ("classes", "numbers"):
            found["teacher"] = {"run": str(run.folder), "compare": False}
    return [found, *layers]


def named_steps(names: Sequence[str], registry: Registry) -> list[str]:
    """The compressors of `--method`, each by name or several with commas; UsageError for one that is not there."""
    found = [each.strip() for name in names for each in name.split(",") if each.strip()]
    for each in found:
        registry.get("compressors", each).require()
    if len(set(found)) < len(found):
        raise UsageError("--method names a compressor twice.", "Name each once.")
    order = {name: at for at, name in enumerate(found)}
    last = {name for name in found if getattr(registry.get("compressors", name).resolve(), "last", False)}
    return sorted(found, key=lambda name: (name in last, order[name]))


def asked_steps(layers: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The steps that the user's own layers of a recipe name, with their options."""
    found: list[Any] = []
    for layer in layers:
        compress = layer.get("compress")
        steps = compress.get("steps") if isinstance(compress, Mapping) else None
        found = list(steps) if isinstance(steps, (list, tuple)) else found
    return found
