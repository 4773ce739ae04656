"""`vertikit serve RUN...`: runs over HTTP, and a page to try them."""

from __future__ import annotations

import importlib.metadata
import os
from pathlib import Path

import click

from vertikit.errors import UsageError

NEEDED = ("fastapi", "uvicorn", "prometheus-client", "python-multipart")


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN...", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0: everywhere.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0: a free one."
)
@click.option(
    "--api-key-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Ask for one of the keys in FILE, one a line (also VERTIKIT_API_KEYS=KEY,KEY).",
)
@click.option(
    "--admin-key",
    metavar="KEY",
    help="Let whoever has KEY add and remove runs (better: VERTIKIT_ADMIN_KEY, which no list of processes shows).",
)
@click.option(
    "--runs-root",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder below which runs may be added.",
)
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads of a model's arithmetic.")
@click.option(
    "--batch-rows",
    type=click.IntRange(1, 4096),
    default=32,
    show_default=True,
    help="Rows answered together.",
)
@click.option(
    "--batch-wait-ms",
    type=click.FloatRange(0, 1000),
    default=3.0,
    show_default=True,
    help="How long rows may wait for others to be answered with.",
)
@click.option(
    "--max-body-mb",
    type=click.FloatRange(0.001, 1000),
    default=8.0,
    show_default=True,
    help="Of one request.",
)
@click.option(
    "--max-rows", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="Of one request."
)
@click.option(
    "--max-characters", type=click.IntRange(1), default=100_000, show_default=True, help="Of one text."
)
@click.option(
    "--max-waiting",
    type=click.IntRange(1),
    default=256,
    show_default=True,
    help="Requests that wait for a run.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1),
    default=30.0,
    show_default=True,
    help="Until a request has its answer.",
)
@click.option("--log-values", is_flag=True, help="Log the rows and answers too: they may be private.")
def serve(
    runs: tuple[Path, ...],
    host: str,
    port: int,
    api_key_file: Path | None,
    admin_key: str | None,
    runs_root: Path | None,
    threads: int | None,
    batch_rows: int,
    batch_wait_ms: float,
    max_body_mb: float,
    max_rows: int,
    max_characters: int,
    max_waiting: int,
    seconds: float,
    log_values: bool,
) -> None:
    """Answer over HTTP with each RUN: /v1/VERTICAL/TASK/predict, and a page at /. Several runs of one backbone hold its
    weights once."""
    _require()
    from vertikit.serve.keys import ADMIN_KEY, checked, read_keys
    from vertikit.serve.settings import Settings

    admin = checked(admin_key or os.environ.get(ADMIN_KEY, ""), "the admin key")
    if not runs and not (admin and runs_root):
        raise UsageError("no RUN was named.", "Name one, or let runs be added: --admin-key and --runs-root.")
    if admin and runs_root is None:
        raise UsageError("--admin-key lets runs be added, and no folder is named.", "Add --runs-root DIR.")
    if runs_root is not None and not runs_root.is_dir():
        raise UsageError(f"--runs-root {runs_root}: no such folder.", "Check the path.")
    settings = Settings(
        body_bytes=int(max_body_mb * 1e6),
        rows=max_rows,
        characters=max_characters,
        waiting=max_waiting,
        seconds=seconds,
        batch_rows=batch_rows,
        batch_wait=batch_wait_ms / 1000,
        keys=read_keys(api_key_file),
        admin_key=admin,
        runs_root=runs_root,
        log_values=log_values,
    )
    if threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(threads)
    from vertikit.serve.server import serve as serve_runs

    serve_runs(runs, settings, host=host, port=port, tell=lambda line: click.echo(line, err=True))


def _require() -> None:
    for name in NEEDED:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            raise UsageError(
                f"a server needs {name}, which is not installed.", 'Install it: pip install "vertikit[serve]"'
            ) from None
