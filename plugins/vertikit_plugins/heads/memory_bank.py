"""How odd a picture is: how far its patches lie from those of sound ones (PatchCore)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vertikit import UsageError
from vertikit.contracts import Features, State
from vertikit_plugins.heads.bank_distances import BankDistances
from vertikit_plugins.heads.coreset import Reservoir, k_centers, projected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vertikit.outcome.oddness import Oddness

MOST_DIMENSIONS = 64
"""Of the projection in which centres are chosen."""


class MemoryBank(nn.Module):
    """`vertikit.contracts.LocatingHead` that keeps a few patches of sound pictures, and finds the nearest of each.

    Roth et al. 2022, Towards Total Recall in Industrial Anomaly Detection (arXiv:2106.08265): patches are averaged with
    their neighbours (3 x 3); the bank is a coreset of them by greedy k-centers on random projections; a picture's score
    is the largest distance of a patch to the bank, weighed by how crowded the bank is there (equation 7). Memory is
    bounded: of the patches that come, a uniform sample of `pool` for each place in the bank is held, and the coreset
    chosen of it. Distances are in units of the root mean square distance of a patch from the mean patch.

    Two things are not in the paper: features of different kinds may be brought to one spread, and a patch may be told
    where it lies, for parts that always lie alike.

    Args:
        width: D, of the features.
        oddness: what the target is.
        share: of the patches of training pictures that the bank keeps.
        most: patches in the bank, at most.
        pool: patches held for choosing, for each that the bank will keep.
        around: side of the square of patches that are averaged, an odd number; 1 for none.
        neighbours: in the bank by which a score is weighed; 0 leaves it as it is.
        standardise: "each" divides every feature by its own spread among patches; "none" takes them as they are.
        places: how much a patch's place counts, in spreads of a feature for the whole side; 0: not at all.
        seed: of what is drawn.
    """

    reads: Literal["pooled", "tokens"] = "tokens"

    def __init__(
        self,
        width: int,
        oddness: Oddness,
        *,
        share: float = 0.1,
        most: int = 2000,
        pool: int = 10,
        around: int = 3,
        neighbours: int = 9,
        standardise: Literal["each", "none"] = "none",
        places: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        del width, oddness  # patches have a width of their own, and scores are scores
        if not 0 < share <= 1 or most < 1 or pool < 1:
            raise UsageError(
                f"head: a share of {share:g}, at most {most} patches and {pool} for each to choose from keep nothing.",
                "Take a share above 0 and at most 1, and numbers from 1.",
            )
        if around < 1 or around % 2 == 0 or neighbours < 0 or places < 0:
            raise UsageError(
                f"head: {around} patches a side around one, {neighbours} neighbours and places at {places:g} are none.",
                "Take an odd number from 1, and neighbours and places from 0.",
            )
        self.share, self.most, self.pool = share, most, pool
        self.around, self.neighbours, self.seed = around, neighbours, seed
        self.standardise, self.places = standardise, places
        self._rows = 0
        self._reservoir: Reservoir | None = None
        self._spread: NDArray[np.float32] = np.ones(1, np.float32)
        self._bank: NDArray[np.float32] = np.empty((0, 0), np.float32)
        self._index: Any = None

    # --- learning --------------------------------------------------------------------------------

    def begin(self, rows: int) -> None:
        self._rows, self._reservoir, self._index = rows, None, None
        self._random = np.random.default_rng(self.seed)

    def learn(self, features: Features, target: Tensor) -> None:
        del target  # all of them are sound
        patches, shape = self._patches(features)
        if self._reservoir is None:
            held = min(self._wanted(shape[1] * shape[2]) * self.pool, self._rows * shape[1] * shape[2])
            self._reservoir = Reservoir(held, patches.shape[1], self._random)
        self._reservoir.add(patches)

    def finish(self) -> None:
        assert self._reservoir is not None, "no batch was learnt"
        held = self._reservoir.kept
        wanted = min(len(held), self._wanted(self._reservoir.seen // max(1, self._rows)))
        self._spread = self._spreads(held.var(axis=0, dtype=np.float64))
        held /= self._spread
        chosen = k_centers(projected(held, self._random, MOST_DIMENSIONS), wanted, self._random)
        self._take(held[chosen])
        self._reservoir = None

    def _spreads(self, variance: NDArray[np.float64]) -> NDArray[np.float32]:
        """[D] what features are divided by; the last two are places, where these count."""
        own = variance[: len(variance) - 2] if self.places else variance
        if self.standardise == "each":
            even = np.where(own > 1e-12 * max(own.max(), 1e-300), own * len(own), np.inf)
        else:
            even = np.full(len(own), max(own.sum(), 1e-24))
        spread = np.sqrt(even)
        if self.places:
            # A feature has a spread of 1 / sqrt(D) then, and so much of it is what the whole side counts for.
            spread = np.append(spread, [np.sqrt(len(own)) / self.places] * 2)
        return spread.astype(np.float32)

    def _wanted(self, patches: int) -> int:
        """Places in the bank, of so many patches a picture."""
        return max(1, min(self.most, math.ceil(self.share * self._rows * patches)))

    def _take(self, bank: NDArray[np.float32]) -> None:
        import faiss

        self._bank = np.ascontiguousarray(bank, np.float32)
        self._index = faiss.IndexFlatL2(self._bank.shape[1])
        self._index.add(self._bank)

    # --- answering -------------------------------------------------------------------------------

    def forward(self, features: Features) -> Tensor:
        """How odd each picture is, [B, 1]."""
        return self.located(features)[0]

    def located(self, features: Features) -> tuple[Tensor, Tensor]:
        """Scores [B, 1], and the distance of each patch to the bank [B, H, W]."""
        patches, (count, height, width) = self._patches(features)
        patches = patches / self._spread
        nearest = self._index.search(patches, 1)[1][:, 0]
        # The index expands the square, which loses digits that batches of other shapes lose otherwise.
        apart = np.sqrt(_squared(patches, self._bank[nearest]))
        maps = apart.reshape(count, -1)
        farthest = maps.argmax(axis=1)
        each = np.arange(count)
        score = maps[each, farthest].astype(np.float64)
        if self.neighbours:
            at = each * maps.shape[1] + farthest
            score *= self._crowding(patches[at], nearest[at], score)
        raw = torch.from_numpy(score).unsqueeze(1)
        return raw.to(features.pooled.device), torch.from_numpy(maps.reshape(count, height, width))

    def _crowding(
        self, patch: NDArray[np.float32], nearest: NDArray[np.int64], apart: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """[B] 1 - exp(d) / sum of exp over the neighbours of the nearest one, of their distances to the patch."""
        count = min(self.neighbours, len(self._bank))
        if count < 2:
            return np.ones(len(patch))
        beside = self._index.search(self._bank[nearest], count)[1]
        found = np.sqrt(_squared(patch[:, None], self._bank[beside]).astype(np.float64))
        own = np.exp(apart - found.max(axis=1))
        weight: NDArray[np.float64] = 1 - own / np.exp(found - found.max(axis=1, keepdims=True)).sum(axis=1)
        return np.maximum(weight, 0.0)

    def _patches(self, features: Features) -> tuple[NDArray[np.float32], tuple[int, int, int]]:
        """Patches [B * H * W, D], each averaged with those around it, and B, H and W."""
        assert features.tokens is not None
        tokens = features.tokens
        if self.around > 1:
            # Zeros around the edge are counted: a mean over fewer patches would scatter more there, and look odd.
            maps = functional.avg_pool2d(tokens.permute(0, 3, 1, 2), self.around, 1, self.around // 2)
            tokens = maps.permute(0, 2, 3, 1)
        if self.places:
            rows, columns = (torch.linspace(0, 1, size, device=tokens.device) for size in tokens.shape[1:3])
            grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij"), dim=-1)
            tokens = torch.cat([tokens, grid.expand(len(tokens), -1, -1, -1)], dim=-1)
        found = tokens.float().cpu().contiguous().numpy()
        count, height, width, size = found.shape
        return found.reshape(-1, size), (count, height, width)

    def encode(self, values: Sequence[Any]) -> Tensor:
        """0 for "sound", 1 for others [N]."""
        return torch.tensor([float(value != "sound") for value in values])

    def merged(self, raw: Tensor) -> Tensor:
        """The mean over members [B, M, 1]."""
        return raw.mean(dim=1)

    def graph_module(self) -> BankDistances:
        """The same as a graph of tensors, without an index."""
        return BankDistances(
            self._bank, self._spread, around=self.around, places=bool(self.places), neighbours=self.neighbours
        )

    # --- keeping ---------------------------------------------------------------------------------

    def state(self) -> State:
        return State(tree={}, arrays={"bank": self._bank, "spread": self._spread})

    def load(self, state: State) -> None:
        self._spread = np.array(state.arrays["spread"], np.float32)
        self._take(np.array(state.arrays["bank"], np.float32))


def _squared(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances over the last axis."""
    apart = one - other
    found: NDArray[np.float32] = np.einsum("...d,...d->...", apart, apart)
    return found
