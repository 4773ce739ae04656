"""Answers made to please a machine: none of them should earn half of the points.

High-agreement graders are known to fail such tests (Ding, Riordan, Horbach, Cahill and Zesch 2020, Don't take
"nswvtnvakgxpm" for an answer, COLING; Filighera, Steuer and Rensing 2020, Fooling Automatic Short Answer Grading
Systems, AIED).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING

from vertikit import Probe

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.contracts import MetricContext

    Texts = Mapping[str, list[str]]

HALF = 0.5
"""Share of the scale that counts as getting through: the pass mark, where nothing else is said."""
_WORD = re.compile(r"[^\W_]+")
_FUNCTION_WORDS = """
a an the and or but of to in on at by for with from as is are was were be been it its this that these those not
no so if then than into over under can will would may which who what when where how why there their they we you
he she i my your our has have had do does did also more most very
"""
_SMALL = frozenset(_FUNCTION_WORDS.split())
FILLER = (
    "As we have learnt in class, this is a very important topic that has to be seen from many sides.",
    "There are of course several reasons for this, and all of them matter in practice.",
    "In general one can say that it depends on the situation and on the conditions.",
    "This plays a large part in everyday life and in science as well.",
    "To sum up, all of these points together explain what was asked.",
)


def off_topic(texts: Texts, random: Random) -> Texts | None:
    """The answer to another question: another row's reference."""
    references = texts["reference"]
    others = sorted(set(references))
    if len(others) < 2:
        return None
    return {
        "answer": [random.choice([each for each in others if each != own]) for own in references],
    }


def gibberish(texts: Texts, random: Random) -> Texts:
    """Words of random letters, as many as the reference has."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return {
        "answer": [
            " ".join(
                "".join(random.choices(letters, k=random.randint(3, 9)))
                for _ in range(max(3, len(each.split())))
            )
            for each in texts["reference"]
        ]
    }


def question_copied(texts: Texts, random: Random) -> Texts | None:
    """The question itself as the answer."""
    del random
    if not any(texts.get("question", ())):
        return None
    return {"answer": list(texts["question"])}


def padding(texts: Texts, random: Random) -> Texts:
    """Sentences that would do for any question."""
    return {
        "answer": [" ".join(random.sample(FILLER, k=len(FILLER) - 1)) for _ in texts["answer"]],
    }


def keyword_list(texts: Texts, random: Random) -> Texts:
    """The reference's content words, each once, in random order and without a sentence."""
    answers = []
    for each in texts["reference"]:
        words = [word for word in dict.fromkeys(_WORD.findall(each.casefold())) if word not in _SMALL]
        random.shuffle(words)
        answers.append(", ".join(words))
    return {"answer": answers}


def negated_reference(texts: Texts, random: Random) -> Texts:
    """The first of the references, every sentence denied."""
    opening = ("It is not true that", "It is wrong to say that", "It is never the case that")
    answers = []
    for each in texts["reference"]:
        sentences = [
            part.strip() for part in re.split(r"(?<=[.!?;])\s+", each.split("|||")[0]) if part.strip()
        ]
        answers.append(
            " ".join(f"{random.choice(opening)} {part[:1].lower()}{part[1:]}" for part in sentences)
        )
    return {"answer": answers}


def passes(frame: pd.DataFrame, context: MetricContext) -> NDArray[np.bool_]:
    """[n] whether the grade given is at least half of the scale above its lowest."""
    import numpy as np

    given = np.asarray([float(value) for value in frame["prediction"]], np.float64)
    labels = [float(label) for label in context.labels]
    scale = context.scale
    low = scale.minimum if scale is not None and scale.minimum is not None else min(labels)
    high = scale.maximum if scale is not None and scale.maximum is not None else max(labels)
    return np.asarray(given >= low + HALF * (high - low) - 1e-9, bool)


def _probe(name: str, says: str, alter: str) -> Probe:
    here = "vertikit_education.gaming"
    return Probe(name=name, says=says, alter=f"{here}:{alter}", through=f"{here}:passes")


SUITE = (
    _probe("off-topic", "the reference answer to another question", "off_topic"),
    _probe("gibberish", "words of random letters", "gibberish"),
    _probe("question copied", "the question itself as the answer", "question_copied"),
    _probe("padding", "sentences that would do for any question", "padding"),
    _probe("keyword list", "the reference's words in random order, without a sentence", "keyword_list"),
    _probe("negated reference", "the reference, every sentence denied", "negated_reference"),
)
