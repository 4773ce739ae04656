"""The two sets of graded short answers: where they are from, and their sha256, checked on reading."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pandas as pd

from benchmarks.sets import data_folder

SPRAG, SAF = "sprag_short_answers", "saf_short_answer_feedback"
FILES = {
    SPRAG: ("sprag.csv.gz", "1cada174e5901b934915667f567d5874fe84aa8f1c88b41878a776f70e0abd8e"),
    SAF: ("saf.csv.gz", "85b09457bbdf267f29e6e4a34f6f20174256017c5856d61129faa93ff6e1393a"),
}
ABOUT = {
    SPRAG: "short answers on Python and machine learning, 0 to 5 points by two graders. Origin: GitHub "
    "sridevibonthu/SPRAG. Licence: not stated; research only",
    SAF: "short answers with scores from 0 to 1, English (communication networks) and German (micro jobs). Origin: "
    "GitHub SebOchs/SAF (Filighera et al. 2022). Licence: MIT",
}


def read(name: str) -> pd.DataFrame:
    """The rows of a set as strings; ValueError where the file is not the one the figures are about."""
    folder = data_folder()
    assert folder is not None
    file, expected = FILES[name]
    path: Path = folder.parent / "education" / name / file
    if sha256(path.read_bytes()).hexdigest() != expected:
        raise ValueError(f"{path.name} is not the file that the figures are about")
    return pd.read_csv(path, keep_default_na=False, dtype=str)


def described() -> list[str]:
    """Lines for the page."""
    return [
        line
        for name, (file, digest) in FILES.items()
        for line in (f"- **{name}**: {ABOUT[name]}.", f"  - `{file}` sha256 `{digest}`")
    ]
