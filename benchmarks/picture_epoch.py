"""Pictures read, decoded, augmented and trained by `vertikit.train`, beside a bare PyTorch loop on tensors."""

from __future__ import annotations

import io
import os
import statistics
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.epoch_clock import clock_in_every_trainer
from benchmarks.results import Results
from benchmarks.sets import data_folder

EPOCHS, ROUNDS, BATCH = 3, 5, 32
AUGMENT = {"flip": 0.5, "flip_vertical": 0.5, "rotate": 10, "shift": 0.05, "brightness": 0.2, "contrast": 0.2}
BACKBONES: dict[str, dict[str, Any]] = {
    "picture-cnn": {"name": "picture-cnn", "size": 64, "augment": AUGMENT},
}
"""The smallest network of the kit: with any other, what is not the network weighs less."""


def run(only: str = "") -> None:
    """Decoding alone, then each network, kit and loop in turn; the first round warms up and is left out."""
    medical = data_folder()
    assert medical is not None
    place = medical.parent / "manufacturing" / "neu_surface_defects"
    results = Results("picture_epoch")
    if only in "decoding":
        results.keep("decoding", _decoding(place))
    for name, backbone in BACKBONES.items():
        if only in name:
            results.keep(name, _epochs(place, backbone))


def _decoding(place: Path) -> dict[str, Any]:
    """Seconds to decode all pictures of the archive: by the kit, hashed and kept in a file, and by Pillow alone."""
    names = list(pd.read_csv(place / "index.csv")["file"])
    kit, bare = [], []
    for _ in range(ROUNDS + 1):
        kit.append(_kit_decodes(place / "images.zip", names))
        bare.append(_pillow_decodes(place / "images.zip", names))
    return {
        "pictures": len(names),
        "kit_seconds": [round(each, 3) for each in kit[1:]],
        "pillow_seconds": [round(each, 3) for each in bare[1:]],
        "pictures_per_second": round(len(names) / statistics.median(kit[1:])),
    }


def _kit_decodes(archive: Path, names: list[str]) -> float:
    from vertikit.prepare.pictures.decoding import read_pictures
    from vertikit.prepare.roots import Root
    from vertikit.recipe.model import PictureChoice
    from vertikit.registry import registry

    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        root = Root(archive)
        found = read_pictures(names, lambda _: root, registry(), PictureChoice(), Path(folder) / "pixels")
        seconds = time.perf_counter() - started
    assert not found.bad
    return seconds


def _pillow_decodes(archive: Path, names: list[str]) -> float:
    from PIL import Image

    started = time.perf_counter()
    with zipfile.ZipFile(archive) as opened, ThreadPoolExecutor(os.cpu_count()) as pool:
        contents = (opened.read(each) for each in names)
        for _ in pool.map(lambda raw: np.asarray(Image.open(io.BytesIO(raw))), contents):
            pass
    return time.perf_counter() - started


def _epochs(place: Path, backbone: dict[str, Any]) -> dict[str, Any]:
    """Seconds of an epoch of both, and of all it takes: from the archive to the last step of `EPOCHS` epochs."""
    kit, before, loop = [], [], []
    for _ in range(ROUNDS + 1):
        rows, ready, seconds = _kit_trains(place, backbone)
        before.append(ready)
        kit.append(seconds)
        loop.append(_loop_trains(place, backbone, rows))
    turns = list(zip(kit, before, loop, strict=True))[1:]
    every = [sum(ours) for ours, _, _ in turns]
    return {
        "pictures": rows,
        "size": backbone["size"],
        "epochs": EPOCHS,
        "kit_seconds": [round(statistics.median(ours), 3) for ours, _, _ in turns],
        "read_seconds": [round(ready, 3) for _, ready, _ in turns],
        "loop_seconds": [round(statistics.median(theirs), 3) for _, _, theirs in turns],
        "times_loop": round(
            statistics.median(statistics.median(o) / statistics.median(t) for o, _, t in turns), 3
        ),
        "times_loop_fastest": round(
            min(each for ours, _, _ in turns for each in ours) / min(each for *_, t in turns for each in t), 3
        ),
        "times_loop_with_reading": round(
            statistics.median((sum(o) + ready) / sum(t) for o, ready, t in turns), 3
        ),
        "pictures_per_second": round(EPOCHS * rows / statistics.median(every)),
    }


def _kit_trains(place: Path, backbone: dict[str, Any]) -> tuple[int, float, list[float]]:
    """(rows that train, seconds from the command to the first batch but for those of checks, seconds by epoch)."""
    import vertikit

    with tempfile.TemporaryDirectory() as folder, clock_in_every_trainer() as clock:
        done = vertikit.train(
            "manufacturing/quality",
            place / "index.csv",
            root=place / "images.zip",
            map={"image": "file", "defect": "label"},
            output=Path(folder) / "run",
            progress=False,
            backbone=backbone,
            strategy="full",
            epochs=EPOCHS,
            patience=EPOCHS,
            refit="never",
            batch={"rows": BATCH, "tokens": 1_000_000},
            baselines=["majority"],
            evaluation={"bootstrap": 0, "few_shot": []},
        )
        return (
            int(done.metrics["rows"]["train"]),
            float(done.metrics["seconds"]["prepare"]),
            [float(each) for each in clock.seconds[:EPOCHS]],
        )


def _loop_trains(place: Path, backbone: dict[str, Any], rows: int) -> list[float]:
    """The same network and optimiser on as many pictures that are tensors already, nothing altered."""
    import torch
    from PIL import Image

    from vertikit_plugins.backbones.pictures.residual import source

    size = int(backbone["size"])
    table = pd.read_csv(place / "index.csv").iloc[:rows]
    with zipfile.ZipFile(place / "images.zip") as archive:
        pixels = torch.from_numpy(
            np.stack(
                [
                    np.asarray(Image.open(io.BytesIO(archive.read(each))).convert("L").resize((size, size)))[
                        None
                    ]
                    for each in table["file"]
                ]
            )
        )
    target = torch.from_numpy(pd.factorize(table["label"])[0])
    module = source(size=size).build().module
    head = torch.nn.Linear(128, int(target.max()) + 1)
    parameters = [*module.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=2e-3)
    random = np.random.default_rng(0)
    module.train()
    owner, seconds = torch.arange(BATCH), []
    for _ in range(EPOCHS):
        started = time.perf_counter()
        order = torch.from_numpy(random.permutation(rows))
        for start in range(0, rows, BATCH):
            at = order[start : start + BATCH]
            raw = head(module(pixels=pixels[at], owner=owner[: len(at)]).pooled)
            loss = torch.nn.functional.cross_entropy(raw, target[at])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
        seconds.append(time.perf_counter() - started)
    return seconds
