"""Pictures on real sets: the commands of the README beside logistic regression on pixels and on frozen features."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import vertikit
from benchmarks.anomaly import WEIGHTS
from benchmarks.results import Results
from benchmarks.sets import data_folder

SIDE = 224
SETS = ("covid_chestxray", "pneumoniamnist", "brain_mri_tumor", "neu_surface_defects")
PRIMARY = {"medical/imaging": "auroc", "manufacturing/quality": "macro_f1"}
KEPT = ("auroc", "macro_f1", "accuracy", "mean_average_precision", "calibration_slope")


def run(only: str = "") -> None:
    """Each set with the default recipe, with and without pretrained weights."""
    weights, medical = os.environ.get(WEIGHTS, ""), data_folder()
    assert medical is not None
    results = Results("imaging")
    for name in SETS:
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                before = results.entries.get(name, {})
                results.keep(name, _set(name, medical, weights, Path(folder), before))


def _set(name: str, medical: Path, weights: str, folder: Path, before: dict[str, Any]) -> dict[str, Any]:
    """All sides of a set. Logistic regression on features has nothing of the kit in it, and its figures of `before`
    stand where the rows were the same."""
    task, data, options, own = _data(name, medical, folder)
    recipes: dict[str, dict[str, Any]] = {"default": own}
    if task == "manufacturing/quality":
        recipes["small network"] = {
            "backbone": {"name": "picture-cnn", "augment": {"flip": 0.5, "flip_vertical": 0.5}},
            "strategy": "full", "head": "softmax", "epochs": 20,
            "optimiser": {"rate": 2e-3, "encoder_rate": 2e-3},
            "evaluation": {"few_shot": []},
        }  # fmt: skip
    if weights:
        recipes["pretrained, frozen"] = {
            "backbone": pretrained(weights),
            "strategy": "probe",
            "head": "logistic",
            "blend": None,
        }
    entry: dict[str, Any] = {"task": task, "primary": PRIMARY[task], "sides": {}}
    for side, recipe in recipes.items():
        done = vertikit.train(
            task, data, output=folder / side.replace(", ", "-"), progress=False, **options, **recipe
        )
        metrics = done.metrics
        entry["sides"][side] = {key: metrics["test"][key] for key in KEPT if key in metrics["test"]}
        entry["rows"] = metrics["rows"]
        if side == "default":
            for baseline, found in metrics["baselines"].items():
                entry["sides"][baseline] = {key: found[key] for key in KEPT if key in found}
        if "shortcut" in metrics:
            entry["sides"]["picture-frame"] = {
                key: metrics["shortcut"]["test"][key] for key in KEPT if key in metrics["shortcut"]["test"]
            }
            entry.setdefault("warned", {})[side] = any(
                each.startswith("Shortcut") for each in metrics["warnings"]
            )
        if "view" in metrics.get("slices", {}):
            entry.setdefault("views", {})[side] = metrics["slices"]["view"]
        if "few_shot" in metrics:
            entry.setdefault("few_shot", {})[side] = metrics["few_shot"]
        entry.setdefault("seconds", {})[side] = metrics["seconds"]["total"]
    tested = pd.read_parquet(folder / "default" / "predictions.parquet")
    for words, given in (
        ("logistic on pretrained features", weights),
        ("logistic on untrained features", ""),
    ):
        if words in before.get("sides", {}) and before["rows"] == entry["rows"]:
            entry["sides"][words] = before["sides"][words]
        elif given or words.endswith("untrained features"):
            entry["sides"][words] = _on_features(name, medical, given, tested)
    return entry


def pretrained(weights: str) -> dict[str, Any]:
    """MobileNetV2 as its weights were trained: by TensorFlow, on pixels from -1 to 1."""
    return {
        "name": "mobilenet-v2", "weights": weights, "mean": [0.5] * 3, "std": [0.5] * 3, "padding": "same",
    }  # fmt: skip


def _data(name: str, medical: Path, folder: Path) -> tuple[str, Any, dict[str, Any], dict[str, Any]]:
    """(task, data, options, what the recipe says beyond the defaults)."""
    place = medical / name
    if name == "covid_chestxray":
        rows = pd.read_csv(place / "metadata.csv.gz")
        rows["label"] = np.where(rows["finding"].str.contains("COVID-19"), "COVID-19", "other")
        rows = rows[["image", "patientid", "view", "sex", "age", "label"]]
        rows.to_csv(folder / "covid.csv", index=False)
        mapped = {"patient": "patientid", "finding": "label"}
        return "medical/imaging", folder / "covid.csv", {"root": place / "images.zip", "map": mapped}, {}
    if name == "pneumoniamnist":
        file = place / "pneumoniamnist.npz"
        parts = {"valid": f"{file}#val", "test": f"{file}#test", "map": {"finding": "label"}}
        return "medical/imaging", f"{file}#train", parts, {"backbone": {"size": 28}}
    if name == "brain_mri_tumor":
        mapped = {"finding": "label", "patient": "near_dup_group"}
        return "medical/imaging", place / "index.csv", {"root": place / "images.zip", "map": mapped}, {}
    place = medical.parent / "manufacturing" / name
    mapped = {"image": "file", "defect": "label"}
    return "manufacturing/quality", place / "index.csv", {"root": place / "images.zip", "map": mapped}, {}


def _on_features(name: str, medical: Path, weights: str, tested: pd.DataFrame) -> dict[str, Any]:
    """Logistic regression of scikit-learn on pooled features of MobileNetV2, on the run's own test rows: what one
    would write in an afternoon. C by cross-validation in the other rows."""
    import torch
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from torchvision import models

    squares, labels, test = _squares(name, medical, tested)
    torch.manual_seed(0)
    model = models.mobilenet_v2(weights=None)
    if weights:
        from vertikit_plugins.backbones.pictures.surgery import pad_as_tensorflow

        arrays = np.load(weights)
        model.load_state_dict({key: torch.from_numpy(arrays[key]) for key in arrays.files})
        pad_as_tensorflow(model)
    model.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(squares), 32):
            batch = torch.from_numpy(squares[start : start + 32])[:, None].float() / 127.5 - 1
            large = torch.nn.functional.interpolate(batch, (SIDE, SIDE), mode="bilinear", antialias=True)
            found.append(model.features(large.repeat(1, 3, 1, 1)).mean((2, 3)).numpy())
    features = np.concatenate(found)
    scaled = make_pipeline(
        StandardScaler(), LogisticRegressionCV(Cs=[1e-4, 1e-3, 1e-2, 1e-1, 1], max_iter=300, cv=3)
    )
    scaled.fit(features[~test], labels[~test])
    p, truth = scaled.predict_proba(features[test]), labels[test]
    named = scaled.classes_[p.argmax(axis=1)]
    score = p[:, 1] if p.shape[1] == 2 else p
    return {
        "auroc": {"value": float(roc_auc_score(truth, score, multi_class="ovr"))},
        "accuracy": {"value": float(accuracy_score(truth, named))},
        "macro_f1": {"value": float(f1_score(truth, named, average="macro"))},
    }


def _squares(name: str, medical: Path, tested: pd.DataFrame) -> tuple[Any, Any, Any]:
    """Grey squares [N, S, S], labels [N], and which are test rows of the run."""
    from PIL import Image

    if name == "pneumoniamnist":
        arrays = np.load(medical / name / "pneumoniamnist.npz")
        parts = ("train", "val", "test")
        pixels = np.concatenate([arrays[f"{part}_images"] for part in parts])
        labels = np.concatenate([arrays[f"{part}_labels"][:, 0] for part in parts]).astype(str)
        sizes = [len(arrays[f"{part}_images"]) for part in parts]
        return pixels, labels, np.repeat([False, False, True], sizes)
    place = medical / name if (medical / name).is_dir() else medical.parent / "manufacturing" / name
    table = pd.read_csv(place / ("metadata.csv.gz" if name == "covid_chestxray" else "index.csv"))
    if name == "covid_chestxray":
        labels = np.where(table["finding"].str.contains("COVID-19"), "COVID-19", "other")
    else:
        labels = table["label"].to_numpy(str)
    names = table["image" if "image" in table else "file"]
    with zipfile.ZipFile(place / "images.zip") as archive:
        pixels = np.stack(
            [
                np.asarray(Image.open(io.BytesIO(archive.read(each))).convert("L").resize((SIDE, SIDE)))
                for each in names
            ]
        )
    return pixels, labels, np.isin(np.arange(1, len(table) + 1), tested["row"])
