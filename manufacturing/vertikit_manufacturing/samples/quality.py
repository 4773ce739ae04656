"""Sample data of manufacturing/quality: shots of invented plates with the defect that each has, or none.

Synthetic throughout (see `plates`). Plates are shot more than once, kinds are unequally frequent, some shots do not say
which plate they are of, a few are misnamed or not named at all, and a file is damaged.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vertikit_manufacturing.samples.shooting import files_beside, save, taken, write_table

SHARES = {"none": 0.4, "scratch": 0.2, "dent": 0.15, "stain": 0.11, "pitting": 0.08, "crack": 0.06}
FAINT = 0.6
MISNAMED, UNNAMED, NO_PART = 0.025, 0.008, 0.06


def write(path: Path, rows: int = 720, seed: int = 0) -> None:
    """Write the table as CSV, and the pictures in a folder beside it."""
    random = np.random.default_rng(seed)
    folder = files_beside(path)
    names = list(SHARES)
    kinds = sorted(random.choice(names, size=rows, p=list(SHARES.values())).tolist(), key=names.index)
    table = []
    shots = taken(["" if kind == "none" else kind for kind in kinds], FAINT, random)
    for at in random.permutation(len(shots)).tolist():
        each = shots[at]
        defect = each.kind or "none"
        if random.random() < MISNAMED:
            defect = str(random.choice(names))
        if random.random() < UNNAMED:
            defect = ""
        table.append(
            {
                "image": save(each.pixels, folder, f"{at + 1:04d}.png"),
                "part": "" if random.random() < NO_PART else f"P{each.part:04d}",
                "id": f"shot {at + 1:04d}",
                "defect": defect,
            }
        )
    damaged = folder / Path(table[len(table) // 2]["image"]).name
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    write_table(path, table)
