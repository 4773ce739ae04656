"""DICOM: pixels as a reader sees them, and nothing else of a file."""

from __future__ import annotations

import io
import logging

import numpy as np
import pytest

pydicom = pytest.importorskip("pydicom")
from pydicom.dataset import Dataset, FileMetaDataset  # noqa: E402
from pydicom.uid import ExplicitVRLittleEndian  # noqa: E402

from vertikit_plugins.pictures.dicom import Dicom  # noqa: E402

PLANTED = ("PLANTED^ADA", "19431207", "MRN-77123")


def made(values, *, preamble=True, **header):
    """A file that holds those pixels, and a patient in its header."""
    about = Dataset()
    about.PatientName, about.PatientBirthDate, about.PatientID = PLANTED
    about.SOPClassUID, about.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    if values is not None:
        frames = values.shape[0] if header.pop("several", False) else None
        rows, columns = values.shape[-2:] if values.shape[-1] != 3 else values.shape[-3:-1]
        about.Rows, about.Columns = rows, columns
        about.SamplesPerPixel = 3 if values.shape[-1] == 3 else 1
        about.PhotometricInterpretation = "RGB" if values.shape[-1] == 3 else "MONOCHROME2"
        if values.shape[-1] == 3:
            about.PlanarConfiguration = 0
        about.BitsAllocated = about.BitsStored = values.dtype.itemsize * 8
        about.HighBit, about.PixelRepresentation = about.BitsStored - 1, int(values.dtype.kind == "i")
        if frames:
            about.NumberOfFrames = frames
        about.PixelData = values.tobytes()
    for name, value in header.items():
        setattr(about, name, value)
    about.file_meta = FileMetaDataset()
    about.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = io.BytesIO()
    if preamble:
        pydicom.dcmwrite(file, about, enforce_file_format=True)
    else:
        del about.file_meta
        pydicom.dcmwrite(file, about, implicit_vr=True, little_endian=True)
    return file.getvalue()


RAMP = np.tile(np.arange(0, 2400, 100, dtype=np.int16), (16, 1))


def test_values_go_through_slope_intercept_and_the_window_of_the_file(ask):
    content = made(RAMP, RescaleSlope=1, RescaleIntercept=-1000, WindowCenter=40, WindowWidth=401)
    outline, found = ask(Dicom(), content)
    assert (outline.frames, outline.height, outline.width, outline.kind) == (1, 16, 24, "dicom")
    shown = found[0, 0, :, 0]
    assert shown[8] == 0 and shown[13] == 255  # 200 and 300 beyond the window's ends
    assert shown[10] == pytest.approx(255 * (0 + 160.5) / 400, abs=1)


def test_without_a_window_the_darkest_is_black_and_the_brightest_white(ask):
    shown = ask(Dicom(), made(RAMP))[1][0, 0, :, 0]
    assert (shown[0], shown[-1]) == (0, 255)


def test_where_low_is_white_the_picture_is_turned_over(ask):
    shown = ask(Dicom(), made(RAMP, PhotometricInterpretation="MONOCHROME1"))[1][0, 0, :, 0]
    assert (shown[0], shown[-1]) == (255, 0)


def test_frames_are_read_at_their_places(ask):
    stack = np.stack([np.full((16, 16), at * 10, np.uint16) for at in range(6)])
    stack[:, 0, 0], stack[:, 0, 1] = 0, 50
    content = made(stack, several=True)
    outline, found = ask(Dicom(), content, range(1, 6, 2))
    assert outline.frames == 6
    assert len(found) == 3


def test_colours_stay_colours(ask):
    colours = np.zeros((16, 20, 3), np.uint8)
    colours[:, :, 0] = 200
    assert ask(Dicom(), made(colours))[1][0, 3, 3].tolist() == [200, 0, 0]


def test_a_file_without_a_preamble_or_a_name_that_says_so_is_known_and_read(ask):
    content = made(RAMP, preamble=False)
    assert Dicom().reads("IM0001", content[:512])
    assert ask(Dicom(), content)[1].shape == (1, 16, 24, 1)


DAMAGED = {
    "no pixels": (made(None), "without pixels"),
    "cut off": (made(RAMP)[:-300], "cut off|fewer pixels|damaged"),
    "cut in its head": (made(RAMP)[:200], "without pixels|cut off|cannot be read|no sense"),
    "absurd": (made(RAMP, Rows=60_000, Columns=60_000), "fewer pixels|damaged"),
    "not dicom": (
        b"\x00" * 128 + b"DICM" + b"Ada Planted MRN-77123" * 20,
        "without pixels|cannot be read|cut off",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_wrong_is_said_without_a_word_of_the_header(ask, name, caplog, recwarn):
    content, said = DAMAGED[name]
    with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match=said) as error:
        ask(Dicom(), content)
    told = f"{error.value} {error.value.__context__ if not error.value.__suppress_context__ else ''} {caplog.text}"
    told += " ".join(str(each.message) for each in recwarn.list)
    assert not any(word in told for word in (*PLANTED, "Ada", "77123"))


def test_a_codec_that_is_not_there_names_the_package(ask, monkeypatch):
    content = made(RAMP)
    packed = content.replace(b"1.2.840.10008.1.2.1\x00", b"1.2.840.10008.1.2.4.70"[:20])
    whole = pydicom.dcmread(io.BytesIO(content))
    whole.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.70"
    whole["PixelData"].is_undefined_length = True
    whole.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8\xff\xd9"])
    file = io.BytesIO()
    pydicom.dcmwrite(file, whole, enforce_file_format=True)
    monkeypatch.setattr("vertikit_plugins.pictures.dicom._unpacks", lambda _: False)
    with pytest.raises(ValueError, match="pip install pylibjpeg pylibjpeg-libjpeg"):
        ask(Dicom(), file.getvalue())
    assert packed


def test_a_header_that_claims_more_than_any_picture_has_is_read_without_its_pixels():
    outline = Dicom().outline(io.BytesIO(made(RAMP, Rows=60_000, Columns=60_000)))
    assert (outline.height, outline.width) == (60_000, 60_000)
