"""The real data sets: where they are from, under which licence, and their sha256, checked on reading."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

VARIABLE = "VERTIKIT_BENCH_DATA"


@dataclass(frozen=True)
class DataSet:
    """A set as read from files.

    Args:
        files: path below the data folder -> sha256.
        read: paths in the order of `files` -> columns text, disease, and, where there are, patient (the
            group) and part (train, valid, test).
    """

    name: str
    what: str
    origin: str
    licence: str
    note: str
    files: dict[str, str]
    read: Callable[[list[Path]], pd.DataFrame]


def data_folder() -> Path | None:
    """The folder that the environment names, if it does."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) / "medical" if chosen else None


def read_set(name: str) -> pd.DataFrame:
    """The rows of a set; ValueError where a file is not the one the figures are about."""
    folder = data_folder()
    if folder is None:
        raise ValueError(f"{VARIABLE} names no folder with the data sets")
    chosen = SETS[name]
    paths = [folder / path for path in chosen.files]
    for path, expected in zip(paths, chosen.files.values(), strict=True):
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise ValueError(f"{path} has sha256 {found}, not {expected}: these are other data")
    return chosen.read(paths)


def _symptoms(paths: list[Path]) -> pd.DataFrame:
    return pd.read_csv(paths[0]).rename(columns={"label": "disease"})[["text", "disease"]]


def _abstracts(paths: list[Path]) -> pd.DataFrame:
    names = pd.read_csv(paths[1]).set_index("condition_label")["condition_name"]
    rows = pd.read_csv(paths[0])
    return pd.DataFrame({"text": rows["medical_abstract"], "disease": rows["condition_label"].map(names)})


def _chemprot(paths: list[Path]) -> pd.DataFrame:
    parts = [pd.read_json(path, lines=True) for path in paths]
    rows = pd.concat(
        part.assign(part=name) for part, name in zip(parts, ("train", "valid", "test"), strict=True)
    )
    return rows.rename(columns={"label": "disease"})[["text", "disease", "part"]]


def _nicta(paths: list[Path]) -> pd.DataFrame:
    rows = pd.read_csv(paths[0])
    rows["part"] = rows["split"].replace({"dev": "valid"})
    return rows.rename(columns={"sentence": "text", "label": "disease", "abstract_id": "patient"})[
        ["text", "disease", "patient", "part"]
    ]


SETS = {
    each.name: each
    for each in (
        DataSet(
            "symptom2disease",
            "short first-person descriptions of symptoms, 24 diseases, 50 rows each",
            "GitHub t4ai/nlp-medical-diagnosis-classifier, snapshot 47808524823a (original on Kaggle)",
            "unknown (the repository states none)",
            "many rows are close paraphrases of each other, so every figure on it flatters",
            {
                "symptom2disease/Symptom2Disease.csv": (
                    "5f7d0ee532eaf21649a47051a37f4a9fb12e2b00053d7e3209f38707489998ba"
                )
            },
            _symptoms,
        ),
        DataSet(
            "medical_abstracts",
            "abstracts, 5 kinds of condition",
            "GitHub sebischair/Medical-Abstracts-TC-Corpus, snapshot 70a2d9106c72",
            "CC BY-SA 3.0",
            "the official test part of 2,888 rows alone, so not comparable with published rows",
            {
                "medical_abstracts/medical_tc_test.csv.gz": (
                    "dbcfb04cb006bbd50dee28ddde1806ab4651bb14cd13616d69995ad327d01c35"
                ),
                "medical_abstracts/medical_tc_labels.csv": (
                    "8a27ae03339c798103678efa8012f744a723ff71a80f2b2c1355ee249564adc5"
                ),
            },
            _abstracts,
        ),
        DataSet(
            "chemprot",
            "sentences with a marked pair of chemical and protein, 13 relations",
            "GitHub allenai/scibert, snapshot 06793f77d727",
            "Apache-2.0 (repository); the corpus was released for research",
            "official train, dev and test",
            {
                "chemprot/train.jsonl.gz": "04035342462424518fa2c1fe57e4040c0c6817a8869b306aabc04bb1e9e78a91",
                "chemprot/dev.jsonl.gz": "f80e9e786374f4afe3693c887eeb338b8577bc989be34b3cb08335629bdbb097",
                "chemprot/test.jsonl.gz": "eea58f50e8fc838df023475592f7ddd9126c78d4d21af77016ea0a4301de7b23",
            },
            _chemprot,
        ),
        DataSet(
            "nicta_piboso",
            "sentences of abstracts, 6 roles",
            "GitHub jind11/HSLN-Joint-Sentence-Classification, snapshot 08f1442d5822",
            "MIT (repository); the corpus states none",
            "the repository's train, dev and test; groups are abstracts; every sentence is read alone",
            {
                "nicta_piboso/nicta_piboso.csv.gz": (
                    "87f8e2da8d1c2d8e803db06f81dae3b0bb8385216b7b329b9dcc0cbd51004bd4"
                )
            },
            _nicta,
        ),
    )
}
