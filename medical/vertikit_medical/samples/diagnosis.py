"""Sample data of medical/diagnosis: short notes of primary-care and emergency visits.

The notes are synthetic: a random generator puts them together from phrases written for this project. They
represent no person and come from no data set; a model trained on them knows nothing about patients. They are
made to be as awkward as real notes: diseases that share symptoms, patients who return, denials, complaints of
relatives, typos, missing parts, copied and near-copied notes, wrong labels, a few rows that cannot be used.
"""

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from vertikit_medical.samples.diagnosis_conditions import Condition, Knowledge, knowledge
from vertikit_medical.samples.diagnosis_writing import ADULT, Patient, Writer

FIELDS = ("note_id", "patient", "visit_date", "sex", "age", "site", "text", "disease")
FIRST_DAY = date(2023, 1, 1)
KIN = ("mother", "father", "sister", "brother", "uncle", "partner", "son", "flatmate")
VISITS = (1, 2, 3, 4, 5)
VISIT_SHARES = (30, 28, 20, 13, 9)
WRONG_LABEL = 0.04
# Parts of the file that are not ordinary notes; 900 rows hold 10, 13, 9 and 5 of them.
COPIES, NEAR_COPIES, VAGUE, UNUSABLE = 0.011, 0.014, 0.01, 0.0055
MISSING = {"visit_date": 0.1, "sex": 0.04, "age": 0.05, "site": 0.04}


@dataclass(frozen=True)
class Visit:
    """One note before it becomes a row of the file."""

    patient: Patient
    day: date
    site: str
    text: str
    disease: str


def notes(rows: int = 900, seed: int = 0) -> Iterator[dict[str, str]]:
    """Give `rows` notes in order of their day, keyed by `FIELDS`, "" where missing; the seed decides all."""
    random = Random(seed)
    copies, near, vague, unusable = (round(rows * share) for share in (COPIES, NEAR_COPIES, VAGUE, UNUSABLE))
    vague = vague if vague > 1 else 0  # one alone conflicts with nothing
    visits = _visits(rows - copies - near - vague - unusable, random)
    extra = [_later(visit, random) for visit in random.sample(visits, copies)]
    extra += [_edited(visit, random) for visit in random.sample(visits, near)]
    extra += _vague(visits, vague, random)
    for number, visit in enumerate(random.sample(visits, unusable)):
        later = _later(visit, random)
        extra.append(replace(later, disease="") if number % 2 == 0 else replace(later, text=""))
    for number, visit in enumerate(sorted(visits + extra, key=lambda visit: visit.day), start=1):
        yield _row(f"n{number:05d}", visit, random)


def write(path: Path, rows: int = 900, seed: int = 0) -> None:
    """Write the notes as CSV (UTF-8, a header, "\\n" line ends)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, FIELDS, lineterminator="\n")
        table.writeheader()
        table.writerows(notes(rows, seed))


def _row(note_id: str, visit: Visit, random: Random) -> dict[str, str]:
    row = {
        "note_id": note_id,
        "patient": visit.patient.key,
        "visit_date": visit.day.isoformat(),
        "sex": visit.patient.sex,
        "age": str(visit.patient.age),
        "site": visit.site,
        "text": visit.text,
        "disease": visit.disease,
    }
    return row | {name: "" for name, share in MISSING.items() if random.random() < share}


def _visits(count: int, random: Random) -> list[Visit]:
    """The ordinary notes, patient by patient; no two have the same text."""
    known = knowledge()
    writer, visits, texts = Writer(known, random), list[Visit](), set[str]()
    deck: list[Condition] = []
    for number in itertools.count(1):
        if len(visits) >= count:
            break
        # Dealt from a shuffled deck, not drawn: so the rarest disease is rare in every file, absent in none.
        deck = deck or _deck(known, random)
        condition = deck.pop()
        patient = _patient(number, known, condition, random)
        day = _first_day(condition, random)
        for earlier in range(random.choices(VISITS, VISIT_SHARES)[0]):
            again = earlier > 0 and random.random() < condition.returns
            if earlier > 0:
                condition = condition if again else _next_condition(condition, patient, known, random)
                day += timedelta(days=_gap(again, random))
            site = patient.site if random.random() < 0.9 else random.choice(list(known.sites))
            text = _fresh_text(writer, patient, condition, site, again, texts)
            visits.append(Visit(patient, day, site, text, _label(condition, random)))
    return visits[:count]


def _fresh_text(
    writer: Writer, patient: Patient, condition: Condition, site: str, again: bool, texts: set[str]
) -> str:
    """A text that names no condition, not even by a typo, and is new: copies are made on purpose, later."""
    random, known = writer.random, writer.known
    style = random.choices(list(known.styles), known.sites[site])[0]
    style = patient.style if random.random() < 0.8 else style
    if style == "patient" and patient.age < 12:
        style = "nurse"
    brief = random.random() < 0.12
    while True:
        text = writer.note(patient, condition, style, again, brief)
        if text.casefold() not in texts and not known.unspoken.search(text):
            texts.add(text.casefold())
            return text
        brief = False


def _patient(number: int, known: Knowledge, condition: Condition, random: Random) -> Patient:
    low, mode, high = condition.age
    age = round(random.triangular(low, high, mode))
    site = random.choice(list(known.sites))
    symptoms = list(known.words["symptom"])
    return Patient(
        key=f"p{number:05d}",
        sex="F" if random.random() < condition.female else "M",
        age=age,
        site=site,
        style=random.choices(list(known.styles), known.sites[site])[0],
        background=random.randrange(30),
        relative=(random.choice(KIN if age >= ADULT else KIN[:5]), random.choice(symptoms)),
        past=(random.choice(symptoms), random.randint(2009, 2021)),
        shouts=random.random() < 0.1,
        lowercase=random.random() < 0.3,
    )


def _deck(known: Knowledge, random: Random) -> list[Condition]:
    cards = [condition for condition in known.conditions.values() for _ in range(round(2 * condition.share))]
    random.shuffle(cards)
    return cards


def _chosen(conditions: list[Condition], random: Random) -> Condition:
    return random.choices(conditions, [condition.share for condition in conditions])[0]


def _next_condition(last: Condition, patient: Patient, known: Knowledge, random: Random) -> Condition:
    """Another reason to come: mostly one that is confused with the last, always one that the age allows."""
    related = [known.conditions[name] for name in last.confused]
    for pool in (related, list(known.conditions.values())):
        allowed = [other for other in pool if other is not last and _fits(other, patient)]
        if allowed and (pool is not related or random.random() < 0.6):
            return _chosen(allowed, random)
    return last


def _fits(condition: Condition, patient: Patient) -> bool:
    return condition.age[0] <= patient.age <= condition.age[2]


def _first_day(condition: Condition, random: Random) -> date:
    while True:
        day = FIRST_DAY + timedelta(days=random.randrange(540))
        if not condition.months or day.month in condition.months or random.random() < 1 / 3:
            return day


def _gap(again: bool, random: Random) -> int:
    """Days to the next visit: soon for the same illness, unless it is a new bout of it."""
    return random.randint(2, 14) if again and random.random() < 0.6 else random.randint(20, 200)


def _label(condition: Condition, random: Random) -> str:
    return random.choice(condition.confused) if random.random() < WRONG_LABEL else condition.name


def _later(visit: Visit, random: Random) -> Visit:
    """The note as it is copied forward to a visit some days on."""
    return replace(visit, day=visit.day + timedelta(days=random.randint(2, 21)))


def _edited(visit: Visit, random: Random) -> Visit:
    """A copied note with a word added or left out."""
    words = visit.text.split(" ")
    if len(words) > 8 and random.random() < 0.5:
        del words[random.randrange(3, len(words))]
    else:
        words.append(random.choice(("Unchanged.", "Reviewed.", "As before.", "Ongoing.")))
    return replace(_later(visit, random), text=" ".join(words))


def _vague(visits: list[Visit], count: int, random: Random) -> list[Visit]:
    """Returns that say nothing: the same few words for different diseases."""
    texts = knowledge().vague_returns
    kinds = min(len(texts), max(1, count // 3))
    made: list[Visit] = []
    for number in range(count):
        before = made[number - kinds].disease if number >= kinds else ""
        last = random.choice([visit for visit in visits if visit.disease != before])
        made.append(replace(_later(last, random), text=texts[number % kinds]))
    return made
