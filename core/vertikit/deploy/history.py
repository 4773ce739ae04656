"""What a run's experts remember, carried on from one prediction to the next in a file of the user's own."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from vertikit.errors import UsageError, VertikitError
from vertikit.fitted_store import load_fitted, save_fitted

if TYPE_CHECKING:
    from vertikit.run.run import Run

ABOUT = "about.json"
FORMAT = 1


def read_history(run: Run, path: Path) -> bool:
    """Give the run's experts what the file holds, where it exists; whether it did.

    UsageError where the run remembers nothing; VertikitError where the file is damaged or of another run.
    """
    experts = run.parts.experts
    if not experts:
        raise UsageError(
            f"{run.folder} has no expert that remembers anything.",
            "Leave --state out: its answers need no past.",
        )
    if not path.exists():
        return False
    with TemporaryDirectory(prefix="vertikit-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
                if any(Path(name).name != name for name in names):
                    raise ValueError("names outside the archive")
                archive.extractall(folder)
            about = json.loads((Path(folder) / ABOUT).read_text(encoding="utf-8"))
            run_of = str(about["run"])
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise VertikitError(
                f"{path}: is no state of a run, or is damaged.",
                "Name the file that an earlier --state wrote, or a new one to start from the end of training.",
            ) from error
        if run_of != _fingerprint(run):
            raise VertikitError(
                f"{path}: is the state of another run.", "Give each run a state of its own, by another name."
            )
        for name, expert in experts.items():
            load_fitted(Path(folder), name, expert)
    return True


def write_history(run: Run, path: Path) -> None:
    """Write what the experts remember now; under another name first, so that a file of that name is whole."""
    part = path.with_name(path.name + ".part")
    with TemporaryDirectory(prefix="vertikit-") as folder:
        for name, expert in run.parts.experts.items():
            save_fitted(Path(folder), name, expert)
        about = {"format": FORMAT, "run": _fingerprint(run), "task": run.task.name}
        (Path(folder) / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        try:
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
                for each in sorted(Path(folder).iterdir()):
                    archive.write(each, each.name)
            part.chmod(0o600)
            shutil.move(part, path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise UsageError(
                f"{path}: cannot be written: {error.strerror}.", "Choose another --state."
            ) from error


def check_state(path: Path) -> None:
    """UsageError where the state could not be written later: before the work, not after it."""
    folder = path.parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise UsageError(f"{path}: cannot be written.", "Choose another --state, in a folder that exists.")


def _fingerprint(run: Run) -> str:
    """What tells this run from another: the hash of its trained head and of its experts."""
    files = run.manifest["files"]
    return "-".join(str(files[name])[:16] for name in sorted(files) if name.startswith("model/head"))
