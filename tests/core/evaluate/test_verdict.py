import pytest

from vertikit.evaluate.verdict import Against, Rows, metric_title, verdict

ROWS = Rows(rows=212, unit="notes", groups=118, groups_name="patient")


def against(value, difference, low=None, high=None, name="tfidf-logistic"):
    interval = {} if low is None else {"ci95": [low, high]}
    return Against(name, value, {"value": difference, **interval})


def test_better_is_said_with_both_values_the_difference_and_its_interval():
    assert verdict(ROWS, "macro_f1", 0.71, against(0.66, 0.05, 0.01, 0.09)) == (
        "better",
        "On 212 notes of 118 patients it has never seen, the adapted model does better than the best baseline "
        "(tfidf-logistic): macro F1 0.71 against 0.66, a difference of 0.05, beyond luck (95 % interval 0.01 to "
        "0.09).",
    )


def test_an_interval_that_holds_zero_is_a_tie():
    kind, sentence = verdict(ROWS, "macro_f1", 0.71, against(0.69, 0.02, -0.02, 0.06))
    assert kind == "tied"
    assert "cannot be told apart from the best baseline (tfidf-logistic)" in sentence
    assert "that may be luck (95 % interval -0.02 to 0.06), so neither is shown to be better." in sentence


def test_worse_says_to_use_the_baseline():
    kind, sentence = verdict(ROWS, "macro_f1", 0.60, against(0.66, -0.06, -0.1, -0.02))
    assert kind == "worse"
    assert "does worse than the best baseline" in sentence
    assert "a difference of -0.06" in sentence
    assert sentence.endswith("use the baseline.")


@pytest.mark.parametrize("interval", [(-0.01, 0.03), (0.0, 0.02), (-0.05, -0.01)])
def test_no_skill_is_said_first_whatever_the_best_baseline(interval):
    chance = against(0.10, 0.01, *interval, name="giving every row the same answer (majority)")
    skill = against(0.02, 0.09, 0.05, 0.12, name="its own answers dealt out at random")
    for best in (against(0.10, 0.01, *interval, name="majority"), against(0.05, 0.06, 0.02, 0.1)):
        kind, sentence = verdict(ROWS, "macro_f1", 0.11, best, [skill, chance])
        assert kind == "no-skill"
        assert "shows no skill" in sentence
        assert (
            "better than giving every row the same answer (majority), with macro F1 0.11 against 0.10"
            in sentence
        )
        assert sentence.endswith("do not rely on it.")


def test_skill_over_chance_leaves_the_verdict_to_the_best_baseline():
    chances = [
        against(0.10, 0.61, 0.5, 0.7, name="majority"),
        Against("chance", 0.1, {"value": 0.6, "why": "few"}),
    ]
    assert verdict(ROWS, "macro_f1", 0.71, against(0.66, 0.05, 0.01, 0.09), chances)[0] == "better"


def test_a_model_that_answers_just_as_the_baseline_is_said_to_add_nothing():
    kind, sentence = verdict(ROWS, "macro_f1", 0.66, against(0.66, 0.0, 0.0, 0.0))
    assert kind == "tied" and "luck" not in sentence
    assert "answers just as the best baseline (tfidf-logistic) does, with macro F1 0.66" in sentence


def test_without_an_interval_it_is_a_tie_with_the_reason():
    best = Against("tfidf-logistic", 0.5, {"value": 0.3, "why": "no interval: fewer than 10 groups"})
    kind, sentence = verdict(ROWS, "macro_f1", 0.8, best)
    assert kind == "tied"
    assert "may be luck (fewer than 10 groups)" in sentence
    assert "(no interval was asked for)" in verdict(ROWS, "macro_f1", 0.8, against(0.5, 0.3))[1]


def test_without_a_baseline_or_a_value_nothing_is_claimed():
    kind, sentence = verdict(ROWS, "macro_f1", 0.8, None)
    assert kind == "unjudged"
    assert "reaches macro F1 0.80, but no baseline" in sentence
    kind, sentence = verdict(ROWS, "macro_f1", None, against(0.5, 0.3))
    assert kind == "unjudged"
    assert "macro F1 is not defined" in sentence


def test_a_metric_of_which_less_is_better_says_so():
    kind, sentence = verdict(ROWS, "log_loss", 0.4, against(0.5, 0.1, 0.02, 0.2), higher_is_better=False)
    assert kind == "better"
    assert "log loss 0.40 against 0.50 (lower is better;" in sentence


def test_figures_get_the_decimals_that_they_need():
    sentence = verdict(ROWS, "macro_f1", 0.7149, against(0.7101, 0.0048, 0.0012, 0.0084))[1]
    assert (
        "0.715 against 0.710, a difference of 0.005, beyond luck (95 % interval 0.001 to 0.008)" in sentence
    )
    sentence = verdict(ROWS, "macro_f1", 0.7149, against(0.6551, 0.0598, 0.02, 0.09))[1]
    assert "0.715 against 0.655, a difference of 0.060" in sentence


def test_the_rows_are_described_as_they_are():
    assert str(Rows(rows=1_234)) == "On 1,234 rows it has never seen"
    assert str(Rows(rows=1, unit="notes", groups=1, groups_name="patient", unseen=False)) == (
        "On 1 note of 1 patient"
    )


@pytest.mark.parametrize(
    ("name", "title"),
    [("macro_f1", "macro F1"), ("log_loss", "log loss"), ("top3_accuracy", "top3 accuracy")],
)
def test_a_metrics_name_is_written_for_a_sentence(name, title):
    assert metric_title(name) == title


def test_every_verdict_is_one_line_and_one_sentence():
    for best in (
        against(0.66, 0.05, 0.01, 0.09),
        against(0.7, 0.0, -0.1, 0.1),
        against(0.8, -0.1, -0.2, -0.05),
    ):
        sentence = verdict(ROWS, "macro_f1", 0.71, best)[1]
        assert "\n" not in sentence
        assert sentence.count(". ") == 0


def test_a_name_too_short_for_a_word_is_an_abbreviation() -> None:
    names = ("qwk", "rmse", "macro_f1", "accuracy")
    assert [metric_title(name) for name in names] == ["QWK", "RMSE", "macro F1", "accuracy"]
