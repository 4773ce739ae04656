"""Trials of a recipe: the best is written out, nobody looks at test rows, and a search goes on where it was."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import vertikit.tune.study as studies
from vertikit import UsageError, VertikitError
from vertikit.cli.entry import main
from vertikit.contracts import Metric, MetricContext
from vertikit.evaluate.optimism import expected
from vertikit.prepare.prepared import Sources
from vertikit.progress import SILENT
from vertikit.recipe.layers import load_recipe_file

TASK = "medical/diagnosis"


@pytest.fixture(scope="module")
def layers(quick):
    own = {key: value for key, value in quick.items() if key not in ("blend", "evaluation")}
    return [{**own, "epochs": 4, "evaluation": {"bootstrap": 20}}]


def search(notes, layers, output, trials=4, space=("optimiser.rate=0.0001..0.1",), seconds=None):
    sources = Sources((str(notes),), mapping={"id": "note_id"})
    return studies.tune(
        TASK, sources, layers, trials=trials, seconds=seconds, space=space, output=output, progress=SILENT
    )


@pytest.fixture(scope="module")
def found(notes, layers, tmp_path_factory):
    return search(notes, layers, tmp_path_factory.mktemp("tunings") / "a", trials=6)


def test_the_recipe_as_it_is_comes_first_and_the_best_is_written_out(found):
    assert found.plain is not None and found.plain.number == 0
    scores = [each.score for each in found.trials if each.score is not None]
    assert found.best.score == max(scores)
    assert found.score["value"] == pytest.approx(found.best.score)
    written = load_recipe_file(found.folder / "recipe.yaml")
    for key, value in found.best.settings.items():
        section, _, name = key.partition(".")
        assert (written[section][name] if name else written[section]) == value
    told = json.loads((found.folder / "tuning.json").read_text(encoding="utf-8"))
    assert told["best"]["trial"] == found.best.number
    assert "promises too much" in found.optimism


def test_test_rows_are_not_looked_at(notes, layers, tmp_path, probe_run):
    table = pd.read_csv(notes, dtype=str)
    tested = pd.read_parquet(probe_run.folder / "predictions.parquet").row.to_numpy()
    altered = table.copy()
    labels = sorted(set(table["disease"].dropna()))
    own = altered.loc[tested - 1, "disease"]
    altered.loc[tested - 1, "disease"] = [labels[(labels.index(each) + 1) % len(labels)] for each in own]
    path = tmp_path / "altered.csv"
    altered.to_csv(path, index=False)
    parts = {
        "train": table.drop(index=tested - 1),
        "test": table.loc[tested - 1],
        "other": altered.loc[tested - 1],
    }
    for name, part in parts.items():
        part.to_csv(tmp_path / f"{name}.csv", index=False)
    scores = []
    for name in ("test", "other"):
        sources = Sources(
            (str(tmp_path / "train.csv"),), tests={"test": (str(tmp_path / f"{name}.csv"),)},
            mapping={"id": "note_id"},
        )  # fmt: skip
        done = studies.tune(
            TASK, sources, layers, trials=2, seconds=None, space=(), output=tmp_path / name, progress=SILENT
        )
        scores.append([(each.score, each.settings) for each in done.trials])
    assert scores[0] == scores[1]


def test_a_search_goes_on_where_it_was_and_another_is_refused(found, notes, layers):
    more = search(notes, layers, found.folder, trials=8)
    assert [each.number for each in more.trials] == list(range(8))
    assert [(each.score, each.settings) for each in more.trials[:6]] == [
        (each.score, each.settings) for each in found.trials
    ]
    settings = [tuple(each.settings.items()) for each in more.trials]
    assert len(set(settings)) == 8
    with pytest.raises(UsageError, match="holds a search of other data"):
        search(notes, layers, found.folder, space=("optimiser.rate=0.001..0.1",))


def test_the_same_search_gives_the_same_trials(notes, layers, tmp_path):
    one, two = (search(notes, layers, tmp_path / name, trials=3) for name in ("one", "two"))
    assert [(each.score, each.settings) for each in one.trials] == [
        (each.score, each.settings) for each in two.trials
    ]


def test_a_trial_that_fails_is_kept_with_its_reason_and_all_of_them_are_told(
    notes, layers, tmp_path, monkeypatch
):
    real = studies.Trial.answers

    def failing(self, size, ended=None):
        if self.standing.name in broken:
            raise VertikitError("out of memory.", "")
        return real(self, size, ended)

    broken = {"trial 1"}
    monkeypatch.setattr(studies.Trial, "answers", failing)
    done = search(notes, layers, tmp_path / "one", trials=3)
    assert [each.state for each in done.trials][:2] == ["complete", "fail"]
    assert "out of memory" in done.trials[1].why
    broken |= {"trial 0", "trial 2"}
    with pytest.raises(VertikitError, match=r"none of 3 trials gave a score: out of memory"):
        search(notes, layers, tmp_path / "two", trials=3)


def test_no_trial_begins_after_the_time(notes, layers, tmp_path):
    with pytest.raises(VertikitError, match="no trial has come to an end"):
        search(notes, layers, tmp_path / "none", seconds=0.0)


def test_a_key_that_the_recipe_has_not_is_told_before_anything_is_trained(notes, layers, tmp_path):
    with pytest.raises(UsageError, match="nonsense"):
        search(notes, layers, tmp_path / "wrong", space=("head.nonsense=[1, 2]",))


def test_the_best_of_many_guesses_is_worth_what_a_guess_is():
    rng = np.random.default_rng(0)

    right = Metric(lambda frame, _: float((frame["truth"] == frame["prediction"]).mean()))
    context = MetricContext(("a", "b"))
    truth = np.array(["a", "b"] * 100, object)
    frames = [
        pd.DataFrame({"truth": truth, "prediction": rng.permutation(truth), "weight": 1.0}) for _ in range(40)
    ]
    best = max(right.compute(frame, context) for frame in frames)
    told = expected(right, context, frames, None)
    assert best > 0.56
    assert abs(told - 0.5) < best - 0.5
    assert expected(right, context, frames[:1], None) is None


def test_the_command_writes_a_report_with_what_mattered(notes, layers, tmp_path, capsys):
    import yaml

    (tmp_path / "own.yaml").write_text(yaml.safe_dump(layers[0]), encoding="utf-8")
    status = main(
        ["tune", TASK, "--data", str(notes), "--map", "id=note_id", "--recipe", str(tmp_path / "own.yaml"),
         "--trials", "6", "--output", str(tmp_path / "t"), "--space", "class_weights=[none, balanced]"]
    )  # fmt: skip
    out = capsys.readouterr().out
    assert status == 0
    assert "promises too much" in " ".join(out.split())
    assert "--recipe" in out
    report = (tmp_path / "t" / "report.html").read_text(encoding="utf-8")
    assert "Trial by trial" in report and "What mattered" in report
    assert main(["tune", TASK, "--data", str(notes), "--time", "soon"]) == 2
