"""A run in service."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vertikit.prepare.pictures.decoding import Readers
from vertikit.run.refusing import refuse_forecasts
from vertikit.run.run import Run, load
from vertikit.serve.answering import Answer, answers, rows_depend
from vertikit.serve.batching import Batcher, Told
from vertikit.serve.cells import Columns, Given
from vertikit.serve.sampled import Sampled, sampled_row
from vertikit.serve.settings import Settings
from vertikit.serve.sharing import Pool, give_back, lightened

if TYPE_CHECKING:
    from vertikit.registry import Registry


class Hosted:
    """A loaded run, its columns, a row to try it with, and the threads that answer for it.

    Args:
        run: with its parts read.
    """

    def __init__(self, run: Run, settings: Settings, told: Told) -> None:
        self.run, self.name, self.settings = run, run.folder.resolve().name, settings
        self.depends = rows_depend(run)
        self.columns = Columns(run, depends=self.depends)
        self.readers = Readers(run.registry) if self.columns.pictures else None
        self.sample: Sampled = sampled_row(run, self.columns, settings, self.answers)
        self.batcher = Batcher(
            self.name,
            self.answers,
            combines=not self.depends,
            wait=settings.batch_wait,
            rows=settings.batch_rows,
            workers=settings.workers,
            waiting=settings.waiting,
            seconds=settings.seconds,
            told=told,
        )

    @property
    def route(self) -> str:
        """`vertical/task`."""
        return self.run.task.name

    @property
    def windows(self) -> bool:
        """Whether an example is made of several rows."""
        return self.run.recipe.reshape.window is not None

    @cached_property
    def card(self) -> str:
        """The model card, in Markdown."""
        return (self.run.folder / "README.md").read_text(encoding="utf-8")

    def answers(self, given: Sequence[Given]) -> list[list[Answer]]:
        """Of each request its answers, in order; VertikitError where the rows cannot be used."""
        return answers(self.run, given, self.readers, self.settings.pixels)

    async def predict(self, given: Given) -> list[Answer]:
        """The answers to one request, which may be found together with those to others."""
        found: list[Answer] = await self.batcher.submit(given)
        return found

    async def explain(self, given: Given) -> dict[str, Any]:
        """Why the one example of a request got its answer."""
        from vertikit.serve.explained import explained

        found: dict[str, Any] = await self.batcher.submit(
            given, lambda: explained(self, given, self.batcher.between)
        )
        return found

    @cached_property
    def explains(self) -> bool:
        """Whether it can."""
        from vertikit.serve.explained import can_explain

        return can_explain(self)

    def links(self) -> dict[str, str]:
        """Where it is asked; the run is named, so that they hold whatever else is served."""
        return {
            what: f"/v1/{self.route}/{what}?run={quote(self.name, safe='')}"
            for what in ("predict", "explain", "card")
        }

    def close(self) -> None:
        """Answer what waits, and end."""
        self.batcher.close()


def host(folder: Path, settings: Settings, told: Told, pool: Pool, known: Registry | None = None) -> Hosted:
    """Read a run, let it hold what it can together with others, and try it; VertikitError where it is damaged or does
    not work here."""
    import torch

    from vertikit.training import quiet_libraries

    run = load(folder, known)
    refuse_forecasts(run, "serve")
    quiet_libraries()
    lightened(run.parts)
    torch.set_num_threads(settings.threads)  # whatever its recipe says of training
    pool.share(run.parts)
    try:
        return Hosted(run, settings, told)
    finally:
        give_back()
