"""Data sets of the Hugging Face Hub, and folders that hold one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit import UsageError, VertikitError
from vertikit.contracts import Loaded
from vertikit.errors import did_you_mean
from vertikit.prepare.row_file import numbered, row_schema, write_rows

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset

SCHEME = "hf://"


@dataclass(frozen=True)
class HubSource:
    """`hf://owner/name[/split][@revision]`, or `hf:///absolute/folder[@split]`."""

    name: str
    split: str = ""
    revision: str | None = None

    @property
    def local(self) -> bool:
        return self.name.startswith("/")


def parse_source(source: str) -> HubSource:
    """UsageError where the source has another form."""
    rest = source.removeprefix(SCHEME)
    path, _, revision = rest.partition("@")
    if path.startswith("/"):
        return HubSource(path, split=revision)
    parts = path.strip("/").split("/")
    if not all(parts) or len(parts) not in (2, 3):
        raise UsageError(f"{source} names no data set.", "The form is hf://owner/name[/split][@revision].")
    return HubSource("/".join(parts[:2]), parts[2] if len(parts) == 3 else "", revision or None)


class HubLoader:
    """Reads one split, "train" unless the source names one, through `datasets`.

    Classes stand as their names. Columns of images, audio and the like are left out.
    """

    def reads(self, source: str) -> bool:
        return source.startswith(SCHEME)

    def load(self, source: str, folder: Path) -> Loaded:
        wanted = parse_source(source)
        splits = _load(source, wanted, folder)
        split = wanted.split or ("train" if "train" in splits or len(splits) != 1 else next(iter(splits)))
        if split not in splits:
            raise UsageError(
                f"{source} has no split {split!r}.",
                f"{did_you_mean(split, splits)} Name one: hf://{wanted.name}{'@' if wanted.local else '/'}SPLIT",
            )
        dataset = _readable(splits[split])
        path = folder / "rows.arrow"
        columns = tuple(dataset.column_names)
        if not write_rows(path, row_schema(columns), numbered(_batches(dataset))):
            raise VertikitError(f"{source} has no rows in its split {split!r}.", "Name another split.")
        return Loaded(path, columns)


def _load(source: str, wanted: HubSource, folder: Path) -> dict[str, Dataset]:
    import datasets

    # A local folder is the user's own data: what `datasets` makes of it stays in this run's private folder.
    cache = str(folder / "datasets") if wanted.local else None
    silent = wanted.local and not datasets.are_progress_bars_disabled()
    if silent:
        datasets.disable_progress_bars()
    try:
        if wanted.local and any(
            Path(wanted.name, each).exists() for each in ("state.json", "dataset_dict.json")
        ):
            loaded = datasets.load_from_disk(wanted.name)
        else:
            loaded = datasets.load_dataset(wanted.name, revision=wanted.revision, cache_dir=cache)
    except Exception as error:
        raise _failed(source, wanted, error) from error
    finally:
        if silent:
            datasets.enable_progress_bars()
    return dict(loaded) if isinstance(loaded, dict) else {"train": loaded}


def _failed(source: str, wanted: HubSource, error: Exception) -> VertikitError:
    if wanted.local:
        if not Path(wanted.name).exists():
            return UsageError(f"{source}: there is no folder {wanted.name}.", "Check the path.")
        return VertikitError(
            f"{source}: `datasets` finds no data set in that folder ({type(error).__name__}).",
            "Give a folder of CSV, JSON lines or Parquet files, or one that `save_to_disk` wrote.",
        )
    return VertikitError(
        f"{source} cannot be had from the Hugging Face Hub ({type(error).__name__}).",
        "Check the name and the connection. Without a connection, download it elsewhere with "
        f"`hf download --repo-type dataset {wanted.name} --local-dir FOLDER` and give hf:///path/to/FOLDER.",
    )


def _readable(dataset: Dataset) -> Dataset:
    """The data set without columns that hold no text, numbers or classes."""
    from datasets import Audio, Image

    media = [name for name, feature in dataset.features.items() if isinstance(feature, (Audio, Image))]
    return dataset.remove_columns(media)


def _batches(dataset: Dataset) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    from datasets import ClassLabel

    classes = {name: feature for name, feature in dataset.features.items() if isinstance(feature, ClassLabel)}
    for table in dataset.with_format("arrow").iter(batch_size=10_000):
        columns: list[Any] = []
        for name in dataset.column_names:
            column = table.column(name).combine_chunks()
            if name in classes:
                names = [
                    None if at is None or at < 0 else classes[name].int2str(at) for at in column.to_pylist()
                ]
                column = pa.array(names, pa.string())
            columns.append(column)
        yield pa.record_batch(columns, names=dataset.column_names)
