"""An explanation in sentences, as JSON, and as a table of parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vertikit.explain.deletion import curves
from vertikit.explain.explaining import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.explain.explaining import Adapted, Explained

LUCK = 0.05
"""How seldom luck alone may give such a correlation for it to count as shown."""


def sentences(found: Explained) -> Iterator[str]:
    """What it comes to, in order, for someone who reads no table."""
    moved = [each for each in found.adapted.changes if each.norm]
    if moved:
        most = max(moved, key=lambda each: each.norm or 0.0)
        yield (
            f"Training moved {len(moved)} of {len(found.adapted.changes)} blocks, {most.name} farthest: by "
            f"{most.norm:.2%} of its norm."
        )
    if found.adapted.reverted:
        yield worst(found)
        yield from accounts(found.adapted)
    if found.control is not None and found.against:
        yield controlled(found)
    yield from found.notes
    if found.faithful.get("value") is not None:
        yield faithful(found)
    elif found.reasons:
        yield "No row has two parts or more, so what was named cannot be tested."
    for line in found.experts:
        yield _share(f"the {line['columns']} columns of {line['expert']}", "hold what they usually do", line)
    if found.blend:
        weights = ", ".join(f"{name} {weight:.2f}" for name, weight in found.blend["weights"].items())
        yield _share(f"the blend with {found.blend['with']} (weights: {weights})", "is left out", found.blend)


def worst(found: Explained) -> str:
    """Which block is missed most."""
    most = max(found.adapted.reverted, key=lambda each: each.loss["value"])
    lost = most.lost.get("value")
    metric = (
        "" if lost is None else f" and {found.primary} falls short by {_signed(lost)}{_between(most.lost)}"
    )
    figures = f"the loss rises by {_signed(most.loss['value'])}{_between(most.loss)}{metric}, on {found.judged:,} rows."
    ends = most.loss.get("ci95")
    if most.loss["value"] <= 0 or (ends is not None and ends[0] <= 0):
        return (
            f"No block is missed beyond luck where it is put back to where it was; of {most.name} {figures}"
        )
    return f"Put back to where it was, {most.name} is missed most: {figures}"


def accounts(adapted: Adapted) -> Iterator[str]:
    """Whether what changed more mattered more, by each measure; by the loss, which moves where a metric may not."""
    for measure, words in MEASURES.items():
        own = adapted.correlations.get(measure, {}).get("loss", {})
        if own.get("value") is None:
            yield f"Whether blocks of more change ({words}) matter more cannot be told: {own.get('why', 'not known')}."
            continue
        if own["p"] >= LUCK:
            says = f"That blocks of more change ({words}) matter more is not shown"
        else:
            says = f"Blocks of more change ({words}) matter {'more' if own['value'] > 0 else 'less'}"
        yield (
            f"{says}: rank correlation with the rise of the loss {_signed(own['value'])}{_between(own)}, "
            f"p {own['p']:.2g}, over {own['blocks']} blocks{_few(own['blocks'])}."
        )


def controlled(found: Explained) -> str:
    """Whether relative norm tells learning from mere fitting of noise."""
    own = found.adapted.correlations["norm"]["loss"]
    other, ahead = found.against["loss"], found.lead.get("loss", {})
    if own.get("value") is None or other.get("value") is None or ahead.get("value") is None:
        return f"The control tells nothing: {other.get('why') or own.get('why') or ahead.get('why')}."
    assert found.control is not None
    alone = found.control.correlations["norm"]["loss"]
    figures = (
        f"The same recipe on shuffled labels changes the blocks by amounts whose rank correlation with what the run's "
        f"own blocks are worth is {_signed(other['value'])}{_between(other)}, beside {_signed(own['value'])} of the "
        f"run's own change, a lead of {_signed(ahead['value'])}{_between(ahead)}; with what its own blocks are worth "
        f"there it is {_shown(alone)}"
    )
    ends = ahead.get("ci95")
    if ends is not None and ends[0] > 0 and own["p"] < LUCK:
        return f"{figures}: relative norm tells learning from the mere fitting of noise here."
    if own["p"] < LUCK and other["p"] < LUCK and other["value"] > 0:
        return f"{figures}: relative norm tells where this recipe moves weights, and not what it learnt."
    return f"{figures}: that relative norm tells learning from the mere fitting of noise is not shown."


def faithful(found: Explained) -> str:
    """The deletion test in a sentence."""
    test = found.faithful
    ends = test.get("ci95")
    what = "lowers the probability by" if found.reasons[0].said else "moves the number by"
    kinds = dict.fromkeys(kind.called for each in found.reasons for kind in each.division.kinds)
    said = f"Taking away first the {' and '.join(kinds)} that it names {what} {abs(test['value']):.3g} "
    said += "more" if test["value"] >= 0 else "less"
    said += f" than taking away others, mean over the steps{_between(test)}, on {test['rows']:,} rows"
    if ends is None:
        return f"{said}; {test.get('why', 'no interval')}."
    if ends[0] > 0:
        return f"{said}: they are what the answers live on."
    return f"{said}: that they are named better than by luck is not shown."


def _share(what: str, how: str, line: Mapping[str, Any]) -> str:
    falls = line["falls"]
    fallen = falls["value"] >= 0
    amount = dict(falls) if fallen else {
        "value": -falls["value"], **({"ci95": [-falls["ci95"][1], -falls["ci95"][0]]} if "ci95" in falls else {}),
    }  # fmt: skip
    moved = f"the answer to the class that was given {'falls' if fallen else 'rises'} by"
    changed = f", and {line['changed']:.1%} of the rows get another class" if "changed" in line else ""
    if "changed" not in line:
        moved = "the number moves by"
    return (
        f"Where {what} {how}, {moved} {amount['value']:.3g}{_between(amount)} in the mean of {line['rows']:,} rows"
        f"{changed}."
    )


def _shown(measured: Mapping[str, Any]) -> str:
    return "not known" if measured.get("value") is None else _signed(measured["value"])


def _few(blocks: int) -> str:
    return ", so few that the interval is wide" if blocks < 20 else ""


def _signed(value: float) -> str:
    text = f"{abs(value):.2g}" if abs(value) < 0.1 else f"{abs(value):.2f}"
    return text if value >= 0 else f"−{text}"


def _between(measured: Mapping[str, Any]) -> str:
    ends = measured.get("ci95")
    return "" if ends is None else f" (95 % interval {ends[0]:.3g} to {ends[1]:.3g})".replace("-", "−")


def as_json(found: Explained, *, values: bool) -> dict[str, Any]:
    """The content of changes.json: everything but the parts of rows, which stand in a table of their own."""
    return {
        "run": found.run,
        "task": found.task,
        "primary": found.primary,
        "higher_is_better": found.higher_is_better,
        "sentences": list(sentences(found)),
        "notes": found.notes,
        "judged": found.judged,
        "adapted": _adapted(found.adapted),
        **({} if found.control is None else {"control": _adapted(found.control)}),
        **({"against": found.against, "lead": found.lead} if found.against else {}),
        **({"rows": _rows(found, values)} if found.reasons else {}),
        **({"experts": found.experts} if found.experts else {}),
        **({"blend": found.blend} if found.blend else {}),
    }


def _adapted(adapted: Adapted) -> dict[str, Any]:
    worth = {each.name: {key: value for key, value in asdict(each).items() if key != "name"}
             for each in adapted.reverted}  # fmt: skip
    return {
        "blocks": [
            {**asdict(each), **({"reverted": worth[each.name]} if each.name in worth else {})}
            for each in adapted.changes
        ],
        **({"score": adapted.score} if adapted.score else {}),
        **({"correlations": adapted.correlations} if adapted.correlations else {}),
    }


def _rows(found: Explained, values: bool) -> dict[str, Any]:
    tests = [each.deletion for each in found.reasons if each.deletion is not None]
    return {
        "faithful": found.faithful,
        **({"curves": curves(tests)} if tests else {}),
        "explained": [
            {
                "row": each.row,
                "source": each.source,
                "said": each.said or None,
                "answer": each.answer,
                "area": None if each.deletion is None else each.deletion.area,
                "first": [_named(each.parts[at], values) | {"weight": float(each.weights[at])}
                          for at in each.order[:5]],
            }
            for each in found.reasons
        ],
    }  # fmt: skip


def _named(part: Any, values: bool) -> dict[str, Any]:
    shown = values or not part.private
    return {"column": part.column, "place": part.place, **({"value": part.value} if shown else {})}


def table(found: Explained, *, values: bool) -> pd.DataFrame:
    """A line for each part of each row: row, source, said, answer, column, place, attribution, and what stood there,
    empty where that is private."""
    import pandas as pd

    columns = ("row", "source", "said", "answer", "column", "place", "attribution", "value")
    lines = [
        (each.row, each.source, each.said or None, each.answer, part.column, part.place, float(weight),
         part.value if values or not part.private else "")
        for each in found.reasons
        for part, weight in zip(each.parts, each.weights, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=list(columns))
