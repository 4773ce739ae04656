"""What a loss has to keep to (`vertikit.contracts.Loss`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from vertikit.testing.check import Failed, NotApplicable, check, expect
from vertikit.testing.generic import refuses
from vertikit.testing.subject import Subject, refusal

if TYPE_CHECKING:
    from torch import Tensor

KINDS = ("three classes", "two classes", "a number", "findings")
ROWS = 12


def _targets(kind: str) -> tuple[Tensor, Tensor, Tensor]:
    """(raw outputs that are right, raw outputs that are wrong, targets) [ROWS]."""
    import torch

    random = torch.Generator().manual_seed(0)
    if kind == "a number":
        target = torch.randn(ROWS, generator=random)
        return target[:, None] + 0.01, target[:, None] + 3.0, target
    classes = 2 if kind == "two classes" else 3
    if kind == "findings":
        there = torch.rand(ROWS, classes, generator=random) < 0.5
        right = torch.where(there, 4.0, -4.0)
        target = there.float()
        target[::4, 0] = torch.nan
        return right, -right, target
    target = torch.arange(ROWS) % classes
    right = 4.0 * torch.eye(classes)[target]
    return right, right.roll(1, dims=1), target


def _usable(subject: Subject) -> Mapping[str, Callable[..., Any]]:
    """The kinds of targets that the loss takes; `Failed` where it takes none, `NotApplicable` where it refuses all of
    them in words."""

    import torch

    def find() -> Mapping[str, Any]:
        loss = subject.make()
        found, reasons, taken, refused = {}, [], 0, 0
        for kind in KINDS:
            right, _, target = _targets(kind)
            try:
                value = loss(right, target)
                taken += 1
                # One that takes other targets for its own says so by NaN at the least.
                if value.dim() and torch.isfinite(value).all():
                    found[kind] = loss
            except Exception as error:
                reasons.append(f"{kind}: {error}")
                refused += refusal(error) is not None
        if refused and not taken:
            raise NotApplicable(f"it refuses all targets of the kit ({reasons[0]})")
        if not found:
            told = "; ".join(reasons) or "it gives NaN, or one number for the whole batch"
            raise Failed(f"it gives no value an example for any kind of target ({told})")
        return found

    kinds: Mapping[str, Any] = subject.once("kinds", find)
    return kinds


@check("losses", "unreduced")
def unreduced(subject: Subject) -> None:
    """A loss gives one finite value an example."""
    import torch

    for kind, loss in _usable(subject).items():
        right, wrong, target = _targets(kind)
        for raw in (right, wrong):
            found = loss(raw, target)
            expect(found.shape == (ROWS,), f"{kind}: shape {list(found.shape)} for {ROWS} examples")
            expect(torch.isfinite(found).all(), f"{kind}: a value is not finite")


@check("losses", "direction")
def direction(subject: Subject) -> None:
    """Right answers cost less than wrong ones."""
    for kind, loss in _usable(subject).items():
        right, wrong, target = _targets(kind)
        expect(
            float(loss(right, target).mean()) < float(loss(wrong, target).mean()),
            f"{kind}: wrong answers cost no more than right ones",
        )


@check("losses", "gradient")
def gradient(subject: Subject) -> None:
    """The gradient of every wrong answer is finite and not zero."""
    import torch

    for kind, loss in _usable(subject).items():
        _, wrong, target = _targets(kind)
        raw = wrong.clone().requires_grad_(True)
        loss(raw, target).sum().backward()
        expect(raw.grad is not None, f"{kind}: no gradient reaches the outputs")
        assert raw.grad is not None
        expect(torch.isfinite(raw.grad).all(), f"{kind}: a gradient is not finite")
        expect((raw.grad.abs().sum(dim=1) > 0).all(), f"{kind}: an answer that is wrong has no gradient")


@check("losses", "extremes")
def extremes(subject: Subject) -> None:
    """Outputs of a thousand give neither NaN nor a gradient that is NaN."""
    import torch

    for kind, loss in _usable(subject).items():
        _, wrong, target = _targets(kind)
        raw = (wrong.sign() * 1e3).requires_grad_(True)
        value = loss(raw, target)
        expect(not torch.isnan(value).any(), f"{kind}: NaN at outputs of 1,000")
        value.sum().backward()
        expect(raw.grad is None or not torch.isnan(raw.grad).any(), f"{kind}: its gradient is NaN there")


@check("losses", "company")
def company(subject: Subject) -> None:
    """An example's value is the same in any batch."""
    import torch

    for kind, loss in _usable(subject).items():
        _, wrong, target = _targets(kind)
        raw = wrong * torch.linspace(0.2, 1, ROWS)[:, None]
        whole = loss(raw, target)
        alone = torch.cat([loss(raw[at : at + 1], target[at : at + 1]) for at in range(ROWS)])
        expect(torch.allclose(whole, alone, atol=1e-5), f"{kind}: a value changes with the rest of the batch")


@check("losses", "weights")
def weights(subject: Subject) -> None:
    """Weights by columns are positive, one an example, and learnt on training rows alone."""
    import numpy as np

    loss = subject.make()
    needs = getattr(loss, "needs", ())
    if not needs:
        raise NotApplicable("it weighs no row by its columns")
    random = np.random.default_rng(0)
    encoded, train = np.arange(40) % 2, np.arange(20)
    columns = {name: random.uniform(1, 100, 40) for name in needs}
    found = loss.weights(columns, encoded, train)
    expect(np.shape(found) == (40,), f"{np.shape(found)} weights for 40 examples")
    expect(np.isfinite(found).all() and (found > 0).all(), "a weight is not a positive number")
    others = {name: np.append(values[:20], values[20:] * 50) for name, values in columns.items()}
    again = loss.weights(others, encoded, train)
    expect(
        np.allclose(again[:20], found[:20]), "weights of training rows change with rows that train nothing"
    )


CHECKS = (unreduced, direction, gradient, extremes, company, weights, refuses("losses"))
