"""`vertikit compare RUN RUN...`: runs side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vertikit.cli.cache import readable
from vertikit.cli.finished import interval
from vertikit.cli.printing import print_json, table
from vertikit.cli.run_listing import RunLine, read_run, run_json
from vertikit.errors import UsageError, VertikitError

if TYPE_CHECKING:
    from vertikit.deploy.timing import Timing


@click.command()
@click.argument("folders", metavar="RUN RUN...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--data", metavar="ROWS", help="Time each run on these rows too, here and now.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --data: a page with quality against time and size (.html).",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def compare(folders: tuple[Path, ...], data: str | None, report: Path | None, as_json: bool) -> None:
    """Put runs side by side: how good, against what, at what cost."""
    if report is not None and data is None:
        raise UsageError(
            "--report draws quality against time, which nobody has measured.", "Give --data ROWS."
        )
    if len(folders) < 2:
        raise UsageError("two runs or more are compared.", "`vertikit runs` lists them.")
    runs = [read_run(folder) for folder in folders]
    for run in runs:
        if run.state != "ok":
            raise VertikitError(f"{run.folder} is {run.state}.", "Leave it out, or train it again.")
    warnings = _warnings(runs)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    timings = [None] * len(runs) if data is None else [_timed(run, data) for run in runs]
    if report is not None:
        _write_page(report, runs, [each for each in timings if each is not None], warnings)
    if as_json:
        print_json(
            [
                {**run_json(run), **_facts(run), **({} if timing is None else {"timing": vars(timing)})}
                for run, timing in zip(runs, timings, strict=True)
            ]
        )
        return
    columns = [{**_lines(run), **_times(timing)} for run, timing in zip(runs, timings, strict=True)]
    header = ["", *(run.folder.name for run in runs)]
    table(header, [[name, *(column[name] for column in columns)] for name in columns[0]])


def _timed(run: RunLine, data: str) -> Timing:
    from vertikit.deploy.measured import measured_apart
    from vertikit.prepare.prepared import Sources

    found = measured_apart(run.folder, Sources(data=(data,)))
    if isinstance(found, str):
        raise VertikitError(
            f"{run.folder} could not be timed: {found}", "Check the rows, or leave --data out."
        )
    return found


def _times(timing: Timing | None) -> dict[str, str]:
    if timing is None:
        return {}
    return {
        "ms a row": f"{timing.p50:.2f} (95 %: {timing.p95:.2f})",
        "rows a second": f"{timing.rows_per_second:,.0f}",
        "weights": readable(timing.weight_bytes),
        "memory": "–" if timing.memory is None else readable(timing.memory),
    }


def _write_page(path: Path, runs: list[RunLine], timings: list[Timing], warnings: list[str]) -> None:
    from vertikit.run.report.pareto import Point, page
    from vertikit.run.report.wording import Score

    points = [
        Point(
            run.folder.name, Score.of((run.metrics.get("test") or {}).get(run.primary)), each.p50, each.p95,
            each.rows_per_second, each.weight_bytes, each.memory,
        )
        for run, each in zip(runs, timings, strict=True)
    ]  # fmt: skip
    first = runs[0]
    higher = bool(first.metrics.get("higher_is_better", True))
    try:
        path.write_text(page(first.task, first.primary, higher, points, warnings), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}.", "Choose another --report."
        ) from error


def _warnings(runs: list[RunLine]) -> list[str]:
    found = []
    for key, what in (
        ("task", "different tasks"),
        ("fingerprint", "different data"),
        ("primary", "different metrics"),
    ):
        values = {str(_facts(run)[key]) for run in runs}
        if len(values) > 1:
            found.append(f"these runs are of {what}, so their numbers cannot be compared directly")
    if not found and len({_tested(run.folder) for run in runs}) > 1:
        found.append(
            "these runs were judged on different rows of the same data (another seed or split), so a small lead may "
            "be the rows'"
        )
    return found


def _tested(folder: Path) -> tuple[int, ...]:
    """The numbers of the rows that a run was judged on; none where it does not say."""
    from pyarrow import ArrowInvalid, parquet

    try:
        rows = parquet.read_table(folder / "predictions.parquet", columns=["row"]).column("row").to_pylist()
    except (OSError, ArrowInvalid):
        return ()
    return tuple(sorted(rows))


def _facts(run: RunLine) -> dict[str, Any]:
    cost, best = _part(run, "cost"), _best_baseline(run)
    return {
        "task": run.task,
        "primary": run.primary,
        "fingerprint": run.manifest.get("fingerprint"),
        "strategy": _strategy(run.folder / "recipe.yaml"),
        "baseline": best,
        "trainable": cost.get("trainable"),
        "trainable_share": cost.get("trainable_share"),
        "seconds": _part(run, "seconds").get("total"),
        "model_bytes": cost.get("model_bytes"),
    }


def _lines(run: RunLine) -> dict[str, str]:
    facts = _facts(run)
    best = facts["baseline"]
    share, seconds, size = facts["trainable_share"], facts["seconds"], facts["model_bytes"]
    trainable = "–" if facts["trainable"] is None else f"{facts['trainable']:,}"
    return {
        "task": run.task,
        "strategy": facts["strategy"] or "–",
        "metric": run.primary,
        "test": run.score(),
        "best baseline": "–" if best is None else f"{interval(best['measured'])} {best['name']}",
        "trainable": trainable if share is None else f"{trainable} ({share * 100:.2f} %)",
        "seconds": "–" if seconds is None else f"{seconds:,.1f}",
        "model": "–" if size is None else readable(int(size)),
    }


def _part(run: RunLine, key: str) -> Mapping[str, Any]:
    value = run.metrics.get(key)
    return value if isinstance(value, Mapping) else {}


def _best_baseline(run: RunLine) -> dict[str, Any] | None:
    """The baseline that the run was compared with, and its primary metric."""
    name = _part(run, "difference").get("baseline")
    measured = _part(run, "baselines").get(name) if name is not None else None
    return None if measured is None else {"name": name, "measured": measured.get(run.primary)}


def _strategy(path: Path) -> str:
    from vertikit.recipe.layers import load_recipe_file

    try:
        value = load_recipe_file(path).get("strategy")
    except UsageError:
        return ""
    return str(value.get("name", "") if isinstance(value, Mapping) else value or "")
