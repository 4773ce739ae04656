"""What a backbone has to keep to (`vertikit.contracts.BackboneSource`, `Backbone`, `Items`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.testing.check import NotApplicable, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.contracts import Features

NEAR = 1e-4
"""How far features of one item may be apart, beside the largest of them: sums in another order differ by less."""
KINDS = {"text": "texts", "table": "table", "series": "windows", "image": "pictures"}
ROWS, FITTED = 6, 48


@dataclass
class Encoding:
    """An encoder of its own making, in eval mode, with values [ROWS] that it reads and their items."""

    backbone: Any
    values: Any
    items: Any

    def features(self, rows: Sequence[int] | None = None) -> Features:
        import torch

        chosen = np.arange(ROWS) if rows is None else np.asarray(rows, np.int64)
        with torch.no_grad():
            found: Features = self.backbone.module(**self.items.collate(chosen))
        return found

    def pooled(self, rows: Sequence[int] | None = None) -> Tensor:
        return self.features(rows).pooled


def _source(subject: Subject) -> Any:
    """`NotApplicable` where its weights are not on this machine."""
    try:
        source = subject.make()
        source.info()
    except VertikitError as error:
        raise NotApplicable(f"it cannot be built here: {error.what} {error.do}") from None
    return source


def _built(subject: Subject) -> Encoding:
    """A fresh encoder; of one that is made for the data, fitted to the kit's."""
    import torch

    from vertikit.contracts import LearnedBackbone

    source = _source(subject)
    torch.manual_seed(11)
    try:
        backbone = source.build()
        columns, many = _values(backbone.info.modality, FITTED)
        if isinstance(backbone, LearnedBackbone):
            backbone.fit(columns, many)
    except VertikitError as error:
        raise NotApplicable(f"it cannot be built here: {error.what} {error.do}") from None
    _, values = _values(backbone.info.modality, ROWS)
    backbone.module.eval()
    return Encoding(backbone, values, backbone.items(values))


def _shared(subject: Subject) -> Encoding:
    """One encoder for all checks that leave it as it is."""
    found: Encoding = subject.once("encoding", lambda: _built(subject))
    return found


def _values(modality: str, count: int) -> tuple[Any, Any]:
    """(columns, values [count]) of that modality; lengths differ, and the last is as short as can be."""
    from vertikit.adapt.series_values import series_values
    from vertikit.adapt.table_values import table_values
    from vertikit.testing.made.rows import made

    if modality not in KINDS:
        raise NotApplicable(f"the kit makes no values of modality {modality!r}")
    rows = made(KINDS[modality], FITTED)
    if count < FITTED:
        rows = rows.take(np.arange(count))
    columns = tuple(column for column in rows.task.inputs if column.modality == modality)
    if modality == "text":
        texts = [value or "" for value in rows.examples.column("text")]
        texts[1], texts[-1] = " ".join(texts), ""
        return columns, texts
    if modality == "image":
        return columns, rows.examples.pictures["image"]
    if modality == "series":
        return columns, series_values(columns, rows.examples)
    return columns, table_values(columns, rows.examples)


def _apart(one: Tensor, other: Tensor) -> float:
    """The largest difference, beside the largest size."""
    return float((one - other).abs().max() / one.abs().max().clamp(min=1e-6))


@check("backbones", "info")
def info(subject: Subject) -> None:
    """It says what it is: a modality, a width, layers, a licence."""
    found = _source(subject).info()
    expect(found.modality in KINDS, f"modality {found.modality!r} is none of {', '.join(KINDS)}")
    expect(
        found.width > 0 and found.max_length > 0, f"width {found.width}, maximal length {found.max_length}"
    )
    expect(found.licence.strip(), "it does not say its licence")
    for path in ("/", "\\"):
        expect(not found.source.startswith(path), "its source is a path of this machine")


@check("backbones", "features")
def features(subject: Subject) -> None:
    """Features are [B, D] of the width that it says, finite, and tell items apart."""
    import torch

    encoding = _shared(subject)
    found = encoding.features()
    width = encoding.backbone.info.width
    pooled = found.pooled
    right = pooled.dim() in (2, 3) and len(pooled) == ROWS and pooled.shape[-1] == width
    expect(right, f"features are {list(pooled.shape)} of {ROWS} items and width {width}")
    expect(pooled.dtype == torch.float32, f"features are {pooled.dtype}, not float32")
    expect(torch.isfinite(pooled).all(), "a feature is not finite")
    expect(float(pooled.std(dim=0).max()) > 0, "all items have the same features")
    if found.tokens is not None:
        expect(len(found.tokens) == ROWS, f"tokens are {list(found.tokens.shape)} of {ROWS} items")
        same = found.mask is None or found.mask.shape == found.tokens.shape[:-1]
        expect(
            same,
            f"the mask {list(found.mask.shape) if found.mask is not None else ''} does not fit the tokens",
        )


@check("backbones", "items")
def items(subject: Subject) -> None:
    """Items say how long each is, in how many windows it is read, and what is left out."""
    found = _shared(subject).items
    for name in ("lengths", "windows", "left_out"):
        values = np.asarray(getattr(found, name))
        expect(values.shape == (ROWS,), f"{name} is {values.shape} of {ROWS} items")
        low = 0 if name == "left_out" else 1
        expect((values >= low).all(), f"{name} has a value below {low}")


@check("backbones", "padding")
def padding(subject: Subject) -> None:
    """An item has the same features alone as beside longer ones: padding changes nothing."""
    encoding = _shared(subject)
    whole = encoding.pooled()
    for at in range(ROWS):
        away = _apart(whole[at : at + 1], encoding.pooled([at]))
        expect(away <= NEAR, f"item {at} is {away:.1e} away when it stands alone")


@check("backbones", "order")
def order(subject: Subject) -> None:
    """The order of a batch changes no features."""
    encoding = _shared(subject)
    mixed = [3, 0, 5, 1, 4, 2]
    away = _apart(encoding.pooled()[mixed], encoding.pooled(mixed))
    expect(away <= NEAR, f"features are {away:.1e} away in another order")


@check("backbones", "gradient")
def gradient(subject: Subject) -> None:
    """Released, every block with weights is reached by gradients, and these are finite."""
    import torch

    encoding = _built(subject)
    module = encoding.backbone.module
    module.requires_grad_(True)
    if not any(True for _ in module.parameters()):
        raise NotApplicable("it has no weights to train")
    module.train()
    found = module(**encoding.items.collate(np.arange(ROWS))).pooled
    (found * torch.randn_like(found)).sum().backward()
    for number, block in enumerate(encoding.backbone.blocks()):
        own = list(block.parameters())
        reached = [each.grad for each in own if each.grad is not None]
        expect(not own or reached, f"no gradient reaches block {number}")
        expect(
            all(torch.isfinite(each).all() for each in reached), f"a gradient of block {number} is not finite"
        )


@check("backbones", "blocks")
def blocks(subject: Subject) -> None:
    """Its blocks are the embeddings and then as many layers as it says."""
    encoding = _shared(subject)
    count = len(encoding.backbone.blocks()) - 1
    said = encoding.backbone.info.layers
    expect(count == said, f"{count} layers after the embeddings, and it says {said}")


@check("backbones", "seed")
def seed(subject: Subject) -> None:
    """Built twice under one seed, it gives the same features and fingerprint."""
    import torch

    one, other = _shared(subject), _built(subject)
    expect(one.backbone.fingerprint == other.backbone.fingerprint, "fingerprints differ")
    expect(torch.equal(one.pooled(), other.pooled()), "features differ")


@check("backbones", "save")
def save(subject: Subject) -> None:
    """Weights and what it learnt, saved and read back, give equal features."""
    import torch
    from safetensors.torch import load_file, save_file

    from vertikit.contracts import LearnedBackbone
    from vertikit.fitted_store import load_fitted, save_fitted

    encoding = _built(subject)
    with torch.no_grad():
        for each in encoding.backbone.module.parameters():
            each += 0.01 * torch.randn_like(each)
    path = subject.folder / "weights.safetensors"
    weights = {
        name: each.contiguous().clone() for name, each in encoding.backbone.module.state_dict().items()
    }
    save_file(weights, str(path))
    torch.manual_seed(77)
    other = _source(subject).build()
    if isinstance(encoding.backbone, LearnedBackbone):
        save_fitted(subject.folder, "learnt", encoding.backbone)
        load_fitted(subject.folder, "learnt", other)
    if weights:
        other.module.load_state_dict(load_file(str(path)))
    other.module.eval()
    again = Encoding(other, encoding.values, other.items(encoding.values))
    expect(torch.equal(again.pooled(), encoding.pooled()), "features differ")


@check("backbones", "altered")
def altered(subject: Subject) -> None:
    """An altered item is the same for one epoch and seed in any batch."""
    import torch

    from vertikit.contracts import AugmentingItems

    found = _shared(subject).items
    if not isinstance(found, AugmentingItems):
        raise NotApplicable("training sees its items as they are")
    module = _shared(subject).backbone.module
    with torch.no_grad():
        whole = module(**found.augmented(np.arange(ROWS), 1, 5)).pooled
        some = module(**found.augmented(np.array([4, 2]), 1, 5)).pooled
    away = _apart(whole[[4, 2]], some)
    expect(away <= NEAR, f"altered items are {away:.1e} away in another batch")


@check("backbones", "pretexts")
def pretexts(subject: Subject) -> None:
    """Tasks without labels give one finite loss an item, whose gradient reaches the encoder."""
    import torch

    from vertikit.contracts import PairedItems, PretextBackbone

    encoding = _built(subject)
    if not isinstance(encoding.backbone, PretextBackbone):
        raise NotApplicable("it has no task without labels")
    module = encoding.backbone.module
    module.requires_grad_(True)
    chosen = np.arange(ROWS)
    told = []
    for name, rate in encoding.backbone.pretexts.items():
        expect(0 < rate < 1, f"{name}: its learning rate is {rate}")
        try:
            task = encoding.backbone.pretext(name)
        except UsageError as error:
            told.append(error.what)
            continue
        paired = isinstance(encoding.items, PairedItems)
        batch = encoding.items.views(chosen, 0, 0) if paired else encoding.items.collate(chosen)
        module.train()
        module.zero_grad()
        losses = task(module, batch)
        expect(losses.shape == (ROWS,), f"{name}: losses are {list(losses.shape)} of {ROWS} items")
        expect(torch.isfinite(losses).all(), f"{name}: a loss is not finite")
        losses.sum().backward()
        learns = not any(True for _ in module.parameters()) or any(
            each.grad is not None and each.grad.abs().sum() > 0 for each in module.parameters()
        )
        expect(learns, f"{name}: no gradient reaches the encoder")
    if told and len(told) == len(encoding.backbone.pretexts):
        raise NotApplicable(told[0])


@check("backbones", "graph")
def graph(subject: Subject) -> None:
    """Its graph takes the example that it gives, and tensors become what the part gave."""
    import torch

    from vertikit.contracts import GraphBackbone

    backbone = _shared(subject).backbone
    if not isinstance(backbone, GraphBackbone):
        raise NotApplicable("it cannot be written as a graph")
    try:
        found = backbone.graph()
    except UsageError as error:
        raise NotApplicable(error.what) from None
    part = backbone.module.get_submodule(found.part) if found.part else backbone.module
    expect(set(found.flexible) <= set(found.inputs), "a flexible argument is none of the inputs")
    with torch.no_grad():
        tensors = found.tensors(part(*found.inputs.values()))
        again = found.tensors(found.given(tensors))
    expect(
        tensors and all(isinstance(each, torch.Tensor) for each in tensors),
        "it gives something else than tensors",
    )
    expect(
        all(torch.equal(*pair) for pair in zip(tensors, again, strict=True)), "tensors become something else"
    )


CHECKS = (
    built("backbones", ("info", "build")),
    info, features, items, padding, order, gradient, blocks, seed, save, altered, pretexts, graph,
    refuses("backbones"),
)  # fmt: skip
