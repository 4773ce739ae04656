"""Which language texts are in, judged by their function words: enough to warn, and no more.

A detector of its own because all that is asked is whether most texts are plainly in another language than an encoder
was trained on; function words tell that in microseconds (Grefenstette 1995, Comparing two language identification
schemes, JADT).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORDS = {
    "en": "the of and to in is that it for was with as be are this by on not or from which at have an they we will can",
    "de": "der die das und ist nicht ein eine zu den mit von auf für im sich auch dem des werden wird sind man es ich",
    "fr": "le la les de des et est une un que qui dans pour pas sur par avec ce il elle sont au aux du plus nous",
    "es": "el la los las de y que en un una es no por con para se del su al como más son lo está pero",
    "it": "il lo la gli le di e che un una è non per con si del della dei sono al più nel alla anche come",
    "pt": "o a os as de e que em um uma é não por com para se do da dos são ao mais na no como",
    "nl": "de het een en van is niet dat te in op voor met zijn er aan ook door bij naar wordt om dan maar",
    "sv": "och att det som en är av för med den till på inte har de ett om var han kan från eller så",
    "pl": "i w na z że się nie do jest to po o jak za od przez dla są ale być oraz co przy",
}
_FUNCTION = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_LANGUAGES = {
    word: [language for language, known in _FUNCTION.items() if word in known]
    for word in frozenset().union(*_FUNCTION.values())
}
_TOKEN = re.compile(r"[^\W\d_]+")
NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "pl": "Polish",
}  # fmt: skip
FEWEST = 30
"""Function words, over all texts, for a language to be told."""
FEWEST_EACH = 3
"""The same, for the language of one text."""
CLEAR = 2.0
"""Times as many function words as of the next language."""
SAMPLE = 500


def language_of(texts: Sequence[str]) -> str:
    """The ISO 639-1 code of the language of most texts, "" where it is not plain; at most 500 of them are read."""
    counts: Counter[str] = Counter()
    step = max(1, len(texts) // SAMPLE)
    for text in texts[::step]:
        words = _TOKEN.findall(text[:2000].casefold())
        for language, known in _FUNCTION.items():
            counts[language] += sum(word in known for word in words)
    (first, most), (_, next_most) = counts.most_common(2)
    return first if most >= FEWEST and most >= CLEAR * next_most else ""


def foreign(name: str, texts: Sequence[str], encoder: str, languages: Sequence[str]) -> str:
    """A sentence where the texts of a column are plainly in none of the encoder's languages; "" else.

    An encoder that does not state its languages, or states "multilingual", is taken to know all.
    """
    known = {each.casefold() for each in languages}
    if not known or "multilingual" in known:
        return ""
    found = language_of(texts)
    if not found or found in known:
        return ""
    spoken = " and ".join(NAMES.get(each, each) for each in languages)
    return (
        f"{name} seems to be in {NAMES[found]}, and the encoder {encoder} was trained on {spoken}: it may understand "
        "little. Choose one for the language: --set backbone=owner/name"
    )


def each_language(texts: Sequence[str]) -> list[str]:
    """The code of the language of each text, "" where it is not plain: too few function words, or as many of two."""
    found = []
    for text in texts:
        counts: Counter[str] = Counter(dict.fromkeys(_FUNCTION, 0))
        for word in _TOKEN.findall(text[:2000].casefold()):
            counts.update(_LANGUAGES.get(word, ()))
        (first, most), (_, next_most) = counts.most_common(2)
        found.append(first if most >= FEWEST_EACH and most >= CLEAR * next_most else "")
    return found
