"""What a head has to keep to (`vertikit.contracts.Head`, `FittedHead`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.registry.options import BY_ENGINE
from vertikit.testing.check import Failed, NotApplicable, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject, takes

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.contracts import Features

WIDTH, ROWS, MEMBERS = 8, 40, 3
LABELS = (("1", "2", "3"), ("1", "2"))
"""Numbers, since a head may be for steps of a scale; two, where it is for two classes alone."""


@dataclass
class Given:
    """What the engine builds a head with, and rows [ROWS] for it.

    Args:
        needs: the parameter of its factory: labels, numbers, oddness or findings.
    """

    needs: str
    value: Any
    values: list[Any]

    def pooled(self) -> Tensor:
        """[ROWS, WIDTH] features that tell the target."""
        import torch

        random = torch.Generator().manual_seed(1)
        size = [float(each) if self.needs == "numbers" else hash_of(each) for each in self.values]
        told = torch.tensor(size)[:, None] * torch.linspace(-1, 1, WIDTH)
        return told + 0.3 * torch.randn(ROWS, WIDTH, generator=random)


def hash_of(value: Any) -> float:
    """A small number for a class."""
    return float(sum(map(ord, str(value))) % 7)


def given(subject: Subject) -> Given:
    """The first of the kit's targets that its factory takes; `Failed` where it takes none."""
    from vertikit.testing.made.frames import TARGETS

    def find() -> Given:
        factory = subject.factory
        tried: list[Given] = []
        for labels in LABELS if takes(factory, "labels") else ():
            tried.append(Given("labels", labels, [labels[at % len(labels)] for at in range(ROWS)]))
        if takes(factory, "numbers"):
            tried.append(Given("numbers", TARGETS["numbers"], [float(at % 10) for at in range(ROWS)]))
        if takes(factory, "oddness"):
            tried.append(Given("oddness", TARGETS["sound or odd"], ["sound"] * ROWS))
        if takes(factory, "findings"):
            truth = [
                f"{'+' if at % 2 else '-'}1|{'+' if at % 3 else '-'}2|-3" if at % 5 else "+3"
                for at in range(ROWS)
            ]
            tried.append(Given("findings", ("1", "2", "3"), truth))
        if not tried:
            other = [each for each in BY_ENGINE["heads"] if each != "width" and takes(factory, each)]
            if other:
                raise NotApplicable(f"it is for {other[0]}, of which the kit makes none")
            raise Failed("its factory takes none of labels, numbers, oddness and findings")
        errors = []
        for each in tried:
            try:
                subject.make(width=WIDTH, **{each.needs: each.value})
            except NotApplicable:
                raise
            except Exception as error:
                errors.append(error)
                continue
            return each
        raise errors[0]

    found: Given = subject.once("given", find)
    return found


def _make(subject: Subject, options: Mapping[str, Any]) -> Any:
    own = given(subject)
    return subject.make(width=WIDTH, **{own.needs: own.value}, **options)


def _encoded(subject: Subject, head: Any) -> Any:
    """Targets [ROWS] as training gives them."""
    import torch

    own = given(subject)
    if own.needs == "oddness":
        return torch.zeros(ROWS, dtype=torch.long)
    return torch.as_tensor(head.encode(own.values))


def _features(subject: Subject, head: Any, rows: Any = slice(None)) -> Features:
    """Features of the rows; with patches where a fitted head reads those."""
    import torch

    from vertikit.contracts import Features

    pooled = given(subject).pooled()
    if getattr(head, "reads", "pooled") != "tokens":
        return Features(pooled[rows])
    random = torch.Generator().manual_seed(2)
    tokens = pooled[:, None, None, :] + 0.1 * torch.randn(ROWS, 2, 2, WIDTH, generator=random)
    return Features(pooled[rows], tokens[rows], torch.ones(ROWS, 2, 2, dtype=torch.bool)[rows])


def _learnt(subject: Subject) -> Any:
    """A head that has learnt what it learns before a gradient, or all, in eval mode."""
    import torch

    from vertikit.contracts import FittedHead, StartingHead

    torch.manual_seed(3)
    head = _make(subject, {})
    encoded = _encoded(subject, head)
    if isinstance(head, FittedHead):
        head.begin(ROWS)
        for at in range(0, ROWS, 16):
            rows = slice(at, at + 16)
            head.learn(_features(subject, head, rows), encoded[rows])
        head.finish()
    else:
        head.fit(given(subject).pooled())
        if isinstance(head, StartingHead):
            head.start_from(encoded, torch.ones(ROWS))
    head.eval()
    return head


def _raw(subject: Subject, head: Any, rows: Any = slice(None)) -> Tensor:
    import torch

    with torch.no_grad():
        found: Tensor = head(_features(subject, head, rows))
    return found


@check("heads", "shapes")
def shapes(subject: Subject) -> None:
    """Raw outputs are [B, K] and finite, and answers are probabilities, or numbers, one an example."""
    import torch

    own, head = given(subject), _learnt(subject)
    raw = _raw(subject, head)
    expect(raw.dim() == 2 and len(raw) == ROWS, f"raw outputs {list(raw.shape)} of {ROWS} examples")
    expect(torch.isfinite(raw).all(), "a raw output is not finite")
    expect(raw.is_floating_point(), f"raw outputs are {raw.dtype}")
    found = raw.numpy().astype(np.float64)
    if own.needs == "numbers":
        numbers = np.asarray(head.numbers(found))
        expect(
            numbers.shape == (ROWS,) and np.isfinite(numbers).all(),
            f"numbers {numbers.shape} of {ROWS} examples",
        )
    elif own.needs == "oddness":
        expect((found >= 0).all(), "a score of oddness is below 0")
    else:
        share = np.asarray(head.probabilities(found))
        expect(share.shape == (ROWS, len(own.value)), f"probabilities {share.shape}, {len(own.value)} labels")
        expect((share >= 0).all() and (share <= 1).all(), "a probability is outside 0 to 1")
        one = own.needs == "findings" or np.allclose(share.sum(axis=1), 1, atol=1e-6)
        expect(one, "probabilities do not add up to 1")


@check("heads", "gradient")
def gradient(subject: Subject) -> None:
    """Gradients reach every trained weight of the head, and the features before it."""
    import torch

    from vertikit.contracts import Features, FittedHead

    head = _learnt(subject)
    if isinstance(head, FittedHead):
        raise NotApplicable("it is fitted, without a gradient")
    head.train()
    pooled = given(subject).pooled().requires_grad_(True)
    raw = head(Features(pooled))
    (raw * torch.randn_like(raw)).sum().backward()
    expect(pooled.grad is not None, "no gradient reaches the features: an encoder below it learns nothing")
    for name, each in head.named_parameters():
        if each.requires_grad:
            expect(each.grad is not None, f"no gradient reaches {name}")
            expect(torch.isfinite(each.grad).all(), f"the gradient of {name} is not finite")
            expect(each.grad.abs().sum() > 0, f"the gradient of {name} is zero")


@check("heads", "seed")
def seed(subject: Subject) -> None:
    """The same seed and rows give the same outputs."""
    import torch

    expect(torch.equal(_raw(subject, _learnt(subject)), _raw(subject, _learnt(subject))), "outputs differ")


@check("heads", "company")
def company(subject: Subject) -> None:
    """An example's outputs are the same in any batch, of any order and size."""
    import torch

    head = _learnt(subject)
    whole = _raw(subject, head)
    order = torch.randperm(ROWS, generator=torch.Generator().manual_seed(4))
    expect(
        torch.allclose(_raw(subject, head, order), whole[order], atol=1e-5), "outputs change with the order"
    )
    alone = torch.cat([_raw(subject, head, slice(at, at + 1)) for at in range(ROWS)])
    expect(torch.allclose(alone, whole, atol=1e-5), "outputs change with the size of the batch")


@check("heads", "save")
def save(subject: Subject) -> None:
    """What was saved and read back gives equal outputs."""
    import torch
    from safetensors.torch import load_file, save_file

    from vertikit.contracts import FittedHead
    from vertikit.fitted_store import load_fitted, save_fitted

    head = _learnt(subject)
    if not isinstance(head, FittedHead):
        with torch.no_grad():
            for each in head.parameters():
                each += 0.1
    torch.manual_seed(99)
    other = _make(subject, {})
    if isinstance(head, FittedHead):
        save_fitted(subject.folder, "head", head)
        load_fitted(subject.folder, "head", other)
    else:
        path = subject.folder / "head.safetensors"
        save_file({name: each.contiguous().clone() for name, each in head.state_dict().items()}, str(path))
        other.load_state_dict(load_file(str(path)))
    other.eval()
    expect(
        torch.equal(_raw(subject, other), _raw(subject, head)),
        "outputs differ: what it learns outside the gradient has to be buffers, or its state",
    )


@check("heads", "unknown label")
def unknown_label(subject: Subject) -> None:
    """A label that it was not built with is a ValueError."""
    from vertikit.errors import VertikitError

    own = given(subject)
    if own.needs != "labels":
        raise NotApplicable("it is no head of classes")
    try:
        _make(subject, {}).encode(["no such label"])
    except (ValueError, VertikitError):
        return
    raise Failed("a label that it does not know is encoded without a word")


@check("heads", "members")
def members(subject: Subject) -> None:
    """Outputs of an ensemble's members become those of one model."""
    import torch

    from vertikit.contracts import Features, FittedHead

    head = _learnt(subject)
    if isinstance(head, FittedHead):
        raise NotApplicable("it is fitted, on features without members")
    raw = _raw(subject, head)
    pooled = given(subject).pooled()
    with torch.no_grad():
        several = head(Features(torch.stack([pooled] * MEMBERS, dim=1)))
        expect(
            several.shape == (ROWS, MEMBERS, raw.shape[1]),
            f"outputs {list(several.shape)} of {MEMBERS} members",
        )
        merged = head.merged(several)
    expect(merged.shape == raw.shape, f"merged outputs are {list(merged.shape)}, not {list(raw.shape)}")
    alike = head.numbers if given(subject).needs == "numbers" else head.probabilities
    same = np.allclose(alike(merged.double().numpy()), alike(raw.double().numpy()), atol=1e-5)
    expect(same, "members that all say the same become something else")


CHECKS = (
    built("heads", ("forward",), _make),
    shapes, gradient, seed, company, save, unknown_label, members,
    refuses("heads", _make),
)  # fmt: skip
