"""Odd pictures by turn, one class of steel surfaces sound and the others odd: the memory bank beside anomalib's."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import Results
from benchmarks.sets import data_folder
from benchmarks.velocity import Memory, own_mb

WEIGHTS = "VERTIKIT_BENCH_WEIGHTS"
"""Names an npz of MobileNetV2's weights, trained with TensorFlow."""
KEPT = 0.1
"""Of all patches, by anomalib's default."""
LAYERS = ["features.6", "features.13"]
SIZE, BATCH = 224, 20
LEARNT, SOUND, ODD = 60, 100, 40
"""Pictures: sound ones learnt, sound ones tested, and odd ones of each other class."""
BANKS = (500, 2000, 8000)
MANY, FEWER_KEPT = 160, 0.01
"""Pictures learnt where memory is compared, and anomalib's share of patches, so that it ends in minutes."""


def run(only: str = "") -> None:
    """Each side in a process of its own, so that its peak of memory is its own."""
    weights = os.environ.get(WEIGHTS)
    medical = data_folder()
    if not weights or medical is None:
        print(f"anomaly: skipped, {WEIGHTS} names no file of weights")
        return
    results = Results("anomaly")
    labels, pictures = _read(medical.parent / "manufacturing" / "neu_surface_defects")
    for sound in sorted(set(labels)):
        if only in sound:
            results.keep(sound, _turn(sound, labels, pictures, weights))
    if only in "memory":
        results.keep("memory", _memory(labels, pictures, weights))


def _turn(sound: str, labels: Any, pictures: Any, weights: str) -> dict[str, Any]:
    own = np.flatnonzero(labels == sound)
    odd = [np.flatnonzero(labels == each)[-ODD:] for each in sorted(set(labels)) if each != sound]
    test = np.concatenate([own[-SOUND:], *odd])
    entry: dict[str, Any] = {"learnt": LEARNT, "sound": SOUND, "odd": len(test) - SOUND}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "pictures.npz"
        np.savez(path, train=pictures[own[:LEARNT]], test=pictures[test], odd=labels[test] != sound)
        for side in ("anomalib", *(f"vertikit-{most}" for most in BANKS)):
            entry[side] = _side(side, path, weights)
    return entry


def _memory(labels: Any, pictures: Any, weights: str) -> dict[str, Any]:
    """Two sides on as many pictures of one class as there are, but for those that are judged."""
    sound = sorted(set(labels))[0]
    own = np.flatnonzero(labels == sound)
    odd = np.flatnonzero(labels != sound)[-20:]
    test = np.concatenate([own[-20:], odd])
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "pictures.npz"
        np.savez(path, train=pictures[own[:MANY]], test=pictures[test], odd=labels[test] != sound)
        sides = {"anomalib": f"anomalib@{FEWER_KEPT}", "vertikit-2000": "vertikit-2000"}
        return {"learnt": MANY} | {name: _side(side, path, weights) for name, side in sides.items()}


def _side(side: str, path: Path, weights: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.anomaly", side, str(path), weights]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"benchmarks.anomaly {side} failed: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _read(folder: Path) -> tuple[Any, Any]:
    """Labels [N] and grey squares [N, SIZE, SIZE], in the order of the file."""
    from PIL import Image

    with zipfile.ZipFile(folder / "images.zip") as archive, (folder / "index.csv").open() as table:
        rows = list(csv.DictReader(table))
        squares = [
            np.asarray(
                Image.open(io.BytesIO(archive.read(row["file"])))
                .convert("L")
                .resize((SIZE, SIZE), Image.Resampling.BILINEAR)
            )
            for row in rows
        ]
    return np.array([row["label"] for row in rows]), np.stack(squares)


def measure(side: str, path: Path, weights: str) -> dict[str, Any]:
    """One side on the same pictures and encoder: area under the curve, seconds, pictures a second, and memory."""
    import torch
    from sklearn.metrics import roc_auc_score

    memory = Memory()
    data = np.load(path)
    if "-" in side:
        learn, score, size = _kit(weights, int(side.split("-")[1]))
    else:
        learn, score, size = _anomalib(weights, float(side.partition("@")[2] or KEPT))
    batches = {name: torch.from_numpy(data[name]).split(BATCH) for name in ("train", "test")}
    score_of: list[Any] = []
    before = own_mb()
    started = time.perf_counter()
    learn(batches["train"])
    learning = time.perf_counter() - started
    learning_peak = memory.highest_since()
    started = time.perf_counter()
    with torch.inference_mode():
        for each in batches["test"]:
            score_of.append(score(each))
    seconds = time.perf_counter() - started
    found = torch.cat(score_of).flatten().double().numpy()
    return {
        "auroc": round(float(roc_auc_score(data["odd"], found)), 4),
        "bank": size(),
        "learn_seconds": round(learning, 1),
        "pictures_per_second": round(len(found) / seconds, 1),
        "before_mb": before,
        "learn_peak_mb": learning_peak,
        "predict_peak_mb": memory.highest_since(),
    }


def _kit(weights: str, most: int) -> tuple[Any, Any, Any]:
    import torch

    from vertikit.contracts import Features
    from vertikit.outcome.oddness import Oddness
    from vertikit_plugins.heads.memory_bank import MemoryBank

    module = _encoder(weights, LAYERS).module
    head = MemoryBank(0, Oddness(), most=most)

    def features(squares: Any) -> Features:
        found: Features = module(squares.unsqueeze(1).expand(-1, 3, -1, -1), torch.arange(len(squares)))
        return found

    def learn(batches: Any) -> None:
        with torch.inference_mode():
            head.begin(sum(len(each) for each in batches))
            for each in batches:
                head.learn(features(each), torch.zeros(len(each)))
            head.finish()

    return learn, lambda squares: head.located(features(squares))[0], lambda: len(head.state().arrays["bank"])


def _anomalib(weights: str, kept: float) -> tuple[Any, Any, Any]:
    """Its PatchCore on the very same network, nine neighbours, that share of all patches kept."""
    import torch
    from anomalib.models.image.patchcore.torch_model import PatchcoreModel

    encoder = _encoder(weights, None).module
    model = PatchcoreModel(backbone=encoder.encoder, layers=LAYERS, pre_trained=False, num_neighbors=9)

    def scaled(squares: Any) -> Any:
        return (squares.unsqueeze(1).expand(-1, 3, -1, -1).float() - encoder.mean) / encoder.std

    def learn(batches: Any) -> None:
        model.train()
        model.feature_extractor.eval()
        with torch.inference_mode():
            for each in batches:
                model(scaled(each))
            model.subsample_embedding(sampling_ratio=kept)
        model.eval()

    return (
        learn,
        lambda squares: torch.as_tensor(model(scaled(squares)).pred_score),
        lambda: len(model.memory_bank),
    )


def _encoder(weights: str, layers: list[str] | None) -> Any:
    from vertikit_plugins.backbones.pictures.torchvision_models import mobilenet_v2

    half = [0.5, 0.5, 0.5]
    return mobilenet_v2(weights=weights, mean=half, std=half, padding="same", tokens_from=layers).build()


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]), sys.argv[3])))
