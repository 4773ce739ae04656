"""Writes the text of one synthetic visit in the style of a clinician, a triage nurse or the patient."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from vertikit_medical.samples.diagnosis_conditions import Condition, Knowledge, Style

ADULT = 18
VERBAL = re.compile(
    r"(being|coughing|eating|everything|feeling|finding|food|getting|going|having|losing|needing|not|passing|"
    r"refusing|something|struggling|wanting)\b"
)
# How often a patient puts a symptom as the last time: what a split that is blind to patients leaks.
REUSED_WORDING = 0.85
# Symptoms that any patient may mention, whatever the condition.
STRAY_SYMPTOMS = ("fatigue", "head_pain", "poor_sleep", "nausea", "dizziness", "appetite_loss", "fever")
STRAY = 0.02


@dataclass
class Patient:
    """An invented person: what stays the same between visits, the last symptoms, the wordings used so far."""

    key: str
    sex: str
    age: int
    site: str
    style: str
    background: int
    relative: tuple[str, str]
    past: tuple[str, int]
    shouts: bool = False
    lowercase: bool = False
    symptoms: tuple[str, ...] = ()
    said: dict[tuple[str, str], str] = field(default_factory=dict)


class Writer:
    """Writes the texts of visits, drawing all chances from one random stream."""

    def __init__(self, known: Knowledge, random: Random) -> None:
        self.known = known
        self.random = random

    def note(self, patient: Patient, condition: Condition, style_name: str, again: bool, brief: bool) -> str:
        """The note of a visit for `condition`; `again`: for the same as last time; `brief`: one sentence."""
        style, chance = self.known.styles[style_name], self.random.random
        shown = self._shown(patient, condition, again, brief)
        patient.symptoms = tuple(shown)
        parts = [self._opening(patient, condition, style, shown)]
        if not brief:
            if again and chance() < 0.35:
                parts.insert(0, self.random.choice(style.returns))
            parts += self._course(condition, style)
            parts += self._denials(condition, style, shown)
            if chance() < 0.42 and patient.age >= ADULT:  # they speak of jobs and habits
                parts.append(style.backgrounds[patient.background])
            parts += self._others(patient, style)
            parts += self._examination(condition, style)
            if chance() < 0.28:
                parts.append(self.random.choice(style.closings))
        text = _sentences(" ".join(parts))
        return self._habits(patient, style, text)

    def _shown(self, patient: Patient, condition: Condition, again: bool, brief: bool) -> list[str]:
        kept = [name for name in patient.symptoms if again and self.random.random() < 0.7]
        fresh = self._drawn(condition.symptoms)
        fresh += [name for name in STRAY_SYMPTOMS if self.random.random() < STRAY]
        names = list(dict.fromkeys(kept + fresh)) or [self.random.choice(list(condition.symptoms)[:3])]
        # People lead with what troubles them most, and the note ends before their list does.
        names.sort(key=lambda name: -condition.symptoms.get(name, STRAY) * self.random.uniform(0.6, 1.0))
        most = self.random.choice((1, 2, 2)) if brief else self.random.choice((3, 4, 5, 5, 6))
        return names[:most]

    def _opening(self, patient: Patient, condition: Condition, style: Style, shown: Sequence[str]) -> str:
        what = self._joined(style, [self._worded(patient, name, style.wording) for name in shown])
        who = f"{patient.age}{patient.sex}" if style.wording == "short" else _pronoun(patient, self.random)
        span = self._span(condition, style)
        return self.random.choice(style.openings).format(who=who, what=what, span=span)

    def _span(self, condition: Condition, style: Style) -> str:
        low, mode, high = condition.days
        days = self.random.triangular(low, high, mode)
        if days < 1:
            count, unit, letter = self.random.randint(2, 20), "hours", "h"
        elif days < 14:
            count, unit, letter = max(2, round(days)), "days", "/7"
        else:
            count, unit, letter = round(days / 7), "weeks", "/52"
        unit = self.random.choice((letter, unit[0], f" {unit}")) if style.wording == "short" else unit
        return self.random.choice(style.spans).format(n=count, unit=unit)

    def _course(self, condition: Condition, style: Style) -> list[str]:
        told = [self._phrase("course", name, style.wording) for name in self._drawn(condition.course)[:2]]
        return [self.random.choice(style.courses).format(what=what) for what in told]

    def _denials(self, condition: Condition, style: Style, shown: Sequence[str]) -> list[str]:
        if self.random.random() > 0.36:
            return []
        # What is asked about would point to a neighbour: the words say one disease, the sense another.
        rivals = [self.known.conditions[name] for name in condition.confused]
        asked = [name for rival in rivals for name in list(rival.symptoms)[:5]]
        asked = [name for name in asked if name not in shown]
        names = self.random.sample(asked, min(len(asked), self.random.choice((1, 2, 2, 3))))
        if not names:
            return []
        said = [self._noun(name, style) for name in dict.fromkeys(names)]
        return [self.random.choice(style.denials).format(what=_listed(said, "or"))]

    def _others(self, patient: Patient, style: Style) -> list[str]:
        parts = []
        if self.random.random() < 0.13:
            name, year = patient.past
            what = self._noun(name, style)
            parts.append(self.random.choice(style.past).format(what=what, year=year))
        if self.random.random() < 0.13:
            kin, name = patient.relative
            what = self._worded(patient, name, style.others)
            parts.append(self.random.choice(style.family).format(what=what, kin=kin))
        return parts

    def _examination(self, condition: Condition, style: Style) -> list[str]:
        if not style.signs:
            return []
        parts = []
        found = [self._phrase("sign", name, style.wording) for name in self._drawn(condition.signs)]
        if found and self.random.random() < 0.7:
            parts.append(self.random.choice(style.signs).format(what=_listed(found, "and")))
        if self.random.random() < 0.32:
            parts.append(self._vitals(condition, style))
        return parts

    def _vitals(self, condition: Condition, style: Style) -> str:
        hot = self.random.random() < condition.fever
        temperature = self.random.uniform(37.9, 39.7) if hot else self.random.uniform(36.2, 37.4)
        pulse = self.random.randint(88, 122) if hot else self.random.randint(60, 104)
        oxygen = self.random.randint(*condition.oxygen)
        if style.wording == "short":
            full = f"T {temperature:.1f} HR {pulse} SpO2 {oxygen}%."
            return self.random.choice((full, f"Obs T{temperature:.1f} P{pulse}."))
        return f"Temp {temperature:.1f}, pulse {pulse}, oxygen {oxygen}."

    def _worded(self, patient: Patient, name: str, wording: str) -> str:
        """The patient's own wording of a symptom: mostly the one used before."""
        if (name, wording) not in patient.said or self.random.random() > REUSED_WORDING:
            patient.said[name, wording] = self._phrase("symptom", name, wording)
        return patient.said[name, wording]

    def _noun(self, name: str, style: Style) -> str:
        """A wording that reads well after "no", "denies" and "had"."""
        phrases = self.known.words["symptom"][name][style.others]
        nouns = [phrase for phrase in phrases if not VERBAL.match(phrase)]
        return _bare(self.random.choice(nouns or phrases))

    def _phrase(self, kind: str, name: str, wording: str) -> str:
        phrases = self.known.words[kind][name][wording]
        # The first wordings of a list are the ones most people use.
        return self.random.choices(phrases, [1 / (rank + 1) for rank in range(len(phrases))])[0]

    def _drawn(self, chances: Mapping[str, float]) -> list[str]:
        names = [name for name, chance in chances.items() if self.random.random() < chance]
        self.random.shuffle(names)
        return names

    def _joined(self, style: Style, phrases: Sequence[str]) -> str:
        if style.wording == "nurse":
            return _listed(phrases, "and")
        return self.random.choice(style.joins).join(phrases)

    def _habits(self, patient: Patient, style: Style, text: str) -> str:
        words = [self._typo(word) if self.random.random() < style.typos else word for word in text.split(" ")]
        text = " ".join(words)
        if style.wording == "lay":
            text = text.lower() if patient.lowercase else text
            text = text.replace(".", "!!", 1) if patient.shouts else text
        return text

    def _typo(self, word: str) -> str:
        if len(word) < 5 or not word.isalpha():
            return word
        at = self.random.randrange(1, len(word) - 1)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return self.random.choice((swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]))


def _pronoun(patient: Patient, random: Random) -> str:
    return random.choice(("Patient", {"F": "She", "M": "He"}[patient.sex], f"{patient.age} year old"))


def _listed(phrases: Sequence[str], last: str) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} {last} {phrases[-1]}"


def _bare(phrase: str) -> str:
    """Without its article: "no burning feeling", not "no a burning feeling"."""
    return re.sub(r"^(an?|the) ", "", phrase)


def _sentences(text: str) -> str:
    return re.sub(r"(^|[.!?] )([a-z])", lambda match: match[1] + match[2].upper(), text)
