"""What an example is made of, and how its parts are taken away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from datasets import Dataset

import vertikit
from vertikit.columns import Text
from vertikit.evaluate.reasons import Usual
from vertikit.examples import Examples
from vertikit.explain.attribution import occluded
from vertikit.explain.parts.cells import Cells
from vertikit.explain.parts.patches import Patches
from vertikit.explain.parts.readings import Readings, sensor_means
from vertikit.explain.parts.words import Words
from vertikit.picture_columns import Image
from vertikit.pictures import Pictures
from vertikit.series_columns import Series
from vertikit.table_columns import Category, Number
from vertikit.windows import Windows


def example(columns, **more):
    count = len(next(iter(columns.values())))
    none = np.array([""] * count, object)
    return Examples(Dataset(pa.table(columns)), np.arange(1, count + 1), none, none, **more)


def copies(one, count):
    return one.take(np.zeros(count, np.int64))


def test_words_go_out_of_their_texts_and_the_others_stay():
    one = example({"text": ["Cough, and\nfever!"], "other": ["no pain"]})
    kind = Words([Text("text", private=True), Text("other")], one, 60)
    assert [part.value for part in kind.parts] == ["Cough,", "and", "fever!", "no", "pain"]
    assert [part.name for part in kind.parts][2:4] == ["text, word 3", "other, word 1"]
    assert [part.private for part in kind.parts] == [True] * 3 + [False] * 2
    kept = np.ones((3, 5), bool)
    kept[1, [1, 4]] = False
    kept[2, :] = False
    left = kind.without(copies(one, 3), kept)
    assert left.column("text") == ["Cough, and\nfever!", "Cough, fever!", ""]
    assert left.column("other") == ["no pain", "no", ""]


def test_long_texts_fall_into_as_many_parts_as_are_asked_for_and_scripts_without_spaces_into_signs():
    one = example({"text": [" ".join(f"w{at}" for at in range(100))]})
    kind = Words([Text("text")], one, 30)
    assert len(kind.parts) == 25 and kind.parts[1].place == "words 5-8"
    assert kind.parts[-1].value == "w96 w97 w98 w99"
    script = Words([Text("text")], example({"text": ["咳嗽三天 ok"]}), 30)
    assert [part.value for part in script.parts] == ["咳", "嗽", "三", "天", "ok"]
    assert Words([Text("text")], example({"text": [None]}), 30).parts == []


def test_a_cell_holds_what_its_column_usually_does_and_columns_of_one_sensor_go_together():
    train = example(
        {"a": [1.0, 2.0, 3.0], "kind": ["x", "x", "y"], "s1": [1.0, 1.0, 1.0], "s2": [5.0, 5.0, 5.0]}
    )
    columns = [Number("a"), Category("kind"), Number("s1", of="s"), Number("s2", of="s"), Number("new")]
    usual = Usual()
    usual.fit(columns, train)
    one = example({"a": [9.0], "kind": ["y"], "s1": [7.0], "s2": [8.0], "new": [4.0]})
    kind = Cells(columns, one, usual)
    assert [part.name for part in kind.parts] == ["a", "kind", "s, 2 columns", "new"]
    assert [part.value for part in kind.parts] == ["9", "y", "", "4"]
    left = kind.without(copies(one, 3), np.array([[1, 1, 1, 1], [0, 1, 0, 1], [1, 0, 1, 0]], bool))
    assert left.column("a") == [9.0, 2.0, 9.0] and left.column("kind") == ["y", "y", "x"]
    assert left.column("s1") == [7.0, 1.0, 7.0] and left.column("s2") == [8.0, 5.0, 8.0]
    assert left.column("new") == [4.0, 4.0, None]  # of which nothing is known


def test_stretches_of_a_sensor_take_its_mean_and_the_others_stay():
    readings = np.stack([np.arange(40.0), np.arange(40.0) * 2], axis=1)
    readings[3, 0] = np.nan
    ends = np.array([0, 20], np.int64)
    windows = Windows(readings, ("a", "b"), ends, ends + 20, ends + 20)
    means = sensor_means(windows)
    assert means["b"] == pytest.approx(39) and means["a"] == pytest.approx(np.nanmean(readings[:, 0]))
    both = example({"id": ["1", "2"]}, windows=windows)
    one = both.take(np.array([1]))
    kind = Readings([Series("b")], one, means, 4)
    assert [(part.place, part.start, part.stop) for part in kind.parts] == [
        ("readings 0-4", 0, 5), ("readings 5-9", 5, 10), ("readings 10-14", 10, 15), ("readings 15-19", 15, 20),
    ]  # fmt: skip
    left = kind.without(copies(one, 2), np.array([[1, 1, 1, 1], [1, 0, 1, 1]], bool)).windows
    assert left is not None and list(left.lengths) == [20, 20]
    first, second = (np.array(left.readings[start : start + 20]) for start in left.start)
    assert np.array_equal(first, readings[20:])
    assert np.all(second[5:10, 1] == 39) and np.array_equal(second[:, 0], readings[20:, 0])
    assert np.array_equal(np.delete(second, range(5, 10), 0), np.delete(readings[20:], range(5, 10), 0))
    assert np.array_equal(windows.readings, readings, equal_nan=True)


def test_a_patch_takes_the_mean_shade_of_its_picture():
    pixels = np.arange(2 * 14 * 14, dtype=np.uint8).reshape(2, 14, 14, 1)
    pictures = Pictures(
        pixels.ravel(), np.array([0, 196]), np.array([[1, 14, 14, 1]] * 2), np.array([[14, 14]] * 2),
        np.array(["png", "png"], object), np.zeros(2, np.int64), np.zeros(2, "V16"), np.zeros((2, 4), np.uint64),
        np.array([0, 1]),
    )  # fmt: skip
    one = example({"image": ["a", "b"]}, pictures={"image": pictures}).take(np.array([1]))
    kind = Patches(Image("image"), one)
    assert len(kind.parts) == 49 and kind.grid == (7, 7) and kind.parts[8].place == "patch 2, 2"
    kept = np.ones((2, 49), bool)
    kept[1, 8] = False
    left = kind.without(copies(one, 2), kept).pictures["image"]
    assert len(left) == 2 and len(set(left.keys().tolist())) == 2
    assert np.array_equal(left[0], pixels[1:2])
    shade = round(float(pixels[1].mean()))
    assert np.all(left[1][0, 2:4, 2:4] == shade)
    changed = (left[1] != pixels[1:2])[0, :, :, 0]
    changed[2:4, 2:4] = False
    assert not changed.any()


def test_occlusion_finds_what_each_part_adds():
    worth = np.array([0.5, -0.2, 0.0, 0.1])
    asked = []

    def ask(kept):
        asked.append(len(kept))
        return kept @ worth

    assert occluded(ask, 4) == pytest.approx(worth, abs=1e-6)
    assert sum(asked) == 5


def test_the_words_that_decide_are_named(quick, tmp_path):
    """A label that hangs on one word: that word is what the answer lives on."""
    from vertikit.explain.explaining import Given, explain
    from vertikit.progress import SILENT

    random = np.random.default_rng(0)
    words = ["cough", "fever", "pain", "head", "itch", "cold", "nose", "weak"]
    rows = []
    for at in range(240):
        told = list(random.permutation(words)[:5])
        label = "red" if at % 2 else "water"
        rows.append({"text": " ".join([*told[:2], label, *told[2:]]), "disease": f"of {label}"})
    table = pd.DataFrame(rows).drop_duplicates("text")
    own = {**quick, "strategy": "full", "epochs": 8, "blend": None, "baselines": ["majority"]}
    own["optimiser"] = {"rate": 1e-2, "encoder_rate": 3e-3}
    run = vertikit.train("medical/diagnosis", table, output=tmp_path / "run", progress=False, **own)
    assert run.metrics["test"]["macro_f1"]["value"] > 0.9
    found = explain(run, Given((table,), {}, (), ""), None, rows=12, progress=SILENT)
    named = [each.parts[each.order[0]].value for each in found.reasons]
    assert sum(name in ("red", "water") for name in named) >= 10, named
    assert found.faithful["ci95"][0] > 0
