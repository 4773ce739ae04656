from __future__ import annotations

import pytest

from vertikit.prepare.language import foreign, language_of

ENGLISH = [
    "The answer is that the water in the glass is not as dense as it was, and so it floats on the rest."
]
GERMAN = [
    "Der Kunde wird mit dem Namen begrüßt, und man fragt nach dem Anliegen, das er sich von uns erhofft."
]
FRENCH = [
    "La réponse est que le train est dans la gare et que les gens ne sont pas sur le quai avec des bagages."
]


@pytest.mark.parametrize(("texts", "code"), [(ENGLISH, "en"), (GERMAN, "de"), (FRENCH, "fr")])
def test_function_words_tell_the_language(texts: list[str], code: str) -> None:
    assert language_of(texts * 10) == code


def test_few_words_and_mixed_texts_tell_nothing() -> None:
    assert language_of(ENGLISH) == ""
    assert language_of(["x = 3", "42", "", "H2O"] * 50) == ""
    assert language_of((ENGLISH + GERMAN) * 20) == ""


def test_texts_in_another_language_than_the_encoders_are_warned_of() -> None:
    said = foreign("answer", GERMAN * 10, "minilm", ("en",))
    assert said.startswith("answer seems to be in German") and "trained on English" in said
    assert foreign("answer", ENGLISH * 10, "minilm", ("en",)) == ""


def test_an_encoder_of_many_or_of_unstated_languages_is_taken_to_know_all() -> None:
    assert foreign("answer", GERMAN * 10, "big", ("multilingual",)) == ""
    assert foreign("answer", GERMAN * 10, "own", ()) == ""
