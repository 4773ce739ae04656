"""Answers rows with the model in this folder: `python predict.py ROWS [ANSWERS]`.

ROWS is a .csv, .tsv, .jsonl or .json file, ANSWERS a .csv or .jsonl file (without it, lines of JSON are printed).
model.json says what a row holds. From Python: `Model(folder).predict([{column: value, ...}, ...])`.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from hashlib import file_digest
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from vertikit.export.program import answers, rows

AT_ONCE = 32
"""Rows that go through the graph together."""


class Model:
    """The model in a folder."""

    def __init__(self, folder: Path = Path(__file__).parent) -> None:
        """ValueError where a file of the folder is not the one that was exported."""
        self._parts: dict[str, Any] = {}
        try:
            self.about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            for name, wanted in self.about["files"].items():
                with (folder / name).open("rb") as file:
                    if file_digest(file, "sha256").hexdigest() != wanted:
                        raise ValueError(f"{name} is not the file that was exported")
            arrays = np.load(folder / "arrays.npz", allow_pickle=False)
            for name, part in self.about["parts"].items():
                own = {
                    key.split("/", 1)[1]: arrays[key] for key in arrays.files if key.startswith(f"{name}/")
                }
                self._parts[name] = import_module(part["module"]).Part(part["settings"], own, folder)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"the model in {folder} is damaged ({error}): copy it again") from error

    def predict(self, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Rows, each a value by column -> answers, one a row in the same order; `error` says what cannot be used."""
        columns, errors = rows.values(self.about["inputs"], given)
        good = [at for at, error in enumerate(errors) if error is None]
        result: list[dict[str, Any]] = [{"row": at + 1} for at in range(len(given))]
        for own, error in zip(result, errors, strict=True):
            own.update(dict.fromkeys(self.about["outputs"]), error=error)
        if not good:
            return result
        columns = {name: _at(each, good) for name, each in columns.items()}
        found = np.concatenate(
            [
                self._answered({name: each[start : start + AT_ONCE] for name, each in columns.items()})
                for start in range(0, len(good), AT_ONCE)
            ]
        )
        table = answers.columns(self.about, found)
        if "policy" in self._parts:
            frame = answers.frame(self.about, found)
            frame |= {name: columns[name] for name in self.about["needs"] if name in columns}
            decided = self._parts["policy"].decide(frame, self.about["labels"])
            table |= dict(zip(("decision", "reason"), decided, strict=True))
        for at, place in enumerate(good):
            for name, each in table.items():
                result[place][name] = each[at].item() if hasattr(each[at], "item") else each[at]
        return result

    def _answered(self, columns: dict[str, Any]) -> Any:
        """Answers [N, A] of values [N] by column."""
        for name in self.about["experts"]:
            columns = {**columns, **self._parts[name].added(columns)}
        inputs: dict[str, Any] = {}
        for name in self.about["feeds"]:
            inputs |= self._parts[name].inputs(columns)
        found = self._parts["graph"].run(inputs)
        beside = found.get("blend")
        if "blend" in self._parts and beside is None:
            beside = self._parts["blend"].answers(columns)
        result = answers.answers(self.about, found["raw"], beside)
        alone = self.about["lowest_without"]
        return answers.lowest(self.about, result, columns[alone]) if alone in columns else result


def _at(values: Any, places: list[int]) -> Any:
    return values[places] if isinstance(values, np.ndarray) else [values[at] for at in places]


def main(arguments: Sequence[str]) -> int:
    """The command; its exit status."""
    if not 1 <= len(arguments) <= 2 or arguments[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        model = Model()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        found = model.predict(list(rows.read(Path(arguments[0]))))
        _write(found, arguments[1] if len(arguments) == 2 else None)
    except (OSError, ValueError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 1
    return 0


def _write(found: Sequence[Mapping[str, Any]], path: str | None) -> None:
    if path is not None and path.endswith(".csv"):
        with Path(path).open("x", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(found[0]) if found else [])
            writer.writeheader()
            writer.writerows(found)
        return
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in found)
    if path is None:
        sys.stdout.write(lines)
    else:
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
