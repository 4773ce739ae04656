"""Pictures of a run: overlays warm what is hot, and what is written is read back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from vertikit import VertikitError
from vertikit.run.pictures import Shown, as_png, overlay, read_pictures, write_pictures

GREY = np.full((20, 40, 1), 90, np.uint8)


def test_heat_covers_the_hot_place_alone_whatever_its_own_size():
    heat = np.zeros((2, 4), np.float32)
    heat[0, 0] = 1
    shown = np.asarray(overlay(GREY, heat))
    assert shown.shape == (128, 256, 3)
    assert shown[5, 5].tolist() != [90, 90, 90]
    assert shown[-5, -5].tolist() == [90, 90, 90]


def test_what_a_person_marked_is_drawn_around_and_not_filled():
    marked = np.zeros((20, 40), bool)
    marked[5:15, 10:30] = True
    shown = np.asarray(overlay(GREY, None, marked))
    assert shown[32, 64].tolist() == [0, 220, 90]
    assert shown[64, 128].tolist() == [90, 90, 90]


def test_pictures_are_read_back_as_they_were_written(tmp_path):
    png = as_png(overlay(GREY, None))
    shown = [Shown(7, "missed", "row 7", png), Shown(3, "caught", "row 3", png)]
    write_pictures(tmp_path, shown)
    assert read_pictures(tmp_path) == shown
    assert Image.open(io.BytesIO(png)).info == {}


def test_a_run_without_pictures_has_no_folder_for_them(tmp_path):
    write_pictures(tmp_path, [])
    assert read_pictures(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_lost_picture_is_told(tmp_path):
    write_pictures(tmp_path, [Shown(7, "missed", "row 7", as_png(overlay(GREY, None)))])
    next((tmp_path / "pictures").glob("*.png")).unlink()
    with pytest.raises(VertikitError, match="damaged"):
        read_pictures(tmp_path)
