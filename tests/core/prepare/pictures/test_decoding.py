"""Cells to pictures: what is kept, in what order, and what is said of those that cannot be read."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit.prepare.pictures import decoding
from vertikit.prepare.pictures.decoding import read_pictures
from vertikit.prepare.roots import Root
from vertikit.recipe.model import PictureChoice


@pytest.fixture
def read(tmp_path, registry):
    def read(files, cells=None, **choice):
        folder = tmp_path / "files"
        folder.mkdir(exist_ok=True)
        for name, array in files.items():
            if isinstance(array, bytes):
                (folder / name).write_bytes(array)
            else:
                with (folder / name).open("wb") as file:
                    np.save(file, array)
        root = Root(folder)
        asked = list(files) if cells is None else cells
        return read_pictures(asked, lambda _: root, registry, PictureChoice(**choice), tmp_path / "pixels")

    return read


@pytest.mark.parametrize("threads", [False, True])
def test_each_cell_has_its_own_picture_in_order_whatever_thread_was_first(
    read, texture, monkeypatch, threads
):
    monkeypatch.setattr(decoding, "WORTH_A_THREAD", 0.0 if threads else 60.0)
    files = {f"{at}.npy": texture(at) for at in range(40)}
    found = read(files, side=None).pictures
    assert len(found) == 40
    for at in range(40):
        np.testing.assert_array_equal(found[at][0, :, :, 0], texture(at))


def test_equal_pictures_are_kept_once_and_have_one_key(read, texture):
    found = read({"a.npy": texture(1), "b.npy": texture(2), "c.npy": texture(1)}).pictures
    assert len(found.digests) == 2
    assert found.keys()[0] == found.keys()[2] != found.keys()[1]


def test_a_grey_picture_saved_in_colour_is_the_same_picture(read, texture):
    grey = texture(3)
    found = read({"grey.npy": grey, "colour.npy": np.stack([grey] * 3, axis=-1)[None]}).pictures
    assert found.keys()[0] == found.keys()[1]
    assert found[1].shape[3] == 1


def test_the_shorter_side_is_brought_down_and_the_size_in_the_file_is_kept(read, texture):
    found = read({"a.npy": texture(1, 40, 60), "small.npy": texture(2, 16, 12)}, side=20).pictures
    assert found[0].shape == (1, 20, 30, 1)
    assert found[1].shape == (1, 16, 12, 1)
    assert found.sizes[found.place].tolist() == [[40, 60], [16, 12]]


def test_a_file_is_opened_once_for_all_cells_that_name_pictures_of_it(read, reader, texture):
    stack = np.stack([texture(at) for at in range(300)])
    found = read({"stack.npy": stack}, [f"stack.npy[{at}]" for at in range(299, -1, -1)], side=None).pictures
    np.testing.assert_array_equal(found[0][0, :, :, 0], stack[299])
    assert reader.opened == 1


def test_of_a_long_film_evenly_spread_frames_are_kept_and_the_others_counted(read):
    film = np.stack([np.full((10, 10), at, np.uint8) for at in range(100, 125)])
    found = read({"film.npy": film}, frames=8, side=None).pictures
    assert found[0][:, 0, 0, 0].tolist() == [100, 104, 108, 112, 116, 120, 124]
    assert found.left_out.tolist() == [18]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("empty.npy", "is empty (0 bytes)"),
        (
            "text.npy",
            "is no picture of a kind that can be read (with further packages: X-rays: pip install x)",
        ),
        ("cut.npy", "is cut off"),
        ("bad.npy", "cannot be read (RuntimeError)"),
        ("codec.npy", "needs a package that is not installed: pip install openjpeg"),
        ("dot.npy", "has 1 × 1 pixels: too few to see anything"),
        ("good.npy[7]", "asks for number 7, and the file has 1 (counted from 0)"),
        ("gone.npy", "is not there"),
        ("../good.npy", "leads out of the root, which is refused"),
    ],
)
def test_what_cannot_be_read_has_a_reason_and_the_others_are_read(read, texture, cell, reason):
    good = texture(1)
    files = {
        "good.npy": good,
        "empty.npy": b"",
        "text.npy": b"this is a note",
        "cut.npy": b"\x93NUMPY\x01\x00",
        "bad.npy": np.full((9, 9), 13, np.uint8),
        "codec.npy": np.full((9, 9), 14, np.uint8),
        "dot.npy": np.zeros((1, 1), np.uint8),
    }
    found = read(files, ["good.npy", cell])
    assert found.bad == {1: reason}
    assert found.pictures.place.tolist() == [0, -1]


def test_a_picture_of_absurd_size_is_refused_by_its_head_alone(read, monkeypatch, reader, texture):
    from vertikit.contracts import Outline

    monkeypatch.setattr(reader, "outline", lambda _: Outline(1, 20_000, 20_000, "npy"))
    monkeypatch.setattr(reader, "read", lambda *_: pytest.fail("it was decoded"))
    assert read({"huge.npy": texture(1)}).bad == {0: "has 20,000 × 20,000 pixels, more than 100,000,000"}


def test_a_cell_that_holds_nothing_has_no_picture_and_is_not_bad(read, texture):
    found = read({"a.npy": texture(1)}, ["a.npy", None])
    assert found.bad == {}
    assert found.pictures.known.tolist() == [True, False]
