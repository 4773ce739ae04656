"""Photographs and scans: what is read of each kind, and what is said of those that are none."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from vertikit_plugins.pictures.raster import Raster

RAMP = np.tile(np.arange(0, 240, 10, dtype=np.uint8), (16, 1))


def saved(picture, kind="PNG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def grey(array=RAMP):
    return Image.fromarray(array)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_a_grey_picture_comes_back_as_it_was(ask, kind):
    outline, found = ask(Raster(), saved(grey(), kind))
    assert (outline.frames, outline.height, outline.width, outline.kind) == (1, 16, 24, kind.lower())
    np.testing.assert_array_equal(found[0, :, :, 0], RAMP)


def test_a_picture_is_known_by_its_content_whatever_its_name(ask):
    content = saved(grey())
    assert Raster().reads("film.jpg.txt", content[:512])
    np.testing.assert_array_equal(ask(Raster(), content)[1][0, :, :, 0], RAMP)
    assert not Raster().reads("notes.txt", b"a note")


def test_sixteen_bits_are_stretched_from_the_darkest_to_the_brightest(ask):
    deep = (np.arange(24, dtype=np.uint16) * 100 + 1000)[None].repeat(16, 0)
    for kind in ("PNG", "TIFF"):
        found = ask(Raster(), saved(Image.fromarray(deep), kind))[1]
        assert found[0, 0, [0, 12, 23], 0].tolist() == [0, 133, 255]


def test_floats_that_are_no_numbers_are_black(ask):
    values = np.linspace(-2, 2, 24, dtype=np.float32)[None].repeat(16, 0)
    values[3, 3] = np.nan
    found = ask(Raster(), saved(Image.fromarray(values), "TIFF"))[1]
    assert (found[0, 0, 0, 0], found[0, 0, -1, 0], found[0, 3, 3, 0]) == (0, 255, 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright_as_its_camera_says(ask, orientation):
    way = Image.Transpose  # how the camera was held, so that its orientation undoes it
    held = {
        2: way.FLIP_LEFT_RIGHT, 3: way.ROTATE_180, 4: way.FLIP_TOP_BOTTOM, 5: way.TRANSPOSE,
        6: way.ROTATE_90, 7: way.TRANSVERSE, 8: way.ROTATE_270,
    }  # fmt: skip
    kept = grey() if orientation == 1 else grey().transpose(held[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind, near in (("TIFF", 0), ("JPEG", 6)):
        outline, found = ask(Raster(), saved(kept, kind, exif=exif))
        assert (outline.height, outline.width) == (16, 24)
        np.testing.assert_allclose(found[0, :, :, 0].astype(int), RAMP, atol=near)


def test_what_is_transparent_is_black(ask):
    layers = np.full((16, 24, 4), 200, np.uint8)
    layers[:, :12, 3] = 0
    layers[:, 12:, 3] = 255
    found = ask(Raster(), saved(Image.fromarray(layers)))[1]
    assert found.shape == (1, 16, 24, 3)
    assert (found[0, 0, 0].tolist(), found[0, 0, -1].tolist()) == ([0, 0, 0], [200, 200, 200])


def test_colours_of_a_printer_become_those_of_a_screen(ask):
    red = Image.new("CMYK", (24, 16), (0, 255, 255, 0))
    found = ask(Raster(), saved(red, "JPEG"))[1]
    assert found[0, 0, 0, 0] > 200 > 60 > found[0, 0, 0, 1]


def test_a_palette_becomes_the_colours_that_it_stands_for(ask):
    picture = Image.new("P", (24, 16), 1)
    picture.putpalette([0, 0, 0, 10, 120, 250])
    assert ask(Raster(), saved(picture))[1][0, 0, 0].tolist() == [10, 120, 250]


def test_one_bit_is_black_or_white(ask):
    assert set(np.unique(ask(Raster(), saved(grey().convert("1")))[1])) <= {0, 255}


def test_of_an_animation_the_first_picture_counts_and_of_a_tiff_every_page(ask):
    more = [grey(np.full_like(RAMP, shade)) for shade in (50, 100)]
    outline, found = ask(Raster(), saved(grey(), "GIF", save_all=True, append_images=more))
    assert outline.frames == 1
    np.testing.assert_array_equal(found[0, :, :, 0], RAMP)
    outline, found = ask(Raster(), saved(grey(), "TIFF", save_all=True, append_images=more))
    assert outline.frames == 3
    assert found[1:, 0, 0, 0].tolist() == [50, 100]
    assert (
        ask(Raster(), saved(grey(), "TIFF", save_all=True, append_images=more), range(2, 3))[1][0, 0, 0, 0]
        == 100
    )


def test_a_large_photograph_is_decoded_at_a_fraction_and_never_below_what_is_asked_for(ask):
    large = Image.fromarray(np.random.default_rng(0).integers(0, 256, (800, 1200, 3)).astype(np.uint8))
    content = saved(large, "JPEG")
    found = ask(Raster(), content, side=100)[1]
    assert 100 <= min(found.shape[1:3]) < 400
    assert ask(Raster(), content, side=None)[1].shape == (1, 800, 1200, 3)


def cut(content):
    return content[: len(content) // 2]


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is a note and no picture", "is no picture, whatever its name says"),
        (cut(saved(NOISE)), "is cut off|is damaged"),
        (cut(saved(NOISE, "JPEG")), "is cut off"),
        (
            cut(saved(NOISE, "TIFF", compression="tiff_lzw")),
            "is cut off|is damaged|cannot be decoded|no picture",
        ),
        (saved(NOISE)[:20], "is cut off|is damaged|no picture"),
    ],
)
def test_what_cannot_be_decoded_is_said_in_words(ask, content, said):
    with pytest.raises(ValueError, match=said):
        ask(Raster(), content)


def test_a_claim_of_absurd_size_costs_no_memory_and_no_warning(recwarn):
    import struct
    import zlib

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    content = b"\x89PNG\r\n\x1a\n" + chunk + b"\x00\x00\x00\x00IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(ValueError, match="claims 1,600,000,000 pixels, more than any picture has"):
        Raster().outline(io.BytesIO(content))
    assert not recwarn.list
