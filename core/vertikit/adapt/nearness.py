"""A student drawn towards what its teacher's encoder makes of an example, beside what it answers to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from vertikit.adapt.batching import pack
from vertikit.adapt.encoding import INFERENCE_ROWS, INFERENCE_TOKENS, on_device
from vertikit.adapt.model import combined_width
from vertikit.errors import UsageError

if TYPE_CHECKING:
    from vertikit.adapt.assembling import Assembled
    from vertikit.adapt.model import Model
    from vertikit.contracts import Backbone, Features, Items
    from vertikit.examples import Indices

SPREAD = 1e-6


@dataclass(frozen=True)
class Nearness:
    """What of the teacher's encoder the student is drawn to.

    Args:
        pooled: [N, D] features of all examples, standardised; None: these are not compared.
        features: weight of the distance to them, through a learnt map (Romero et al. 2015, arXiv:1412.6550).
        encoder: the teacher's, where tokens are compared. attention: weight of the distance between how each
            token relates to the others, in the last layers of both (Wang et al. 2021, arXiv:2012.15828).
        outputs: K of the head.
    """

    pooled: Tensor | None
    features: float
    encoder: Backbone | None
    attention: float
    outputs: int

    @property
    def width(self) -> int:
        """Columns that it adds to what the loss sees: of the teacher's features, and one of tokens."""
        return (0 if self.pooled is None else self.pooled.shape[1]) + (self.encoder is not None)

    def targets(self, count: int) -> Tensor:
        """[N, width] float64, beside the other targets; what is said of tokens is a distance, and wants to be 0."""
        parts = [] if self.pooled is None else [self.pooled.double()]
        if self.encoder is not None:
            parts.append(torch.zeros(count, 1, dtype=torch.float64))
        return torch.cat(parts, dim=1)

    def distance(self, said: Tensor, wanted: Tensor) -> Tensor:
        """[B] from what the wrapped head added to its outputs [B, width], and the targets for it."""
        total = said.new_zeros(len(said))
        if self.pooled is not None:
            size = self.pooled.shape[1]
            total = total + self.features * (said[:, :size] - wanted[:, :size]).square().mean(dim=1)
        if self.encoder is not None:
            total = total + self.attention * said[:, -1]
        return total


@contextmanager
def drawn_near(assembled: Assembled, nearness: Nearness | None) -> Iterator[None]:
    """While it lasts, the model's head says beside its outputs, in training, how near it is to the teacher."""
    if nearness is None:
        yield
        return
    model, target = assembled.model, next(iter(assembled.model.heads))
    head, initial = model.heads[target], assembled.initial
    tokens = None
    if nearness.encoder is not None:
        tokens = _Tokens(next(iter(assembled.backbones.values())), nearness.encoder)
    width = 0 if nearness.pooled is None else nearness.pooled.shape[1]
    own = feature_width(assembled)
    model.heads[target] = _NearHead(head, width, tokens, own).to(assembled.device)
    assembled.initial = {name: value.clone() for name, value in model.trained_state().items()}
    try:
        yield
    finally:
        if tokens is not None:
            tokens.close()
        model.heads[target] = head
        assembled.initial = initial


class _NearHead(nn.Module):
    """A head that, in training, adds its nearness to the teacher's features and tokens to its outputs."""

    def __init__(self, head: nn.Module, width: int, tokens: _Tokens | None, own: int) -> None:
        super().__init__()
        self.head = head
        self.map = nn.Linear(own, width) if width else None
        self._tokens = (tokens,)  # not a module of this one: its weights are the teacher's

    def forward(self, features: Features) -> Tensor:
        """[B, K], and in training [B, K + width]."""
        raw: Tensor = self.head(features)
        if not self.training:
            return raw
        parts = [raw]
        if self.map is not None:
            parts.append(self.map(features.pooled))
        (tokens,) = self._tokens
        if tokens is not None:
            apart = tokens.apart(len(raw))[:, None]
            parts.append(apart[:, None].expand(-1, raw.shape[1], -1) if raw.dim() == 3 else apart)
        return torch.cat(parts, dim=-1)

    def merged(self, raw: Tensor) -> Tensor:
        """As the head does it."""
        found: Tensor = self.head.merged(raw)  # type: ignore[operator]
        return found


class _Tokens:
    """Watches the last layers of two encoders that read the same tokens."""

    def __init__(self, student: Backbone, teacher: Backbone) -> None:
        self._teacher = teacher.module.eval()
        self._batch: dict[str, Tensor] = {}
        self._own: Tensor | None = None
        self._his: Tensor | None = None
        self._watching = [
            student.module.register_forward_pre_hook(self._read, with_kwargs=True),
            student.blocks()[-1].register_forward_hook(self._seen("_own")),
            teacher.blocks()[-1].register_forward_hook(self._seen("_his")),
        ]

    def _read(self, _: nn.Module, __: tuple[Any, ...], named: dict[str, Tensor]) -> None:
        self._batch = named

    def _seen(self, name: str) -> Callable[..., None]:
        def keep(_: nn.Module, __: tuple[Any, ...], found: Any) -> None:
            setattr(self, name, found if isinstance(found, Tensor) else found[0])

        return keep

    def apart(self, count: int) -> Tensor:
        """[B] divergence of the relations among the student's tokens from those among the teacher's."""
        own = self._own
        with torch.no_grad():
            self._teacher.to(next(iter(self._batch.values())).device)(**self._batch)
        his = self._his
        assert own is not None
        assert his is not None
        if own.dim() != 3 or own.shape[:2] != his.shape[:2]:
            raise UsageError(
                "teacher.attention compares tokens, and the student reads others than the teacher.",
                "Leave it out: --set teacher.attention=0",
            )
        mask = self._batch.get("attention_mask", torch.ones(own.shape[:2], device=own.device)).bool()
        wanted, said = _relations(his, mask), _relations(own, mask)
        each = functional.kl_div(said, wanted, log_target=True, reduction="none")
        each = each.masked_fill(~mask[:, None, :], 0).sum(dim=2).masked_fill(~mask, 0).sum(dim=1) / mask.sum(
            dim=1
        )
        owner = self._batch.get("owner", torch.arange(count, device=own.device))
        windows = torch.bincount(owner, minlength=count).clamp(min=1)
        return each.new_zeros(count).index_add(0, owner, each) / windows

    def close(self) -> None:
        """Watch no more."""
        for handle in self._watching:
            handle.remove()


def _relations(hidden: Tensor, mask: Tensor) -> Tensor:
    """[W, L, L] logarithms of how much each token is like each other one, as shares."""
    hidden = functional.normalize(hidden.float(), dim=2) * hidden.shape[2] ** 0.25
    return (hidden @ hidden.transpose(1, 2)).masked_fill(~mask[:, None, :], -1e4).log_softmax(dim=2)


def feature_width(assembled: Assembled) -> int:
    """How wide the features are that the heads read."""
    width = combined_width(
        assembled.model.combine, len(assembled.bindings), next(iter(assembled.backbones.values())).info.width
    )
    return width + (0 if assembled.beside is None else assembled.beside.width)


@torch.inference_mode()
def standardised_features(
    model: Model, inputs: Mapping[str, Items], learnt: Indices, device: torch.device
) -> Tensor:
    """The features [N, D] that the heads of a model read, of all examples, on the scale of those at `learnt`; members
    of an ensemble are averaged."""
    count = len(next(iter(inputs.values())).lengths)
    found: Tensor | None = None
    model.eval()
    for batch in pack(inputs, np.arange(count), tokens=INFERENCE_TOKENS, rows=INFERENCE_ROWS, seed=0):
        pooled = model.features(on_device(inputs, batch, device)).pooled.float().cpu()
        pooled = pooled.mean(dim=1) if pooled.dim() == 3 else pooled
        found = torch.zeros(count, pooled.shape[1]) if found is None else found
        found[torch.from_numpy(batch)] = pooled
    assert found is not None
    seen = found[torch.from_numpy(learnt)]
    return (found - seen.mean(dim=0)) / seen.std(dim=0).clamp(min=SPREAD)
