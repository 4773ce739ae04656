"""Tasks of letters that are a complaint or thanks."""

from __future__ import annotations

import csv
from dataclasses import replace
from random import Random

from vertikit import Card, Label, Protocol, Task, Text

WORDS = {"complaint": ("broken", "late", "refund"), "thanks": ("kind", "quick", "glad")}
FILLER = ("the", "order", "was", "my", "parcel", "came", "today", "again", "please", "shop", "box", "with")


def write(path, rows=400, seed=0, told=0.8, columns=("text", "kind")):
    random = Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        for at in range(rows):
            kind = random.choice(list(WORDS))
            shown = kind if random.random() < told else random.choice(list(WORDS))
            words = [*random.choices(FILLER, k=8), *random.choices(WORDS[shown], k=2), f"n{at}"]
            writer.writerow({"text": " ".join(words), "kind": kind})


def write_without_target(path, rows=400, seed=0):
    write(path, rows, seed, columns=("text",))


def write_alike(path, rows=400, seed=0):
    write(path, rows, 0)


def write_told(path, rows=400, seed=0):
    write(path, rows, seed, told=1.0)


WHERE = "tests.core.testing.broken.tasks"
TASK = Task(
    name="shop/letters",
    summary="Tells complaints from thanks.",
    columns=(Text("text", help="the letter"), Label("kind", help="what it is")),
    protocol=Protocol(
        splits=("stratified",), primary="macro_f1", metrics=("macro_f1", "accuracy"), baselines=("tfidf-logistic",),
        why="Both kinds count alike.",
    ),
    card=Card(intended_use="Sorting letters.", population="Letters of one shop.", limits="It reads one language."),
    recipe={
        "backbone": "ngrams", "strategy": "full", "head": "softmax", "loss": "cross-entropy",
        "policy": "differential",
    },
    sample=f"{WHERE}:write",
)  # fmt: skip


class Rough(Text):
    def parse(self, raw):
        return {"": raw}[raw]


SOUND = TASK
BROKEN = {
    "told": replace(TASK, columns=(Text("text"), Label("kind", help="what it is"))),
    "columns": replace(TASK, columns=(Rough("text", help="the letter"), Label("kind", help="what it is"))),
    "names": replace(TASK, protocol=replace(TASK.protocol, metrics=("no-such-metric",))),
    "recipe": replace(TASK, recipe={**TASK.recipe, "head": "no-such-head"}),
    "sample": replace(TASK, sample=f"{WHERE}:write_without_target"),
    "sample seed": replace(TASK, sample=f"{WHERE}:write_alike"),
    "not too easy": replace(TASK, sample=f"{WHERE}:write_told"),
}
