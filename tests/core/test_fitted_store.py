import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from vertikit.contracts import State
from vertikit.errors import VertikitError
from vertikit.fitted_store import from_skops, load_fitted, save_fitted, to_skops

TREES = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"


@dataclass
class Part:
    """A fitted part that is nothing but its state."""

    held: State = field(default_factory=State)
    fails: Any = None

    def state(self):
        return self.held

    def load(self, state):
        if self.fails:
            raise self.fails
        self.held = state


FULL = State(
    tree={"threshold": 0.1 + 0.2, "names": ["ä", "b"], "none": None},
    arrays={
        "weights": np.random.default_rng(0).normal(size=(3, 4)),
        "counts": np.arange(5),
        "one": np.array(2.5),
    },
    blobs={"model": b"bytes", "other": b""},
)


def test_what_is_written_is_read_back_to_the_bit(tmp_path):
    back = Part()
    save_fitted(tmp_path, "part", Part(FULL))
    load_fitted(tmp_path, "part", back)
    assert back.held.tree == FULL.tree
    assert back.held.blobs == FULL.blobs
    assert set(back.held.arrays) == set(FULL.arrays)
    for name, array in FULL.arrays.items():
        assert back.held.arrays[name].dtype == array.dtype
        assert np.array_equal(back.held.arrays[name], array)


def test_files_are_named_after_the_part_and_only_those_needed_are_written(tmp_path):
    written = save_fitted(tmp_path / "new" / "folder", "part", Part(FULL))
    assert [path.name for path in written] == [
        "part.json",
        "part.safetensors",
        "part.model.skops",
        "part.other.skops",
    ]
    assert [path.name for path in save_fitted(tmp_path, "small", Part(State(tree=3)))] == ["small.json"]


def test_an_array_is_kept_as_it_looks_whatever_its_strides(tmp_path):
    turned = np.arange(6.0).reshape(2, 3).T[::-1]
    back = Part()
    save_fitted(tmp_path, "part", Part(State(arrays={"turned": turned})))
    load_fitted(tmp_path, "part", back)
    assert np.array_equal(back.held.arrays["turned"], turned)


@pytest.mark.parametrize(
    "state",
    [
        State(tree={"value": float("nan")}),
        State(arrays={"names": np.array(["a"], object)}),
        State(arrays={"names": np.array(["a"])}),
        State(blobs={"../up": b""}),
    ],
)
def test_a_state_that_cannot_be_kept_is_refused(tmp_path, state):
    with pytest.raises(ValueError):
        save_fitted(tmp_path, "part", Part(state))


def cut(path):
    path.write_bytes(path.read_bytes()[:-4])


def damage_index(path):
    path.write_text(json.dumps({"tree": 1}))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("part.json", lambda path: path.unlink()),
        ("part.json", cut),
        ("part.json", damage_index),
        ("part.json", lambda path: path.write_text("[]")),
        ("part.json", lambda path: path.write_bytes(b"\xff\xfe")),
        ("part.safetensors", lambda path: path.unlink()),
        ("part.safetensors", cut),
        ("part.safetensors", lambda path: path.write_bytes(b"")),
        ("part.model.skops", lambda path: path.unlink()),
        ("part.model.skops", cut),
    ],
)
def test_a_damaged_file_is_one_line_that_names_it_and_says_what_to_do(tmp_path, name, damage):
    save_fitted(tmp_path, "part", Part(FULL))
    damage(tmp_path / name)
    with pytest.raises(VertikitError, match=r"train again") as caught:
        load_fitted(tmp_path, "part", Part())
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_arrays_of_another_part_are_not_taken(tmp_path):
    save_fitted(tmp_path, "part", Part(FULL))
    save_fitted(tmp_path, "other", Part(State(arrays={"weights": np.zeros(2)})))
    (tmp_path / "other.safetensors").replace(tmp_path / "part.safetensors")
    with pytest.raises(VertikitError, match="does not hold the arrays"):
        load_fitted(tmp_path, "part", Part())


def test_a_state_that_does_not_fit_its_part_is_a_damaged_file(tmp_path):
    save_fitted(tmp_path, "part", Part(FULL))
    with pytest.raises(VertikitError, match="does not fit: KeyError"):
        load_fitted(tmp_path, "part", Part(fails=KeyError("terms")))


def test_a_classical_model_goes_through_skops_unchanged():
    table = np.random.default_rng(0).normal(size=(60, 3))
    model = LogisticRegression().fit(table, table[:, 0] > 0)
    assert np.array_equal(from_skops(to_skops(model)).predict_proba(table), model.predict_proba(table))


def test_a_type_that_is_not_trusted_is_not_built():
    table = np.random.default_rng(0).normal(size=(60, 3))
    content = to_skops(HistGradientBoostingClassifier(max_iter=2).fit(table, table[:, 0] > 0))
    with pytest.raises(VertikitError, match=r"not trusted: .*TreePredictor"):
        from_skops(content)
    assert from_skops(content, trusted=[TREES]).n_iter_ == 2


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_bytes_that_skops_did_not_write_are_refused(content):
    with pytest.raises(VertikitError, match="cannot be read"):
        from_skops(content)
