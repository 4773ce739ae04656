"""The files of a new plugin, filled in and written as one folder, whole or not at all."""

from __future__ import annotations

import keyword
import os
import re
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from vertikit import __version__
from vertikit.errors import UsageError
from vertikit.registry.contract import CONTRACT, shown

FILES = Path(__file__).parent / "files"
SUFFIX = ".jinja"
MODULE = "module"
"""The folder that becomes the plugin's package."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
_OWN_FILES = ("plugin", "heads", "metrics", "samples")


@dataclass(frozen=True)
class NewPlugin:
    """What it is called.

    Args:
        plugin: its name, which is that of its trade too. task: what comes behind the slash.
    """

    plugin: str
    task: str

    def __post_init__(self) -> None:
        for what, name in (("the plugin", self.plugin), ("the task", self.task)):
            if not _NAME.fullmatch(name) or len(name) > _LONGEST:
                raise UsageError(
                    f"{name[:60]!r} cannot be the name of {what}.",
                    f"Take lower-case letters, digits and single hyphens, at most {_LONGEST}: legal, patent-law.",
                )
        if self.task_module in _OWN_FILES or keyword.iskeyword(self.task_module):
            raise UsageError(
                f"{self.task!r} cannot be the name of the task: its module could not be called so.",
                "Choose another --task.",
            )

    @property
    def distribution(self) -> str:
        return f"vertikit-{self.plugin}"

    @property
    def module(self) -> str:
        return f"vertikit_{self.plugin.replace('-', '_')}"

    @property
    def task_module(self) -> str:
        return self.task.replace("-", "_")

    def words(self) -> dict[str, str]:
        """What stands in the files in double angle brackets."""
        return {
            "plugin": self.plugin,
            "vertical": self.plugin,
            "task": f"{self.plugin}/{self.task}",
            "task_module": self.task_module,
            "distribution": self.distribution,
            "module": self.module,
            "api": shown(CONTRACT.version),
            "vertikit_version": __version__,
        }


def write_plugin(new: NewPlugin, folder: Path) -> list[Path]:
    """Write the plugin into a new folder; the files, relative to it, by name.

    UsageError where the folder exists or cannot be made.
    """
    import jinja2

    if os.path.lexists(folder):
        raise UsageError(
            f"{folder} exists already and is not overwritten.", "Choose another --output, or move it away."
        )
    engine = jinja2.Environment(
        variable_start_string="<<", variable_end_string=">>", block_start_string="<%", block_end_string="%>",
        keep_trailing_newline=True, undefined=jinja2.StrictUndefined, autoescape=False,
    )  # fmt: skip
    words = new.words()
    partial = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.partial")
    written = []
    try:
        for source in sorted(FILES.rglob(f"*{SUFFIX}")):
            relative = source.relative_to(FILES)
            top, *rest = engine.from_string(relative.as_posix().removesuffix(SUFFIX)).render(words).split("/")
            path = Path(new.module if top == MODULE else top, *rest)
            (partial / path).parent.mkdir(parents=True, exist_ok=True)
            text = engine.from_string(source.read_text(encoding="utf-8")).render(words)
            (partial / path).write_text(text, encoding="utf-8", newline="\n")
            written.append(path)
        partial.rename(folder)
    except (OSError, ValueError) as error:  # a name with a NUL byte is a ValueError
        raise UsageError(
            f"{folder} cannot be written: {getattr(error, 'strerror', None) or error}.",
            "Choose another place with --output.",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return sorted(written)
