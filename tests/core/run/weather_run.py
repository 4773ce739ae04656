"""A run folder with every file that a report reads, of a task that no plugin offers, and a reader of its page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd

from vertikit.run.report import render

LABELS = ["gale", "calm", "fog.bank", "rain"]


def figure(value: float | None, spread: float = 0.05) -> dict[str, Any]:
    return {"value": value, "ci95": None if value is None else [value - spread, value + spread]}


def metrics_of(labels: list[str]) -> dict[str, Any]:
    """All keys of metrics.json, for a model that takes each class for the next one now and then."""
    size = len(labels)
    test = {"hit_rate": figure(0.71), "surprise": figure(0.9), "undefined": figure(None)}
    for place, label in enumerate(labels):
        test |= {
            f"precision.{label}": figure(0.8),
            f"f1.{label}": figure(0.9 - 0.1 * place),
            f"support.{label}": {"value": 12},
        }
    confusion = [
        [10 if t == p else 2 if p == (t + 1) % size else 0 for p in range(size)] for t in range(size)
    ]
    return {
        "task": "weather/guess",
        "primary": "hit_rate",
        "higher_is_better": True,
        "verdict": "The model does better than guessing.",
        "verdict_kind": "better",
        "warnings": [],
        "rows": {"read": 900, "quarantined": 3, "removed": 2, "train": 600, "valid": 100, "test": 195},
        "split": {"name": "grouped", "why": "no station on two sides", "groups": 40, "refit": False},
        "leaks": {
            "across": 1,
            "inside": 1,
            "conflicting": 2,
            "conflicting_texts": 1,
            "near": 0,
            "kept": False,
        },
        "labels": labels,
        "test": test,
        "baselines": {"always-calm": {"hit_rate": figure(0.2)}, "counts": {"hit_rate": figure(0.6)}},
        "difference": {"baseline": "counts", "metric": "hit_rate", "value": 0.11, "ci95": [0.02, 0.2]},
        "tests": {"other-coast": {"hit_rate": figure(0.55), "verdict": "It loses much on the other coast."}},
        "slices": {
            "site": {"north": {"rows": 100, "hit_rate": figure(0.7)}, "south": {"rows": 4, "why": "too few"}}
        },
        "confusion": confusion,
        "reliability": {"confidence": [0.3, 0.6, 0.9], "accuracy": [0.4, 0.5, 0.95], "rows": [20, 75, 100]},
        "calibration": {
            "method": "temperature",
            "temperature": 1.3,
            "ece_before": 0.1,
            "ece_after": 0.03,
            "rows": 100,
        },
        "policy": {
            "description": "abstains below 0.6",
            "coverage": 0.6,
            "risk": 0.1,
            "curve": {"coverage": [0.1, 0.6, 1.0], "risk": [0.0, 0.1, 0.29]},
        },
        "overfitting": {"train": 0.9, "valid": 0.7, "gap": 0.2, "alarm": False},
        "learning_curve": [{"rows": 300, **figure(0.5)}, {"rows": 600, **figure(0.71)}],
        "epochs": [
            {"epoch": each, "train_loss": 1 / each, "valid_loss": 1.2 / each, "valid_hit_rate": 0.1 * each}
            for each in (1, 2, 3)
        ],
        "cost": {"parameters": 22720128, "trainable": 6160, "trainable_share": 0.00027, "model_bytes": 24640},
        "seconds": {"train": 6.3, "total": 63.5},
        "versions": {"vertikit": "0.1.0"},
    }


def make_run(folder: Path, labels: list[str] | None = None, **changes: Any) -> Path:
    """A run folder with every file; a key of metrics.json that is changed to None is taken out."""
    labels = labels or LABELS
    folder.mkdir(parents=True)
    metrics = {key: value for key, value in (metrics_of(labels) | changes).items() if value is not None}
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    columns: dict[str, list[Any]] = {
        "row": [7, 1234, 42, 9],
        "truth": [labels[0], labels[1], labels[0], None],
        "kind": [labels[0], labels[0], labels[1], labels[0]],
    }
    first, second = [0.9, 0.8, 0.05, 0.5], [0.1, 0.2, 0.95, 0.5]
    columns |= {f"kind.p.{label}": [0.0] * 4 for label in labels}
    columns |= {f"kind.p.{labels[0]}": first, f"kind.p.{labels[1]}": second}
    columns |= {"decision": ["abstain"] * 4, "reason": [""] * 4, "error": [None] * 4}
    pd.DataFrame(columns).to_parquet(folder / "predictions.parquet")
    saved = {
        "format": 1,
        "task": "weather/guess",
        "columns": {"note": "remark", "kind": "kind"},
        "labels": labels,
    }
    saved |= {"card": {"intended_use": "A second opinion.", "limits": "It knows no snow."}}
    saved |= {"created": "2026-11-24T00:07:48Z"}
    (folder / "task.json").write_text(json.dumps(saved), encoding="utf-8")
    (folder / "quarantine.csv").write_text(
        "source,row,reason,raw\n"
        "a.csv,1,kind is missing,secret remark\n"
        "a.csv,2,note is missing,secret remark\n"
        "a.csv,3,kind is missing,secret remark\n"
        "a.csv,4,repeats row 5 (test),secret remark\n"
        "a.csv,6,repeats row 7 (test),secret remark\n",
        encoding="utf-8",
    )
    (folder / "recipe.yaml").write_text("epochs: 3\nnote: '<b>bold</b>'\n", encoding="utf-8")
    return folder


class Page(HTMLParser):
    """The tags of a page, the text of elements by class, and the text as a whole."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "wbr", "circle", "path"):
            self._open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] != "style":
            self.words.append((self._open[-1][1], data))

    @property
    def text(self) -> str:
        return "".join(data for _, data in self.words)

    def of_class(self, name: str) -> list[str]:
        return [data for names, data in self.words if name in names.split()]

    @property
    def sections(self) -> list[str]:
        return [attributes["id"] or "" for tag, attributes in self.tags if tag == "section"]

    def attribute(self, name: str) -> Iterator[str]:
        return (value for _, attributes in self.tags if (value := attributes.get(name)) is not None)


def page_of(folder: Path, **options: Any) -> Page:
    return Page(render(folder, **options).read_text(encoding="utf-8"))
