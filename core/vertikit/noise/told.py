"""What a scan came to, in lines for the screen and in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.errors import UsageError
from vertikit.noise.residuals import BOUND
from vertikit.noise.scan import LABELLED, Counted, Part, Scan, Suspect
from vertikit.prepare.places import several
from vertikit.spreadsheet import shown_as_text

if TYPE_CHECKING:
    from vertikit.examples import Examples

SHOWN = 10
TOO_MANY = 0.2
"""A larger share that is listed says more of the judge than of the labels."""
MOST_CLASSES = 30
HIDDEN = "(private)"
COLUMNS = ("source", "row", "part", "finding", "given", "likely", "confidence", "of_given", "deviations")


def lines(found: Scan, show_values: bool) -> Iterator[str]:
    """How many rows are suspicious, class by class, and the most doubtful of them; values of a private target only with
    `show_values`."""
    hidden = found.data.task.target.private and not show_values
    yield (
        f"label noise: judged by {found.judge}; labelled rows in {found.divided} parts, each by a model that learnt "
        "from the others"
    )
    for part in found.parts:
        yield from _part(found, part, hidden)
    if any(part.name != LABELLED and part.suspects for part in found.parts):
        yield (
            "A wrong label in a test part spoils the figure. Decide about those by looking at the row and not by this "
            "list, or the test comes to agree with the model."
        )
    yield "Suspicious is not wrong: rare but true rows are among them. Nothing was taken out."


def _part(found: Scan, part: Part, hidden: bool) -> Iterator[str]:
    name = part.name if part.name in (LABELLED, "test") else f"test {part.name!r}"
    words = f"{name} rows" if name == "test" else name
    judged = "labels" if found.data.outcome.kind == "findings" else "rows"
    listed = len(part.suspects)
    told = f"  {words}: {listed:,} of {part.rows:,} {judged} are suspicious"
    told += f" ({listed / part.rows:.1%})" if part.rows else ""
    if part.share is not None:
        told += f"; estimated share of wrong labels {part.share:.1%}"
    elif found.scale is not None:
        told += f": over {BOUND} robust standard deviations ({BOUND * found.scale:.4g}) from what is foretold"
    yield told
    if part.rows and max(listed / part.rows, part.share or 0.0) > TOO_MANY:
        yield (
            "    ! That many are seldom wrong: the judge cannot tell these apart. Name a better encoder or baseline "
            "with --set, or do not rely on this list"
        )
    if part.unjudged:
        yield f"    not judged: {part.unjudged:,}, for want of others of their class"
    if not hidden:
        yield from _by_class(part.by_class)
    if not part.suspects:
        return
    shown = part.suspects[:SHOWN]
    yield f"    the most doubtful{'' if listed <= SHOWN else f' {SHOWN}'}:"
    for each in shown:
        yield "      " + _line(found.data.examples, each, hidden)


def _by_class(counted: list[Counted]) -> Iterator[str]:
    ranked = sorted((each for each in counted if each.listed), key=lambda each: (-each.listed, each.label))
    width = max((len(each.label) for each in ranked[:MOST_CLASSES]), default=0)
    for each in ranked[:MOST_CLASSES]:
        instead = ", ".join(f"{count:,} {label}" for label, count in list(each.instead.items())[:3])
        yield (
            f"    {each.label:{width}}  {each.listed:,} of {each.rows:,}, estimated {each.share:.1%} wrong; "
            f"likelier: {instead}"
        )
    if len(ranked) > MOST_CLASSES:
        yield f"    and {len(ranked) - MOST_CLASSES:,} classes more"
    if doubtful := [each.label for each in ranked if each.listed > TOO_MANY * each.rows and each.listed > 2]:
        names = ", ".join(doubtful[:5]) + (", …" if len(doubtful) > 5 else "")
        yield f"    over a fifth is listed of {names}: there it is rather the judge that hardly knows them"


def _line(examples: Examples, each: Suspect, hidden: bool) -> str:
    several_files = len(set(examples.source.tolist())) > 1
    where = f"row {examples.rows[each.at]:,}" + (f" of {examples.source[each.at]}" if several_files else "")
    finding = f", {each.finding}" if each.finding else ""
    given, likely = (HIDDEN if hidden else _value(value) for value in (each.given, each.likely))
    if each.deviations is not None:
        return f"{where}: given {given}, foretold {likely} ({each.deviations:.1f} robust standard deviations)"
    return f"{where}{finding}: given {given} ({each.own:.2f}), likely {likely} ({each.confidence:.2f})"


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def write(found: Scan, path: Path, show_values: bool) -> None:
    """A CSV with a line for each suspicious row, part by part, the most doubtful first; `given` and `likely` are empty
    where the target is private, unless `show_values`. No cell is a formula to a spreadsheet."""
    hidden = found.data.task.target.private and not show_values
    examples = found.data.examples
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for each in found.suspects:
                figures = (each.confidence, each.own, each.deviations)
                cells = (
                    examples.source[each.at],
                    int(examples.rows[each.at]),
                    "train or valid" if each.part == LABELLED else each.part,
                    each.finding,
                    "" if hidden else each.given,
                    "" if hidden else each.likely if isinstance(each.likely, str) else f"{each.likely:.6g}",
                    *("" if value is None else f"{value:.4f}" for value in figures),
                )
                writer.writerow(shown_as_text(cell) for cell in cells)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another place with --output."
        ) from error


def next_step(found: Scan, path: Path | None) -> str:
    """How to go on."""
    count = len(found.suspects)
    if not count:
        return "Next: nothing to mend here; train."
    where = (
        f"{path} lists {several(count)}" if path is not None else f"--output FILE lists all {several(count)}"
    )
    return f"Next: {where}. Look at each, mend the labels in your own file, and check again."
