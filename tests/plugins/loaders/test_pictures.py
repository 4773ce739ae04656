"""Pictures themselves as data: folders, archives, and stacks with labels."""

from __future__ import annotations

import tarfile
import zipfile

import numpy as np
import pytest

from vertikit import UsageError, VertikitError
from vertikit.prepare.row_file import read_batches
from vertikit_plugins.loaders.pictures import PictureLoader


@pytest.fixture
def rows(tmp_path):
    def rows(source):
        assert PictureLoader().reads(str(source))
        folder = tmp_path / "read"
        folder.mkdir(exist_ok=True)
        loaded = PictureLoader().load(str(source), folder)
        table = [batch.to_pydict() for batch in read_batches(loaded.path)]
        return [
            each for batch in table for each in zip(batch["image"], batch["label"], strict=True)
        ], loaded.root

    return rows


@pytest.fixture
def folder(tmp_path):
    top = tmp_path / "parts"
    for name in (
        "scratch/a.png",
        "scratch/b.png",
        "dent/line2/c.png",
        "note.txt",
        ".hidden/x.png",
        "dent/Thumbs.db",
    ):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return top


WANTED = [
    ("dent/line2/c.png", "line2"),
    ("note.txt", None),
    ("scratch/a.png", "scratch"),
    ("scratch/b.png", "scratch"),
]


def test_of_a_folder_every_file_is_a_row_with_its_folder_as_label(rows, folder):
    assert rows(folder) == (WANTED, str(folder))


def test_an_archive_is_read_in_place(rows, folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(folder))
        file.writestr("__MACOSX/scratch/a.png", b"x")
    assert rows(tmp_path / "p.zip") == (WANTED, str(tmp_path / "p.zip"))
    with tarfile.open(tmp_path / "p.tar.gz", "w:gz") as file:
        file.add(folder, arcname=".")
    found, _ = rows(tmp_path / "p.tar.gz")
    assert [(name.removeprefix("./"), label) for name, label in found] == WANTED


def test_parts_in_a_folder_are_not_mixed_and_it_is_said_how_to_name_them(rows, tmp_path):
    for part in ("train", "test"):
        (tmp_path / "set" / part / "ok").mkdir(parents=True)
        (tmp_path / "set" / part / "ok" / "a.png").write_bytes(b"x")
    with pytest.raises(UsageError) as error:
        rows(tmp_path / "set")
    assert f"--data {tmp_path}/set/train --test {tmp_path}/set/test" in error.value.do


def test_a_part_of_a_stack_has_its_labels(rows, tmp_path):
    path = tmp_path / "m.npz"
    images = np.zeros((3, 8, 8), np.uint8)
    np.savez(
        path, train_images=images, train_labels=[[1], [0], [1]], test_images=images, test_labels=[0, 0, 1]
    )
    wanted = [("train_images[0]", "1"), ("train_images[1]", "0"), ("train_images[2]", "1")]
    assert rows(f"{path}#train") == (wanted, str(path))
    with pytest.raises(UsageError, match="has several parts"):
        rows(path)
    with pytest.raises(UsageError, match="has no part 'tets'"):
        rows(f"{path}#tets")


def test_an_empty_folder_and_a_damaged_archive_are_told(rows, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(VertikitError, match="holds no files"):
        rows(tmp_path / "none")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(VertikitError, match="is no archive, or a damaged one"):
        rows(tmp_path / "bad.zip")
