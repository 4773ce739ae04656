"""`vertikit export`: a run as a folder of its own, checked on real rows before it gets its name."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.contracts import (
    Exporter,
    Portable,
    PortableBackbone,
    PortableBaseline,
    PortableExpert,
    PortablePolicy,
)
from vertikit.deploy.predicting import read_examples
from vertikit.errors import UsageError, VertikitError
from vertikit.export.described import FORMAT, described_answers, described_inputs, reads
from vertikit.export.example_rows import example_rows
from vertikit.export.gathering import write_learnt, write_sources
from vertikit.export.network import RunNetwork
from vertikit.export.parity import Parity, compare_graph, compare_program
from vertikit.export.read_me import read_me
from vertikit.run.folder import WORK, sha256_of, start_folder, write_json
from vertikit.run.refusing import refuse_forecasts
from vertikit.sample_files import write_sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.prepare.prepared import Data
    from vertikit.run.run import Run

MOST_ROWS = 200
"""On which the export is compared with the run."""


@dataclass(frozen=True)
class Exported:
    """An export that has been made.

    Args:
        folder: where it is. sizes: bytes of its files by name. parity: how it answered beside the run.
        left_out: what of the run it does not do, a sentence each.
    """

    folder: Path
    sizes: Mapping[str, int]
    parity: Parity
    left_out: tuple[str, ...]
    program: bool


def export(
    run: Run,
    kind: str,
    output: Path,
    *,
    data: Data | None = None,
    mapping: Mapping[str, str] | None = None,
    drop: Sequence[str] = (),
    root: str = "",
    alone: bool = False,
    tolerance: float = 1e-3,
    tell: Callable[[str], None] = lambda _: None,
) -> Exported:
    """Write the run as `kind` into a new folder, and answer rows with it and with the run.

    Without `data` these are of the task's own sample. UsageError where something of the run cannot leave the kit,
    saying what; VertikitError where the two differ by more than `tolerance`, and no folder is left then.
    """
    refuse_forecasts(run, "export")
    exporter: Exporter = run.registry.get("exporters", kind).resolve()()
    network = RunNetwork(run.parts, alone=alone)
    parts = _parts(run, alone=alone)
    folder = start_folder(output, "Remove the folder, or choose another --output.")
    try:
        with tempfile.TemporaryDirectory(prefix="vertikit-export-") as place:
            examples, source = _rows(run, data, mapping or {}, drop, root, Path(place))
            tell(f"writing the graph of {network.name} as {kind}")
            exporter.write(network, folder)
            runner = replace(
                exporter.runner, settings={"inputs": list(network.inputs), "outputs": list(network.outputs)}
            )
            program = "items" in parts
            left_out = _left_out(run, parts, alone=alone)
            about = _about(run, network, parts, alone=alone)
            every = {**parts, "graph": runner}
            about["parts"] = write_learnt(every, folder)
            about["files"] = {
                path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.is_file()
            }
            write_sources(every.values(), folder, program=program)
            write_json(folder / "model.json", about)
            tell(f"answering {len(examples):,} rows ({source}) with the export and with the run")
            if program:
                rows = example_rows(about["inputs"], examples)
                parity = compare_program(run, examples, rows, folder, tolerance, alone=alone)
            else:
                parity = compare_graph(
                    run, examples, network, about, folder, tolerance, exporter, alone=alone
                )
            parity = replace(parity, source=source)
            if not parity.holds:
                raise VertikitError(
                    f"the export answers otherwise than the run: {parity.told}.",
                    "Take another format, or allow more with --tolerance.",
                )
            # A row of the user's own has no business in a folder that leaves the machine.
            if program and data is None:
                write_json(folder / "example.json", {"row": rows[0], "answer": parity.first})
            write_json(folder / "parity.json", parity.as_json())
            card = run.folder / "README.md"
            if card.is_file():
                shutil.copyfile(card, folder / "CARD.md")
            (folder / "README.md").write_text(
                read_me(run, kind, about, parity, left_out, exporter.runner, parts), encoding="utf-8"
            )
        (folder / WORK).rmdir()
        folder.rename(output)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    sizes = {
        path.relative_to(output).as_posix(): path.stat().st_size
        for path in sorted(output.rglob("*"))
        if path.is_file()
    }
    return Exported(output, sizes, parity, left_out, program)


def _rows(
    run: Run, data: Data | None, mapping: Mapping[str, str], drop: Sequence[str], root: str, place: Path
) -> tuple[Examples, str]:
    """Examples as the model takes them, as many as are compared, and where they are from."""
    import numpy as np

    source = "the rows given"
    if data is None:
        source = f"the sample of {run.task.name}"
        sample = place / "sample.csv"
        write_sample(run.task, sample)
        data = (str(sample),)
    (place / "rows").mkdir()
    try:
        found = read_examples(run, data, mapping, drop, root, place / "rows", targets=False).examples
        if not len(found):
            raise VertikitError("none of the rows can be used.", "Give others: --data DATA")
        inputs = {column.name for column in run.task.inputs}
        if lacking := sorted((inputs & run.columns.keys()) - set(found.column_names) - set(run.channels)):
            raise VertikitError(f"it has no {lacking[0]}.", "")
        chosen = np.unique(np.linspace(0, len(found) - 1, MOST_ROWS).astype(np.int64))
        # Experts look at all rows, since a row may be beside others of its kind.
        return run.parts.known(found, run.task).take(chosen), source
    except VertikitError as error:
        if source == "the rows given":
            raise
        raise UsageError(
            f"this run was trained on other columns than the sample of {run.task.name} has: {error.what}",
            "Give rows to compare on, which the run would answer: --data DATA",
        ) from error


def _parts(run: Run, *, alone: bool) -> dict[str, Portable]:
    """The parts by their roles; UsageError where one cannot leave."""
    assembled = run.parts.assembled
    backbone = next(iter(assembled.backbones.values()))
    assert isinstance(backbone, PortableBackbone)
    for name, expert in run.parts.experts.items():
        if set(expert.use) & {"constraint", "veto"}:
            raise UsageError(
                f"expert {name!r} overrules answers, and cannot leave the kit: without it the answers are others.",
                "Train without it, or with use: [features], and export that.",
            )
    bindings = []
    for binding in assembled.bindings:
        columns = assembled.joint.get(binding) or assembled.tables.get(binding)
        bindings.append([column.name for column in columns] if columns else [binding])
    found: dict[str, Portable] = {}
    items = backbone.portable(bindings)
    blend = None if alone else run.parts.blend
    if blend is not None:
        if not isinstance(blend.baseline, PortableBaseline) or items is None:
            raise UsageError(
                f"the blend with {blend.name!r} cannot leave the kit.",
                "Export the model alone: --alone. What that costs is told beside it.",
            )
        found["blend"] = blend.baseline.portable(run.outcome.labels)
    if items is None:
        return found
    found["items"] = items
    if assembled.beside is not None:
        found["beside"] = assembled.beside.portable()
    for name, expert in run.parts.experts.items():
        if isinstance(expert, PortableExpert):
            found[f"expert-{name}"] = expert.portable()
    policy = run.parts.policy
    if isinstance(policy, PortablePolicy):
        found["policy"] = policy.portable()
    return found


def _about(run: Run, network: RunNetwork, parts: Mapping[str, Portable], *, alone: bool) -> dict[str, Any]:
    """model.json, without its parts."""
    experts = {column.name: name for name, expert in run.parts.experts.items() for column in expert.columns()}
    gone = {
        column.name
        for name, expert in run.parts.experts.items()
        if f"expert-{name}" in parts
        for column in expert.columns()
    }
    needs = [name for name in run.parts.policy.needs if name in run.columns] if "policy" in parts else []
    names = [name for name in reads(parts.values()) if name not in gone]
    bound = [
        name for name in (parts["items"].columns if "items" in parts else ())
        if not run.parts.assembled.tables and name not in gone
    ]  # fmt: skip
    outcome = run.outcome
    frame = outcome.columns(run.task.target.name, _one(run))
    return {
        "format": FORMAT,
        "task": run.task.name,
        "summary": run.task.summary,
        "run": run.folder.resolve().name,
        **described_answers(run, blended=not alone),
        "inputs": described_inputs(run, [*names, *needs], bound, experts),
        "outputs": [*frame, *(["decision", "reason"] if "policy" in parts else [])],
        "needs": needs,
        "decides": run.parts.policy.describe() if "policy" in parts else "",
        "experts": [name for name in parts if name.startswith("expert-")],
        "feeds": [
            name for name in parts
            if name in ("items", "beside") or (name == "blend" and "blend" in network.outputs)
        ],
        "graph": {
            "inputs": {
                name: {
                    "type": str(value.dtype).removeprefix("torch."),
                    "shape": [network.flexible[name].get(at, size) for at, size in enumerate(value.shape)],
                }
                for name, value in network.inputs.items()
            },
            "outputs": list(network.outputs),
            "told": network.told,
        },
    }  # fmt: skip


def _one(run: Run) -> Any:
    """The frame of an answer, for the names of its columns."""
    import numpy as np

    empty: NDArray[np.float64] = np.asarray([run.outcome.usual(run.outcome.flawless()["truth"].to_numpy())])
    if run.parts.certainty is not None:
        empty = run.parts.certainty.apply(empty)
    return run.outcome.frame(empty, None)


def _left_out(run: Run, parts: Mapping[str, Portable], *, alone: bool) -> tuple[str, ...]:
    """What of the run the export does not do."""
    found = []
    if alone and run.parts.blend is not None:
        found.append(
            f"The run's answers are blended with {run.parts.blend.name}; these are the model's alone."
        )
    asked = {
        name: [column.name for column in expert.columns()]
        for name, expert in run.parts.experts.items()
        if f"expert-{name}" not in parts and expert.columns()
    }
    for name, columns in asked.items():
        found.append(
            f"Expert {name} stays with the kit; its {len(columns)} columns are inputs here, for the caller to give."
        )
    if "policy" not in parts:
        found.append("It answers, and does not decide: the run's policy has no form that can leave the kit.")
    elif run.parts.usual is not None and run.parts.policy.explains:
        found.append("Reasons say which threshold decided, and not what in the row spoke for it.")
    if run.parts.remarks is not None:
        found.append(f"No remarks ({', '.join(run.parts.remarks.columns)}).")
    return tuple(found)
