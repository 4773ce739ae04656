"""Backbones of tables: TabM and a plain network, on numbers, categories, points in time, and gaps in all of these."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.columns import Column
from vertikit.contracts import BackboneInfo, Graph, Outlet, Portable, State
from vertikit_plugins.backbones.augmenting.tables import RowAugmentation
from vertikit_plugins.backbones.masked_columns import MaskedColumns
from vertikit_plugins.backbones.pooled_graph import of_pooled, pooled, whole
from vertikit_plugins.backbones.table_modules import MlpModule, TableInput, TabmModule
from vertikit_plugins.portable.table import CLIP
from vertikit_plugins.tables.reading import TableReading, Values, rows_of

if TYPE_CHECKING:
    from vertikit.examples import Indices

FEWEST_ROWS = 10


class TableItems:
    """Rows of a table as `vertikit.contracts.DrawingItems`: every row is one unit long."""

    def __init__(
        self, numbers: NDArray[np.float32], codes: NDArray[np.int64], augment: RowAugmentation | None = None
    ) -> None:
        self._augment = augment or RowAugmentation()
        self._donors: Indices = np.empty(0, np.int64)
        self.numbers, self.codes = torch.from_numpy(numbers), torch.from_numpy(codes)
        one, nothing = np.ones(1, np.int64), np.zeros(1, np.int64)
        self.lengths = np.broadcast_to(one, len(numbers))
        self.windows = self.lengths
        self.left_out = np.broadcast_to(nothing, len(numbers))

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """numbers [B, F], codes [B, C]."""
        at = torch.as_tensor(indices)
        return {"numbers": self.numbers[at], "codes": self.codes[at]}

    def draw_from(self, train: Indices) -> None:
        """Take the cells of other rows from these."""
        self._donors = np.sort(train)

    def augmented(self, indices: Indices, epoch: int, seed: int) -> dict[str, Tensor]:
        """The same, altered."""
        batch = self.collate(indices)
        if not self._augment.alters:
            return batch
        keys = [(seed, epoch, int(item)) for item in indices]
        numbers, codes = self._augment.alter(
            batch["numbers"], batch["codes"], keys, self._donors, (self.numbers, self.codes)
        )
        return {"numbers": numbers.clamp(-CLIP, CLIP), "codes": codes}


class TableBackbone:
    """An untrained encoder of rows; `fit` learns scales, bins and categories from training rows and builds it."""

    def __init__(
        self, name: Literal["tabm", "mlp"], settings: dict[str, Any], augment: RowAugmentation
    ) -> None:
        self._name, self._settings, self._augment = name, settings, augment
        self.reading = TableReading()
        self._arrays: dict[str, NDArray[Any]] = {}
        self.module: nn.Module = nn.Identity()
        self.info = _info(name, settings)
        self.fingerprint = ""

    def fit(self, columns: Sequence[Column], values: Values) -> None:
        """Learn from the values [n] of training rows, and make the module, untrained."""
        self.reading.fit(columns, values)
        rows, count = rows_of(values), len(self.reading.names)
        if rows < FEWEST_ROWS or not (self.reading.names or self.reading.categories):
            raise UsageError(
                f"backbone {self._name!r} finds nothing to learn from: {rows} training rows, "
                f"{len(self.reading.names)} numbers and {len(self.reading.categories)} categories that vary.",
                "Give more rows, or further columns.",
            )
        mean, scale, gaps = np.zeros(count), np.ones(count), np.zeros(count, np.int64)
        edges: list[NDArray[np.float32]] = []
        for at, numbers in self.reading.numbers(values):
            gaps[at] = np.isnan(numbers).any()
            known = numbers[np.isfinite(numbers)]
            mean[at] = known.mean()
            scale[at] = known.std() or 1.0
            standard = ((known - mean[at]) / scale[at]).clip(-CLIP, CLIP).astype(np.float32)
            quantiles = np.unique(np.quantile(standard, np.linspace(0, 1, self._settings["bins"] + 1)))
            # One value (and gaps) is one bin around it: what tells rows apart is the mark of a gap.
            edges.append((quantiles if len(quantiles) > 1 else quantiles[0] + [-1.0, 1.0]).astype(np.float32))
        self._arrays = {
            "mean": mean,
            "scale": scale,
            "gaps": gaps,
            "edges": np.concatenate([np.empty(0, np.float32), *edges]),
            "counts": np.array([len(each) for each in edges], np.int64),
        }
        self._build()

    def items(self, values: Values) -> TableItems:
        """Rows as the module takes them: standardised numbers, codes."""
        numbers = np.full((rows_of(values), len(self.reading.names)), np.nan, np.float32)
        for at, column in self.reading.numbers(values):
            standard = (column - self._arrays["mean"][at]) / self._arrays["scale"][at]
            numbers[:, at] = standard.clip(-CLIP, CLIP)
        return TableItems(numbers, self.reading.codes(values), self._augment)

    @property
    def alters(self) -> bool:
        """Whether training sees rows altered."""
        return self._augment.alters

    def graph(self) -> Graph:
        """Of the whole network."""
        count, codes = len(self._arrays["mean"]), len(self.reading.cardinalities)
        example = {"numbers": torch.zeros(2, count), "codes": torch.zeros(2, codes, dtype=torch.long)}
        return Graph("", example, {name: {0: "rows"} for name in example}, pooled, of_pooled)

    def outlet(self, bindings: int) -> Outlet:  # noqa: ARG002
        """The network is all of it."""
        return whole(self.graph())

    def portable(self, bindings: Sequence[Sequence[str]]) -> Portable:  # noqa: ARG002
        """Rows without the kit."""
        arrays = {name: self._arrays[name] for name in ("mean", "scale")}
        settings = {**self.reading.state().tree, "standardise": True}
        return Portable(("vertikit_plugins.portable.table",), settings, arrays, columns=self.reading.columns)

    @property
    def pretexts(self) -> dict[str, float]:
        """Masked columns."""
        return {"masked-columns": 1e-3}

    def pretext(self, name: str) -> nn.Module:  # noqa: ARG002
        """Masked columns."""
        return MaskedColumns(self.info.width, len(self.reading.names), self.reading.cardinalities)

    def blocks(self) -> list[nn.Module]:
        """The embeddings, then the network as one layer."""
        rest = nn.ModuleList(child for name, child in self.module.named_children() if name != "rows")
        return [self.module.get_submodule("rows"), rest]

    def state(self) -> State:
        return State(tree=self.reading.state().tree, arrays=self._arrays)

    def load(self, state: State) -> None:
        self.reading.load(State(tree=state.tree))
        self._arrays = dict(state.arrays)
        self._build()

    def _build(self) -> None:
        ends = np.cumsum(self._arrays["counts"])[:-1].astype(int)
        edges = np.split(self._arrays["edges"], ends) if len(self._arrays["counts"]) else []
        bins = [torch.from_numpy(np.ascontiguousarray(each)) for each in edges]
        chosen = self._settings
        rows = TableInput(
            bins, list(map(bool, self._arrays["gaps"])), self.reading.cardinalities, chosen["embedding"]
        )
        shape = (chosen["blocks"], chosen["width"], chosen["dropout"])
        self.module = (
            TabmModule(rows, chosen["members"], *shape) if self._name == "tabm" else MlpModule(rows, *shape)
        )
        size = sum(each.numel() for each in self.module.parameters())
        self.info = replace(self.info, parameters=size, width=chosen["width"])
        known = hashlib.sha256(repr((self._name, chosen, self.reading.state().tree)).encode())
        for name in sorted(self._arrays):
            known.update(self._arrays[name].tobytes())
        self.fingerprint = known.hexdigest()


class _Source:
    def __init__(
        self, name: Literal["tabm", "mlp"], settings: dict[str, Any], augment: Mapping[str, float] | None
    ) -> None:
        self._name, self._settings, self._augment = name, settings, RowAugmentation(augment or {})

    def info(self) -> BackboneInfo:
        return _info(self._name, self._settings)

    def build(self) -> TableBackbone:
        return TableBackbone(self._name, self._settings, self._augment)


def tabm(
    *,
    members: int = 8,
    blocks: int = 2,
    width: int = 128,
    embedding: int = 12,
    bins: int = 32,
    dropout: float = 0.1,
    augment: dict[str, float] | None = None,
) -> _Source:
    """An ensemble of small networks that share most weights, sized for a processor without a GPU.

    Args:
        members: networks in the ensemble. blocks, width: layers of each, and their units.
        embedding: numbers that each number becomes. bins: pieces of the piecewise-linear embedding.
        dropout: share of units set to zero in training.
        augment: how training alters rows, such as {exchange: 0.1, noise: 0.1}; null: not at all.
    """
    settings = {"members": members, "blocks": blocks, "width": width, "embedding": embedding, "bins": bins}
    return _Source("tabm", _checked({**settings, "dropout": dropout}), augment)


def mlp(
    *,
    blocks: int = 2,
    width: int = 256,
    embedding: int = 12,
    bins: int = 32,
    dropout: float = 0.1,
    augment: dict[str, float] | None = None,
) -> _Source:
    """One network of dense layers, ten times as quick as the ensemble.

    Args:
        blocks, width: layers and their units.
        embedding: numbers that each number becomes. bins: pieces of the piecewise-linear embedding.
        dropout: share of units set to zero in training.
        augment: how training alters rows, such as {exchange: 0.1, noise: 0.1}; null: not at all.
    """
    settings = {"blocks": blocks, "width": width, "embedding": embedding, "bins": bins, "dropout": dropout}
    return _Source("mlp", _checked(settings), augment)


def _checked(settings: dict[str, Any]) -> dict[str, Any]:
    for name, value in settings.items():
        if name == "dropout" and not 0 <= value < 1:
            raise UsageError(f"backbone.dropout: {value} is not from 0 to below 1.", "Try 0.1.")
        if name != "dropout" and not 1 <= value <= 4096:
            raise UsageError(f"backbone.{name}: {value} is not from 1 to 4096.", "Leave it out.")
    return settings


def _info(name: str, settings: dict[str, Any]) -> BackboneInfo:
    return BackboneInfo(
        name=name,
        source="made for the table at hand",
        modality="table",
        pretrained=False,
        licence="Apache-2.0",
        languages=(),
        parameters=0,
        width=settings["width"],
        max_length=1,
        layers=1,
        adapter_targets=(),
        sha256="",
    )
