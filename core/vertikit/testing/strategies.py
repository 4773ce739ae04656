"""What a strategy has to keep to (`vertikit.contracts.Strategy`), on the kit's small encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import VertikitError
from vertikit.testing.check import Failed, NotApplicable, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject

if TYPE_CHECKING:
    from vertikit.testing.made.encoder import SmallEncoder

TEXTS = ("one two three", "four", "five six seven eight nine ten", "two four six")
RATE = 1e-3


def _applied(subject: Subject) -> tuple[Any, SmallEncoder]:
    """(the strategy, an encoder that it was applied to); `NotApplicable` where it refuses the kit's."""
    from vertikit.testing.made.encoder import SmallEncoder

    strategy, backbone = subject.make(), SmallEncoder()
    try:
        strategy.apply(backbone)
    except VertikitError as error:
        raise NotApplicable(f"it refuses the kit's small encoder: {error.what}") from None
    return strategy, backbone


def _disturbed(backbone: SmallEncoder) -> None:
    """What training does: every weight that is trained changes."""
    import torch

    random = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for each in backbone.module.parameters():
            if each.requires_grad:
                each.add_(0.1 * torch.randn(each.shape, generator=random))


@check("strategies", "trained")
def trained(subject: Subject) -> None:
    """The optimiser's groups hold every weight that is trained, once, and no frozen one."""
    strategy, backbone = _applied(subject)
    wanted = {id(each): name for name, each in backbone.module.named_parameters() if each.requires_grad}
    found = [id(each) for group in strategy.groups(backbone, RATE) for each in group["params"]]
    expect(len(found) == len(set(found)), "a weight is in two groups")
    lacking = [name for key, name in wanted.items() if key not in found]
    expect(not lacking, f"in no group, so never trained: {', '.join(lacking[:3])}")
    expect(not set(found) - wanted.keys(), "a group has weights that are frozen, or not of the encoder")
    if strategy.features_once:
        expect(not wanted, "it says that features are computed once, and trains the encoder")
    else:
        expect(wanted, "it trains nothing of the encoder, and does not say features_once")
    rates = [float(group.get("lr", RATE)) for group in strategy.groups(backbone, RATE)]
    expect(all(0 < rate <= RATE for rate in rates), f"learning rates are {rates}, of {RATE}")


@check("strategies", "gradient")
def gradient(subject: Subject) -> None:
    """Gradients reach every part of the encoder that is trained."""
    import torch

    strategy, backbone = _applied(subject)
    if strategy.features_once:
        raise NotApplicable("the encoder stays frozen")
    backbone.module.train()
    pooled = backbone.module(**backbone.items(TEXTS).collate(np.arange(len(TEXTS)))).pooled
    (pooled * torch.randn_like(pooled)).sum().backward()
    groups = [group["params"] for group in strategy.groups(backbone, RATE)]
    for number, group in enumerate(groups):
        reached = [each.grad for each in group if each.grad is not None]
        expect(reached, f"no gradient reaches group {number} of the optimiser")
        expect(
            all(torch.isfinite(each).all() for each in reached), f"a gradient of group {number} is not finite"
        )


@check("strategies", "save")
def save(subject: Subject) -> None:
    """What was trained, saved and read back gives equal features."""
    strategy, backbone = _applied(subject)
    _disturbed(backbone)
    folder = subject.folder / "encoder"
    folder.mkdir()
    strategy.save(backbone, folder)
    other, again = _applied(subject)
    other.load(again, folder)
    same = np.array_equal(again.features(TEXTS), backbone.features(TEXTS))
    expect(same, "features differ: not all that was trained is kept")


@check("strategies", "merge")
def merge(subject: Subject) -> None:
    """Merged into the encoder's plain weights, what was trained gives the same features."""
    from vertikit.testing.made.encoder import SmallEncoder

    strategy, backbone = _applied(subject)
    _disturbed(backbone)
    before = backbone.features(TEXTS)
    strategy.merge(backbone)
    away = float(np.abs(backbone.features(TEXTS) - before).max())
    expect(away <= 1e-5, f"features are {away:.1e} away after it")
    plain = SmallEncoder().module.state_dict().keys()
    expect(
        backbone.module.state_dict().keys() == plain,
        "the encoder has other weights than its source builds it with",
    )


@check("strategies", "seed")
def seed(subject: Subject) -> None:
    """Applied twice under one seed, it leaves the same encoder."""
    import torch

    found = []
    for _ in range(2):
        torch.manual_seed(8)
        strategy, backbone = _applied(subject)
        del strategy
        found.append(backbone)
    one, other = (each.module.state_dict() for each in found)
    expect(
        one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one), "weights differ"
    )


@check("strategies", "damage")
def damage(subject: Subject) -> None:
    """Damaged weights are an error of the kit's own kind."""
    strategy, backbone = _applied(subject)
    folder = subject.folder / "encoder"
    folder.mkdir()
    strategy.save(backbone, folder)
    files = list(folder.rglob("*.safetensors"))
    if not files:
        raise NotApplicable("it keeps no weights")
    for each in files:
        each.write_bytes(each.read_bytes()[: each.stat().st_size // 2])
    other, again = _applied(subject)
    try:
        other.load(again, folder)
    except VertikitError:
        return
    except Exception as error:
        raise Failed(f"{type(error).__name__}: {error}; raise VertikitError") from error
    raise Failed("half of a file of weights is read without a word")


@check("strategies", "defaults")
def defaults(subject: Subject) -> None:
    """Its defaults are keys of a recipe."""
    from vertikit.recipe import Recipe

    found = subject.make().defaults
    strange = sorted(set(found) - Recipe.model_fields.keys())
    expect(not strange, f"{strange[0] if strange else ''!r} is no key of a recipe")


CHECKS = (
    built("strategies", ("needs_pretrained", "features_once", "defaults", "apply", "groups", "save", "load", "merge")),
    trained, gradient, save, merge, seed, damage, defaults,
    refuses("strategies"),
)  # fmt: skip
