"""Sample data of manufacturing/anomaly: shots of invented plates, most of them sound, with masks of what is odd.

Synthetic throughout (see `plates`). As in a real line, plates are shot more than once, some shots do not say which
plate they are of, a few odd plates were filed among the sound ones and a few sound ones as odd, some masks were never
drawn, and a file is damaged.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vertikit_manufacturing.samples.plates import DEFECTS
from vertikit_manufacturing.samples.shooting import files_beside, save, taken, write_table

ODD = 0.2
SHARES = {"scratch": 0.3, "dent": 0.25, "stain": 0.2, "pitting": 0.15, "crack": 0.1}
FAINT = 0.35
MISFILED = 0.015
"""Of odd shots that are called good, and of good ones that are called odd."""
NO_PART, NO_MASK = 0.06, 0.1


def write(path: Path, rows: int = 480, seed: int = 0) -> None:
    """Write the table as CSV, and the pictures in a folder beside it."""
    random = np.random.default_rng(seed)
    folder = files_beside(path)
    names = list(DEFECTS)
    odd = random.random(rows) < ODD
    drawn = random.choice(names, size=rows, p=[SHARES[name] for name in names])
    kinds = [str(kind) if wrong else "" for kind, wrong in zip(drawn, odd, strict=True)]
    kinds = sorted(
        kinds, key=lambda kind: names.index(kind) if kind else -1
    )  # so that plates have several shots
    table = []
    shots = taken(kinds, FAINT, random)
    for at in random.permutation(len(shots)).tolist():
        each = shots[at]
        number = f"{at + 1:04d}"
        state = each.kind or "good"
        if random.random() < MISFILED:
            state = "good" if each.kind else str(random.choice(names))
        mask = ""
        if each.defect.any() and state != "good" and random.random() > NO_MASK:
            mask = save(each.defect.astype(np.uint8) * 255, folder, f"{number}-mask.png")
        table.append(
            {
                "image": save(each.pixels, folder, f"{number}.png"),
                "part": "" if random.random() < NO_PART else f"P{each.part:04d}",
                "id": f"shot {number}",
                "state": state,
                "mask": mask,
            }
        )
    damaged = folder / Path(table[len(table) // 2]["image"]).name
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    write_table(path, table)
