"""Short-answer grading: points on a scale beside a reference answer, or to the teacher."""

from __future__ import annotations

from vertikit import (
    Bar,
    Card,
    Grade,
    Group,
    Id,
    OnNumbers,
    Protocol,
    Reference,
    Sensitive,
    Task,
    Text,
)
from vertikit_education.gaming import SUITE

GRADE = Grade(
    "grade",
    help="the points that a grader gave",
    aliases=("score", "score1", "points", "mark"),
)

SPLITS = ("official", "unseen", "stratified")
WHY = (
    "A grader that has seen graded answers to a question looks better than it is on the next exam, so no question of "
    "the test is known from training; new answers to known questions are a further test. "
)

SHIFTS = (Bar(metric="smd", limit=0.15), Bar(metric="smd", limit=0.10, against="slices"))

TASK = Task(
    name="education/grading",
    summary="Grades a student's short answer beside a reference answer, or leaves it to the teacher.",
    columns=(
        Text(
            "question",
            help="the question that was asked",
            required=False,
            aliases=("prompt", "item_text"),
        ),
        Text(
            "reference",
            help="an answer that earns full points; several may be joined by |||",
            aliases=("reference_answer", "model_answer", "key", "desired_answer"),
        ),
        Text(
            "rubric",
            help="what points are given for, where that is written down",
            required=False,
            aliases=("criteria", "marking_scheme"),
        ),
        Text(
            "answer",
            help="what the student wrote",
            private=True,
            may_be_empty=True,
            aliases=("student_answer", "response", "provided_answer"),
        ),
        GRADE,
        Group(
            "question_id",
            help="names the question; without it, the question's text does: the test has questions of its own",
            aliases=("prompt_id", "item", "item_id"),
            known_in=("unseen_answers",),
        ),
        Reference(
            "grade2",
            like=GRADE,
            help="what a second grader gave: how well two graders agree then stands beside the model",
            aliases=("score2", "second_grade", "rater2"),
        ),
        Group(
            "student",
            help="names the student: how many have answers on both sides of the split is told",
            kept_whole=False,
            private=True,
            aliases=("student_id", "candidate", "learner"),
        ),
        Id("id", help="names an answer, unique; kept beside its grade", aliases=("answer_id", "response_id")),
        Sensitive(
            "group",
            help="school, course or group of students; never an input; results are also given for each value",
            aliases=("school", "subject", "course", "module"),
        ),
    ),
    protocol=Protocol(
        splits=SPLITS,
        primary="qwk",
        metrics=(
            "qwk",
            "accuracy",
            "adjacent_agreement",
            "rmse",
            "mae",
            "pearson",
            "smd",
            "macro_f1",
            "log_loss",
            "ece",
            "per_class",
        ),
        baselines=("majority", "overlap-ridge", "tfidf-logistic"),
        why=WHY
        + (
            "Agreement with the human grade beyond chance decides (quadratic weighted kappa): a miss by two points "
            "counts four times a miss by one. Whether the grades are too high or too low on average is told beside it "
            "(SMD). Each is passed or failed by what testing services ask of automated scores (Williamson, Xi and "
            "Breyer 2012); answers made to fool a grader are tried in every evaluation."
        ),
        experts_alone="ridge",
        detailed=("qwk", "accuracy", "adjacent_agreement", "rmse", "pearson", "smd"),
        bars=(
            Bar(metric="qwk", limit=0.70),
            Bar(metric="qwk", limit=0.10, against="second"),
            *SHIFTS,
        ),
        probes=SUITE,
    ),
    card=Card(
        intended_use="A second opinion on short answers, and a first grade where a teacher looks at the doubtful ones.",
        population="Answers like those of training: same age, subject, language and scale.",
        limits=(
            "It compares wording and meaning with the reference and does not understand the subject. How many answers "
            "made to please a machine (copied questions, lists of key words, denied references) get through stands in "
            "the report. It was judged on questions of the same kind as those it was trained on."
        ),
        decision_owner="The grade is a teacher's. The model suggests, and says where it is unsure.",
    ),
    recipe={
        "backbone": "minilm",
        # What a question is about tells nothing of the next one: the head sees how an answer differs, and no more.
        "combine": "contrast",
        "experts": ["overlap"],
        "strategy": "probe",
        "optimiser": {"rate": 5e-4},
        "head": {"name": "ordinal", "standardise": "each"},
        "loss": "cross-entropy",
        "blend": "overlap-ridge",
        "policy": {"name": "refer", "risk": 0.2},
    },
    on_numbers=OnNumbers(
        protocol=Protocol(
            splits=SPLITS,
            primary="rmse",
            metrics=("rmse", "mae", "pearson", "concordance", "smd"),
            baselines=("mean", "overlap-ridge", "tfidf-ridge"),
            why=WHY
            + (
                "On a scale without steps the distance from the human grade decides (root mean squared error); "
                "agreement beyond chance is told as concordance, and whether the grades are too high or too low on "
                "average beside it (SMD), each beside what testing services ask for; answers made to fool a grader are "
                "tried in every evaluation."
            ),
            experts_alone="ridge",
            detailed=("rmse", "pearson", "concordance", "smd"),
            bars=(
                Bar(metric="concordance", limit=0.70),
                Bar(metric="concordance", limit=0.10, against="second"),
                *SHIFTS,
            ),
            probes=SUITE,
        ),
        recipe={
            "head": {"name": "bounded-regression", "standardise": "each"},
            "loss": "mse",
            "policy": {"name": "refer-number", "error": 0.2},
        },
    ),
    group_from="question",
    lowest_without="answer",
    remarks="vertikit_education.coverage:Coverage",
    sample="vertikit_education.samples.grading:write",
    sample_note="Synthetic answers, written by a generator for this project; no student wrote them.",
    unit="answers",
)
