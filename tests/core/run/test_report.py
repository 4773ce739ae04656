from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.run.weather_run import Page, figure, make_run, page_of
from vertikit.errors import VertikitError
from vertikit.run.report import render
from vertikit.run.report.reading import read

HOSTILE = [
    "<script>alert(1)</script>",
    "</style></svg><img src=http://evil.example/x.png onerror=alert(1)>",
    "\" onmouseover='alert(1)' $\\frac{1}{",
    "a.b" + "x" * 190,
    "喘息\u202eevil\x1b[31m",
]
SECTIONS = {
    "split": None,
    "confusion": "confusion",
    "reliability": "reliability",
    "policy": "policy",
    "slices": "slices",
    "tests": "tests",
    "learning_curve": "learning-curve",
    "calibration": "calibration",
}
QUICK = dict.fromkeys([*SECTIONS, "epochs", "baselines"])
"""Leaves out what is drawn, where that is beside the point: drawing takes time."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return page_of(make_run(tmp_path_factory.mktemp("runs") / "first.partial"))


def test_the_page_needs_nothing_from_elsewhere(whole: Page) -> None:
    assert not {"link", "script", "img", "iframe", "object", "embed", "base"} & {tag for tag, _ in whole.tags}
    assert not list(whole.attribute("src"))
    assert all(link.startswith("#") for link in whole.attribute("href"))
    assert "http" not in whole.html
    assert "@import" not in whole.html
    assert "url(" not in whole.html.replace("url(#", "")
    assert not [name for _, each in whole.tags for name in each if name.startswith("on")]


def test_the_sections_stand_in_their_order(whole: Page) -> None:
    order = (
        "verdict protocol data metrics training confusion reliability policy classes slices tests mistakes"
    )
    assert whole.sections == [*order.split(), "learning-curve", "calibration", "cost", "again"]


def test_every_picture_has_words_beside_and_for_it(whole: Page) -> None:
    pictures = [each for tag, each in whole.tags if tag == "svg" and "plot" in (each["class"] or "")]
    assert len(pictures) == 6
    assert all(each["role"] == "img" and len(each["aria-label"] or "") > 30 for each in pictures)
    assert sum(tag == "figcaption" for tag, _ in whole.tags) == 7


def test_ids_are_unique_and_every_link_inside_the_page_ends_somewhere(whole: Page) -> None:
    ids = list(whole.attribute("id"))
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in whole.attribute("href")} <= set(ids)


def test_drawings_take_their_colours_from_the_page(whole: Page) -> None:
    assert "var(--model)" in whole.html
    assert "#0101" not in whole.html
    assert "prefers-color-scheme: dark" in whole.html


def test_the_verdict_stands_first_with_the_model_beside_the_best_baseline(whole: Page) -> None:
    start = whole.text[: whole.text.index("How it was judged")]
    for words in (
        "better than guessing",
        "0.710",
        "0.660 to 0.760",
        "counts",
        "0.600",
        "+0.110",
        "+0.020 to +0.200",
    ):
        assert words in start
    assert any("better" in (each.get("class") or "") for tag, each in whole.tags if tag == "section")


def test_the_run_is_named_without_its_working_name_or_the_machines_folders(whole: Page) -> None:
    assert "first" in whole.text
    assert ".partial" not in whole.html
    assert "pytest" not in whole.html
    assert "2026-11-24" in whole.text


def test_reasons_are_ranked_and_rows_removed_as_leaks_are_not_counted_among_them(tmp_path: Path) -> None:
    run = read(make_run(tmp_path / "run"))
    assert run.reasons == (("kind is missing", 2), ("note is missing", 1))


def test_raw_rows_of_the_quarantine_are_never_shown(whole: Page) -> None:
    assert "secret" not in whole.html


def test_mistakes_are_the_surest_first_with_row_numbers(whole: Page) -> None:
    table = whole.text[whole.text.index("Its surest mistakes") :]
    assert table.index("42") < table.index("1234")
    assert "95\N{NO-BREAK SPACE}%" in table
    assert "calm" in table


def test_the_weakest_class_is_first_and_a_label_may_hold_a_dot(whole: Page) -> None:
    table = whole.text[whole.text.index("Class by class") : whole.text.index("By group of people")]
    assert table.index("rain") < table.index("fog.bank") < table.index("calm")
    assert (
        "fog.bank"
        not in whole.text[whole.text.index("Scores beside") : whole.text.index("How training went")]
    )


def test_the_commands_to_type_next_map_the_columns_again(whole: Page) -> None:
    assert "vertikit train weather/guess --data DATA.csv --recipe" in whole.text
    assert "--map note=remark" in whole.text
    assert "--map kind" not in whole.text


def test_the_card_of_the_run_stands_at_the_foot(whole: Page) -> None:
    assert "A second opinion." in whole.text
    assert "It knows no snow." in whole.text


@pytest.mark.parametrize("key", SECTIONS)
def test_a_section_without_figures_is_left_out(tmp_path: Path, key: str) -> None:
    alone = {each: None for each in QUICK if each != key}
    with_key = page_of(make_run(tmp_path / "with", **alone)).sections
    without = page_of(make_run(tmp_path / "without", **QUICK)).sections
    assert [each for each in with_key if each not in without] == ([SECTIONS[key]] if SECTIONS[key] else [])


def test_a_folder_with_nothing_but_an_empty_metrics_file_gives_a_page(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text("{}")
    page = page_of(tmp_path)
    assert page.sections == ["verdict", "again"]
    assert "no verdict" in page.text


def test_labels_columns_and_names_cannot_become_markup(tmp_path: Path, whole: Page) -> None:
    bad = HOSTILE[1]
    folder = make_run(
        tmp_path / "<u>run",
        HOSTILE,
        slices={bad: {HOSTILE[0]: {"rows": 50, "hit_rate": figure(0.5)}}},
        tests={bad: {"hit_rate": figure(0.5), "verdict": HOSTILE[0]}},
        baselines={HOSTILE[2]: {"hit_rate": figure(0.6)}, "$\\frac{$": {"hit_rate": figure(0.5)}},
        warnings=[bad],
        verdict=bad,
        task=bad,
        **dict.fromkeys(["epochs", "policy", "reliability", "learning_curve"]),
    )
    page = page_of(folder)
    assert {tag for tag, _ in page.tags} - {tag for tag, _ in whole.tags} <= {"wbr", "i"}
    assert not [name for _, each in page.tags for name in each if name.startswith("on")]
    assert page.text.count("<script>") > 3
    assert "\x1b" not in page.html


def test_a_lone_surrogate_costs_no_report(tmp_path: Path) -> None:
    changes = {
        "verdict": "It sees \ud800 storms.",
        "baselines": {"none \x1b\ud800": {"hit_rate": figure(0.2)}},
    }
    page = page_of(make_run(tmp_path / "run", **QUICK | changes))
    assert "storms." in page.text
    assert "\x1b" not in page.html


@pytest.mark.parametrize(
    ("show", "texts", "seen"),
    [(False, {42: "thunder"}, False), (True, None, False), (True, {42: "<u>thunder"}, True)],
)
def test_texts_are_shown_only_where_they_are_given_and_asked_for(
    tmp_path: Path, show: bool, texts: dict[int, str] | None, seen: bool
) -> None:
    folder = make_run(tmp_path / "run", **QUICK)
    page = page_of(folder, show_values=show, texts=texts)
    assert ("thunder" in page.html) is seen
    assert any("holds texts" in each for each in page.of_class("alarm")) is seen
    assert "u" not in {tag for tag, _ in page.tags}


def test_kept_leaks_are_told_of_in_red_even_if_no_warning_says_so(tmp_path: Path) -> None:
    leaks = {"across": 9, "kept": True}
    silent = page_of(make_run(tmp_path / "silent", leaks=leaks, **QUICK))
    assert any("Leaks were kept" in each for each in silent.of_class("alarm"))
    told = page_of(make_run(tmp_path / "told", leaks=leaks, warnings=["So it is: 9 leaks kept."], **QUICK))
    assert "So it is: 9 leaks kept." in told.of_class("alarm")
    assert not any("Leaks were kept" in each for each in told.of_class("alarm"))
    clean = page_of(make_run(tmp_path / "clean", **QUICK))
    assert clean.of_class("alarm") == []


def test_success_with_kept_leaks_is_not_shown_in_the_colour_of_success(tmp_path: Path) -> None:
    page = page_of(make_run(tmp_path / "run", leaks={"kept": True}, **QUICK))
    verdict = next(each for tag, each in page.tags if each.get("id") == "verdict")
    assert verdict["class"] == "verdict "
    assert "with leaks kept" in page.text


def test_warnings_are_worked_out_only_where_the_run_has_no_list(tmp_path: Path) -> None:
    alarm = {"train": 0.9, "valid": 0.5, "gap": 0.4, "alarm": True}
    own = page_of(
        make_run(tmp_path / "own", overfitting=alarm, **QUICK | {"warnings": ["It knows them by heart."]})
    )
    assert own.of_class("warning") == ["It knows them by heart."]
    worked_out = page_of(make_run(tmp_path / "none", overfitting=alarm, **QUICK | {"warnings": None}))
    assert any("Overfitting" in each for each in worked_out.of_class("warning"))


def test_a_large_quarantine_is_warned_of(tmp_path: Path) -> None:
    page = page_of(make_run(tmp_path / "run", rows={"read": 100, "quarantined": 15}, **QUICK))
    assert any("15 of 100 rows" in each for each in page.of_class("warning"))


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", **dict.fromkeys(["epochs", "policy", "learning_curve"]))
    first = render(folder).read_bytes()
    assert render(folder).read_bytes() == first


def test_many_classes_give_their_worst_pairs_in_place_of_a_matrix(tmp_path: Path) -> None:
    quick = {key: None for key in QUICK if key != "confusion"}
    many = page_of(make_run(tmp_path / "many", [f"kind {each}" for each in range(70)], **quick))
    assert "too many for a matrix" in many.text
    assert not [each for tag, each in many.tags if tag == "table" and "matrix" in (each.get("class") or "")]


def test_an_evaluation_names_its_run_and_offers_no_commands(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "eval", run="first", **QUICK)
    page = page_of(folder)
    assert "again" not in page.sections
    assert "The run first, judged on further rows" in page.text


def test_a_folder_that_is_no_run_and_damaged_files_are_one_line_each(tmp_path: Path) -> None:
    with pytest.raises(VertikitError, match=r"no metrics\.json"):
        render(tmp_path)
    for name, content in (
        ("metrics.json", "{"),
        ("metrics.json", "[1]"),
        ("metrics.json", '{"test": 3, "primary": "x"}'),
        ("task.json", "{"),
        ("quarantine.csv", "no such columns\n"),
        ("predictions.parquet", "no parquet"),
    ):
        folder = make_run(tmp_path / f"{name}-{len(content)}", **QUICK)
        (folder / name).write_text(content)
        with pytest.raises(VertikitError, match=name) as raised:
            render(folder)
        assert "\n" not in str(raised.value)


def test_a_report_is_written_without_torch(tmp_path: Path) -> None:
    make_run(tmp_path / "run", **dict.fromkeys(["epochs", "policy", "learning_curve", "reliability"]))
    code = (
        "import sys; from pathlib import Path; from vertikit.run.report import render; "
        f"render(Path({str(tmp_path / 'run')!r})); "
        "sys.exit(bool({'torch', 'transformers', 'matplotlib.pyplot'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
