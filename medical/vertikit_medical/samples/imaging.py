"""Sample data of medical/imaging and medical/imaging-findings: films that a generator drew, of nobody.

They are made to be as awkward as real ones: patients with several films and studies of two, two sites whose devices and
patients differ (so that the site says something of the finding, which is a shortcut), films saved twice, labels that
are wrong, findings that are not known, missing sex and age, and files that are damaged.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.sample_files import files_beside
from vertikit_medical.samples.films import FINDINGS, Device, film, person

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

DEVICES = {
    "north": Device(exposure=1.0, noise=0.035, blur=0.6, border=0, mark="L"),
    "east": Device(exposure=0.85, noise=0.05, blur=1.0, border=3, mark="", grain=0.01),
}
SHARES = {"north": 0.35, "east": 0.6}
"""Of patients with a finding: a hospital for the sick, and one for all."""
WRONG_LABEL, SAVED_TWICE, DAMAGED = 0.04, 0.02, 0.006
MISSING = {"sex": 0.05, "age": 0.06, "view": 0.03}
HOLES = 0.2
"""Of findings that nobody looked for, of imaging-findings."""


@dataclass(frozen=True)
class Film:
    """A film before it becomes a row."""

    patient: str
    study: str
    site: str
    view: str
    sex: str
    age: int
    findings: tuple[str, ...]
    pixels: NDArray[np.uint8]


def write(path: Path, rows: int = 600, seed: int = 0) -> None:
    """Write a CSV with one finding a film ("normal" where there is none), and the films as PNG beside it."""
    random = np.random.default_rng(seed)
    fields = ("image", "patient", "study", "view", "site", "sex", "age", "finding")

    def answers(each: Film) -> dict[str, str]:
        finding = each.findings[0] if each.findings else "normal"
        if random.random() < WRONG_LABEL:
            finding = str(random.choice(["normal", "opacity", "effusion"]))
        return {"finding": finding}

    _write(
        path,
        fields,
        films(rows, seed, ("opacity", "effusion"), together=0.0),
        answers,
        random,
    )


def write_findings(path: Path, rows: int = 600, seed: int = 0) -> None:
    """Write a CSV with what was looked for and found in each film, as `opacity=1|nodule=0`, and the films as PNG."""
    random = np.random.default_rng(seed)
    fields = ("image", "patient", "study", "view", "site", "sex", "age", "findings")

    def answers(each: Film) -> dict[str, str]:
        told = []
        for finding in FINDINGS:
            there = (finding in each.findings) != (random.random() < WRONG_LABEL / 2)
            if random.random() >= HOLES:
                told.append(f"{finding}={int(there)}")
        return {"findings": "|".join(told)}

    _write(path, fields, films(rows, seed, FINDINGS, together=0.35), answers, random)


def films(rows: int, seed: int, kinds: tuple[str, ...], together: float) -> Iterator[Film]:
    """`rows` films; `together` is how often a finding comes with another."""
    random = np.random.default_rng(seed + 1)
    made = patients = studies = 0
    while made < rows:
        patients += 1
        who, site = person(random), "north" if random.random() < 0.65 else "east"
        sex, age = str(random.choice(["F", "M"])), int(np.clip(random.normal(58, 18), 18, 95))
        sick = random.random() < SHARES[site]
        findings: tuple[str, ...] = ()
        if sick:
            weights = np.array([0.45, 0.25, 0.18, 0.12][: len(kinds)])
            count = 2 if random.random() < together else 1
            findings = tuple(
                str(each) for each in random.choice(kinds, count, replace=False, p=weights / weights.sum())
            )
        lying = random.random() < (0.5 if sick else 0.2)
        for _ in range(int(random.choice([1, 2, 3], p=[0.55, 0.3, 0.15]))):
            studies += 1
            now = findings if random.random() < 0.85 else ()  # some recover
            for _ in range(2 if random.random() < 0.2 else 1):
                if made < rows:
                    made += 1
                    yield Film(
                        f"P{patients:04d}", f"S{studies:05d}", site, "AP" if lying else "PA", sex, age, now,
                        film(who, now, DEVICES[site], lying, random),
                    )  # fmt: skip


def _write(
    path: Path,
    fields: tuple[str, ...],
    every: Iterator[Film],
    answers: object,
    random: Generator,
) -> None:
    from PIL import Image

    pictures = files_beside(path)
    pictures.mkdir()
    named = pictures.name

    assert callable(answers)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, fields, lineterminator="\n")
        table.writeheader()
        for number, each in enumerate(every, 1):
            name = f"film-{number:05d}.png"
            row = {
                "image": f"{named}/{name}", "patient": each.patient, "study": each.study, "view": each.view,
                "site": each.site, "sex": each.sex, "age": str(each.age), **answers(each),
            }  # fmt: skip
            row |= {key: "" for key, share in MISSING.items() if random.random() < share}
            Image.fromarray(each.pixels).save(pictures / name)
            if random.random() < DAMAGED:
                whole = (pictures / name).read_bytes()
                (pictures / name).write_bytes(whole[: len(whole) // 3])
            table.writerow(row)
            if random.random() < SAVED_TWICE:
                again = f"film-{number:05d}-copy.jpg"
                Image.fromarray(each.pixels).resize((112, 112)).save(pictures / again, quality=80)
                table.writerow({**row, "image": f"{named}/{again}"})
