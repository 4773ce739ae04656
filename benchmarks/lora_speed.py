"""Rows per second of LoRA training beside the plain Trainer + peft script, with and without length grouping."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.epoch_clock import EpochClock, clock_in_every_trainer
from benchmarks.kit import groups_of, score, train_command
from benchmarks.results import Results
from benchmarks.rows import TASK, Rows, clean_rows, some
from benchmarks.scoring import macro_f1

BATCH = 16
ROUNDS = 3
TIMED_ROWS = {"chemprot": 480, "medical_abstracts": 192}
"""Training rows of a timed epoch, drawn at random: few, so that the sides can alternate often."""
QUALITY_EPOCHS = 3
QUALITY_ROWS = {"chemprot": (600, 150, 500), "medical_abstracts": (600, 200, 400)}
"""Training, validation and test rows on which both sides are judged, drawn at random."""
SCRIPTS = {
    "plain": (False, False),
    "grouped": (True, False),
    "plain_still": (False, True),
    "grouped_still": (True, True),
}
"""Plain script -> (grouped by length, dropout of the frozen encoder off). The kit holds frozen layers still, the
Trainer does not, which costs time of its own: without the last two, that would pass for a saving of padding."""


def run(only: str = "", rounds: int = ROUNDS) -> None:
    """Timings of both sets, and macro-F1 of both sides on fewer rows."""
    results = Results("lora_speed")
    for name, count in TIMED_ROWS.items():
        if only in f"{name}/speed":
            results.keep(f"{name}/speed", measure(some(clean_rows(name), train=count), rounds))
    for name in TIMED_ROWS:
        if only in f"{name}/macro-F1":
            results.keep(f"{name}/macro-F1", quality(clean_rows(name)))


def measure(rows: Rows, rounds: int) -> dict[str, object]:
    """Rows per second of one epoch, all sides in turn; the first turn warms up and is left out."""
    from benchmarks.plain_trainer import Script, run_script
    from benchmarks.windows import random_padding

    clocks: dict[str, list[EpochClock]] = {side: [] for side in ("kit", *SCRIPTS)}
    for _ in range(rounds + 1):
        clocks["kit"].append(_kit_epoch(rows))
        for side, (grouped, still) in SCRIPTS.items():
            script = Script(
                adapters=True, epochs=1, rate=1e-3, batch=BATCH, grouped=grouped, still=still, evaluate=False
            )
            clocks[side].append(run_script(script, rows.train, rows.valid, rows.test[:16]).clock)
    wall = {side: [len(rows.train) / each.seconds[0] for each in taken[1:]] for side, taken in clocks.items()}
    padding = random_padding(list(rows.train["text"]), BATCH)
    over = {
        f"over_{side}{kind}": statistics.median(
            getattr(theirs, measured)[0] / getattr(ours, measured)[0]
            for ours, theirs in zip(clocks["kit"][1:], clocks[side][1:], strict=True)
        )
        for side in SCRIPTS
        for kind, measured in (("", "seconds"), ("_by_processor", "processor_seconds"))
    }
    return {
        "rows": len(rows.train),
        "rounds": rounds,
        "rows_per_second": {side: round(statistics.median(values), 1) for side, values in wall.items()},
        "all": {side: [round(value, 1) for value in values] for side, values in wall.items()},
        "padding_ratio": round(padding, 3),
        "share_of_padding_ratio": round(over["over_plain"] / padding, 3),
        "share_of_padding_ratio_still": round(over["over_plain_still"] / padding, 3),
        "share_of_padding_ratio_by_processor": round(over["over_plain_by_processor"] / padding, 3),
        **{name: round(value, 3) for name, value in over.items()},
    }


def _kit_epoch(rows: Rows) -> EpochClock:
    """The clock of the one epoch of a LoRA training by `vertikit.train`."""
    import vertikit

    assert rows.valid is not None
    with tempfile.TemporaryDirectory() as folder, clock_in_every_trainer() as clock:
        run = vertikit.train(
            TASK,
            rows.train,
            valid=rows.valid,
            test=rows.test,
            output=Path(folder) / "run",
            progress=False,
            strategy="lora",
            epochs=1,
            batch={"rows": BATCH},
            baselines=["majority"],
            evaluation={"bootstrap": 0},
            cleaning={"rare_classes": "quarantine", "max_quarantined": 0.9},
        )
        if len(clock.seconds) != 1 or run.metrics["rows"]["train"] != len(rows.train):
            raise RuntimeError(
                "the kit trained on other rows, or more than once: its epoch cannot be compared"
            )
    return clock


def quality(rows: Rows) -> dict[str, object]:
    """Macro-F1 of both sides after as many epochs on the same rows; the script's rate is the kit's encoder rate."""
    from benchmarks.plain_trainer import Script, run_script

    train, valid, test = QUALITY_ROWS[rows.name]
    part = some(rows, train=train, valid=valid, test=test)
    with tempfile.TemporaryDirectory() as folder:
        kit = train_command(
            part,
            Path(folder),
            "strategy=lora",
            "blend=null",
            f"epochs={QUALITY_EPOCHS}",
            "baselines=[majority]",
            "evaluation.bootstrap=0",
            "cleaning.rare_classes=quarantine",
        )
    script = Script(adapters=True, epochs=QUALITY_EPOCHS, rate=1e-3, batch=BATCH)
    plain = run_script(script, part.train, part.valid, part.test)
    return {
        "epochs": QUALITY_EPOCHS,
        "rows": {"train": len(part.train), "valid": len(part.valid), "test": len(part.test)},
        "kit": score(kit, part),
        "plain": macro_f1(list(part.test["disease"]), plain.predicted, groups_of(part)),
        "kit_seconds": round(kit.model_seconds, 1),
        "plain_seconds": round(plain.seconds + plain.test_seconds, 1),
    }
