"""`python -m benchmarks [NAME ...]`: take benchmarks, keep their results, and write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import importlib
import os

from benchmarks.sets import VARIABLE, data_folder

NAMES = (
    "startup",
    "quality",
    "probe_speed",
    "lora_speed",
    "fraud",
    "grading",
    "machines",
    "anomaly",
    "imaging",
    "velocity",
    "table_epoch",
    "picture_epoch",
    "select_rank",
    "strategies",
    "pretraining",
    "distil",
    "noise",
    "transfer",
    "compress",
    "explained",
    "watching",
    "exporting",
    "predicting",
    "serving",
    "forecasting",
)
NEED_DATA = (
    "quality",
    "probe_speed",
    "lora_speed",
    "fraud",
    "grading",
    "machines",
    "anomaly",
    "imaging",
    "picture_epoch",
    "select_rank",
    "strategies",
    "pretraining",
    "distil",
    "noise",
    "transfer",
    "compress",
    "explained",
    "watching",
    "exporting",
    "predicting",
    "serving",
    "forecasting",
)


def main() -> None:
    """Parse, run, write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(NAMES)}")
    parser.add_argument(
        "--only", default="", help="take only what has this text in its key (quality: a+b, both)"
    )
    parser.add_argument(
        "--again", action="store_true", help="quality: take again what the results have already"
    )
    parser.add_argument(
        "--epochs", type=int, default=10, help="probe_speed: epochs that the plain script is timed for"
    )
    parser.add_argument("--rounds", type=int, default=3, help="lora_speed: rounds that are counted")
    parser.add_argument(
        "--page", action="store_true", help="only write the page from the results that are kept"
    )
    chosen = parser.parse_args()
    if wrong := set(chosen.names) - set(NAMES):
        parser.error(f"no benchmark is called {', '.join(sorted(wrong))}")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    options = {
        "startup": {},
        "quality": {"again": chosen.again},
        "probe_speed": {"epochs": chosen.epochs},
        "lora_speed": {"rounds": chosen.rounds},
        "fraud": {},
        "grading": {},
        "machines": {},
        "anomaly": {},
        "imaging": {},
        "velocity": {},
        "table_epoch": {},
        "picture_epoch": {},
        "select_rank": {},
        "strategies": {},
        "pretraining": {},
        "distil": {},
        "noise": {},
        "transfer": {},
        "compress": {},
        "explained": {},
        "watching": {},
        "exporting": {},
        "predicting": {},
        "serving": {},
        "forecasting": {},
    }
    for name in [] if chosen.page else chosen.names or NAMES:
        if name in NEED_DATA and data_folder() is None:
            print(f"{name}: skipped, {VARIABLE} names no folder with the data sets")
            continue
        importlib.import_module(f"benchmarks.{name}").run(chosen.only, **options[name])
    from benchmarks.page import write_page

    print(write_page())


if __name__ == "__main__":
    main()
