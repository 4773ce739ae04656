"""What the figures of a run must not be read without."""

from __future__ import annotations

from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import count, finite, number, share

_MANY_QUARANTINED = 0.05


def warnings(run: RunFiles) -> list[tuple[str, str]]:
    """(tone, sentence) of each; kept leaks come first, as alarms.

    The run's own sentences are shown as they stand. Kept leaks and a large quarantine are told of even
    if none of these does; the rest is worked out from the figures where the run has no list at all.
    """
    listed = run.metrics.get("warnings")
    own = [str(each) for each in listed or ()]
    leaks = run.metrics.get("leaks") or {}
    kept = bool(leaks.get("kept"))
    found = [("alarm" if kept and "leak" in each.casefold() else "warning", each) for each in own]
    if kept and not any("leak" in each.casefold() for each in own):
        sentence = (
            "Leaks were kept at your wish: rows that training and test have in common, and texts with "
            "conflicting labels, are still in. The figures below look better than the model is."
        )
        found.insert(0, ("alarm", sentence))
    if listed is None:
        found += [("warning", sentence) for sentence in _called_for(run.metrics)]
    rows = run.metrics.get("rows") or {}
    quarantined, read = finite(rows.get("quarantined")), finite(rows.get("read"))
    if quarantined and read and quarantined >= _MANY_QUARANTINED * read:
        sentence = (
            f"{count(quarantined)} of {count(read)} rows ({share(quarantined, read)}) could not be used; the "
            "reasons stand under Data."
        )
        found.append(("warning", sentence))
    return sorted(found, key=lambda pair: pair[0] != "alarm")


def _called_for(metrics: Json) -> list[str]:
    found = []
    overfitting, leaks = metrics.get("overfitting") or {}, metrics.get("leaks") or {}
    if overfitting.get("alarm"):
        train, valid = number(finite(overfitting.get("train"))), number(finite(overfitting.get("valid")))
        found.append(
            f"Overfitting: the model scores {train} on the rows it learnt from and {valid} on rows it had not "
            "seen in training."
        )
    if (metrics.get("split") or {}).get("refit"):
        found.append(
            "There were few labelled rows: the number of epochs was fixed, calibration and thresholds come out "
            "of fold, and the model was refitted on all training and validation rows."
        )
    if leaks.get("near"):
        found.append(
            f"Near duplicates: {count(leaks['near'])} training rows are nearly like a validation or test row. "
            "They were not removed; where they are copies, the figures flatter."
        )
    return found
