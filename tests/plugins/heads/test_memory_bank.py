"""The memory bank: odd patches are found and shown, memory is bounded, and a batch changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit.contracts import Features, LocatingHead
from vertikit.outcome.oddness import Oddness
from vertikit_plugins.heads.coreset import Reservoir, k_centers
from vertikit_plugins.heads.memory_bank import MemoryBank


def tokens(count: int, seed: int, side: int = 8, width: int = 12) -> torch.Tensor:
    """Patches on a plane of 4 dimensions, with a little noise."""
    plane = torch.randn(4, width, generator=torch.Generator().manual_seed(0))
    drawn = torch.Generator().manual_seed(seed)
    found = torch.randn(count, side, side, 4, generator=drawn) @ plane
    return found + 0.01 * torch.randn(found.shape, generator=drawn)


def features(patches: torch.Tensor) -> Features:
    return Features(patches.mean(dim=(1, 2)), patches)


def bank(seen: torch.Tensor, batch: int = 5, **options: Any) -> MemoryBank:
    head = MemoryBank(12, Oddness(), **{"around": 1, **options})
    head.begin(len(seen))
    for start in range(0, len(seen), batch):
        head.learn(features(seen[start : start + batch]), torch.zeros(0))
    head.finish()
    return head


def test_an_odd_patch_is_found_and_shown_where_it_is() -> None:
    head = bank(tokens(30, 1), share=0.5)
    asked = tokens(6, 2)
    asked[3, 5, 2] += 10 * torch.randn(12, generator=torch.Generator().manual_seed(3))
    score, maps = head.located(features(asked))
    assert int(score[:, 0].argmax()) == 3
    assert divmod(int(maps[3].argmax()), 8) == (5, 2)
    assert score[3, 0] > 3 * score[[0, 1, 2, 4, 5], 0].max()
    assert isinstance(head, LocatingHead)


def test_a_picture_has_one_score_whatever_it_is_batched_with() -> None:
    head = bank(tokens(30, 1), around=3)
    asked = tokens(33, 2)
    together = head(features(asked))
    alone = torch.cat([head(features(asked[at : at + 1])) for at in range(33)])
    assert torch.allclose(together, alone, atol=1e-5, rtol=0)


def test_distances_are_those_of_the_definition() -> None:
    seen, asked = tokens(4, 1), tokens(3, 2)
    head = bank(seen, share=1.0, neighbours=0)
    every = seen.reshape(-1, 12).double()
    scale = every.var(dim=0, unbiased=False).sum().sqrt()
    expected = torch.cdist(asked.reshape(-1, 12).double(), every).min(dim=1).values.reshape(3, -1) / scale
    assert torch.allclose(head(features(asked))[:, 0], expected.max(dim=1).values, rtol=1e-5)


def test_a_score_is_weighed_by_how_crowded_the_bank_is_there() -> None:
    plain = bank(tokens(30, 1), neighbours=0)(features(tokens(5, 2)))
    weighed = bank(tokens(30, 1), neighbours=5)(features(tokens(5, 2)))
    assert (weighed < plain).all() and (weighed > 0.5 * plain).all()


def test_memory_is_bounded_however_many_pictures_come() -> None:
    head = MemoryBank(12, Oddness(), most=50, pool=4)
    head.begin(400)
    for at in range(0, 400, 20):
        head.learn(features(tokens(20, at)), torch.zeros(0))
        assert head._reservoir is not None and head._reservoir._kept.shape == (200, 12)
    head.finish()
    assert head.state().arrays["bank"].shape == (50, 12)


def test_it_is_read_back_to_the_bit() -> None:
    head, other = bank(tokens(30, 1)), MemoryBank(12, Oddness(), around=1)
    other.load(head.state())
    asked = features(tokens(4, 2))
    assert torch.equal(head(asked), other(asked))


def test_centres_leave_no_vector_far_away() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(10, 6)).repeat(50, axis=0).astype(np.float32)
    vectors += 0.001 * rng.normal(size=vectors.shape).astype(np.float32)
    chosen = k_centers(vectors, 10, rng)
    assert sorted(chosen // 50) == list(range(10)), "one of each heap"
    assert len(set(k_centers(vectors, 400, rng).tolist())) == 400


def test_the_reservoir_samples_evenly() -> None:
    counts = np.zeros(100)
    for seed in range(300):
        kept = Reservoir(20, 1, np.random.default_rng(seed))
        for start in range(0, 100, 7):
            kept.add(np.arange(start, min(start + 7, 100), dtype=np.float32)[:, None])
        counts[kept.kept[:, 0].astype(int)] += 1
    assert counts.sum() == 300 * 20
    assert abs(counts[:20].mean() - 60) < 6 and abs(counts[-20:].mean() - 60) < 6


@pytest.mark.parametrize("options", [{"share": 0.0}, {"most": 0}, {"around": 2}, {"neighbours": -1}])
def test_settings_that_keep_nothing_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        MemoryBank(12, Oddness(), **options)
