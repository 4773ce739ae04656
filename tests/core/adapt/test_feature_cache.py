from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vertikit.adapt.feature_cache import FeatureCache, cache_size, clear_cache, content_keys


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERTIKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def rows(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)


def read_from(encoder: str, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which keys the cache has, and their features."""
    features = np.zeros((len(keys), 8), np.float32)
    return FeatureCache(encoder * 64, 8).get(keys, features), features


@pytest.mark.usefixtures("cache")
def test_what_is_put_is_read_back_bit_by_bit_in_any_order() -> None:
    store, features = FeatureCache("a" * 64, 8), rows(100)
    keys = content_keys([f"text {number}" for number in range(100)])
    store.put(keys[:60], features[:60])
    store.put(keys[60:], features[60:])
    order = np.random.default_rng(1).permutation(100)
    found, read = read_from("a", keys[order])
    assert found.all()
    assert (read == features[order]).all()


@pytest.mark.usefixtures("cache")
def test_unknown_values_and_other_encoders_are_not_found() -> None:
    keys = content_keys(["one", "two"])
    FeatureCache("a" * 64, 8).put(keys[:1], rows(1))
    assert read_from("a", keys)[0].tolist() == [True, False]
    assert read_from("b", keys)[0].tolist() == [False, False]


@pytest.mark.usefixtures("cache")
def test_no_value_can_be_read_from_the_files(cache: Path) -> None:
    FeatureCache("a" * 64, 8).put(content_keys(["the patient's secret"]), rows(1))
    for path in cache.rglob("*.npy"):
        assert b"secret" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0


def test_a_damaged_shard_is_passed_over(cache: Path) -> None:
    keys = content_keys(["one", "two"])
    store = FeatureCache("a" * 64, 8)
    store.put(keys[:1], rows(1))
    for path in cache.rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:40])
    store.put(keys[1:], rows(1))
    assert read_from("a", keys)[0].tolist() == [False, True]


def test_beyond_the_cap_the_encoder_used_longest_ago_goes(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    keys = content_keys([str(number) for number in range(100)])
    FeatureCache("a" * 64, 8).put(keys, rows(100))
    old = next((cache / "features").iterdir())
    os.utime(old, (0, 0))
    monkeypatch.setenv("VERTIKIT_CACHE_GB", str(cache_size() * 1.5 / 1e9))
    FeatureCache("b" * 64, 8).put(keys, rows(100))
    assert not read_from("a", keys)[0].any()
    assert read_from("b", keys)[0].all()


@pytest.mark.usefixtures("cache")
def test_clearing_frees_what_was_counted() -> None:
    FeatureCache("a" * 64, 8).put(content_keys(["one"]), rows(1))
    size = cache_size()
    assert size > 0
    assert clear_cache() == size
    assert cache_size() == 0
