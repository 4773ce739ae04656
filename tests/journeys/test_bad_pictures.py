"""Pictures that a hapless or hostile user may give, typed at the command line: one clear line for each row left out."""

from __future__ import annotations

import csv
import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from tests.journeys.conftest import Desk

Image = pytest.importorskip("PIL.Image")

QUICK = [
    part
    for setting in ("epochs=1", "evaluation.bootstrap=20", "evaluation.few_shot=[]", "baselines=[majority]")
    for part in ("--set", setting)
]
TASK = "manufacturing/quality"
SIDE = 40


def pixels(at: int) -> np.ndarray:
    """Noise with a bright bar, upright or lying, never the same twice."""
    drawn = np.random.default_rng(at).integers(0, 120, (SIDE, SIDE)).astype(np.uint8)
    place = slice(at % 30, at % 30 + 6)
    drawn[(slice(None), place) if at % 2 else (place, slice(None))] += 110
    return drawn


def saved(picture, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head says how large it would be."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


GOOD = saved(Image.fromarray(pixels(900)))
BAD = {
    "cut.png": (GOOD[: len(GOOD) // 2], "is cut off"),
    "empty.png": (b"", "is empty (0 bytes)"),
    "text.png": (b"this is a note, not a picture\n" * 9, "no picture, whatever its name says"),
    "point.png": (saved(Image.fromarray(pixels(901)[:1, :1])), "1 × 1 pixels: too few"),
    "vast.png": (png_that_claims(20_000, 20_000), "claims 400,000,000 pixels"),
    "gone.png": (None, "is not there"),
    "../outside.png": (None, "leads out of the root"),
}
TAKEN = {
    "printed.jpg": saved(Image.fromarray(pixels(902)).convert("CMYK"), "JPEG"),
    "moving.gif": saved(
        Image.fromarray(pixels(903)), "GIF", save_all=True, append_images=[Image.fromarray(pixels(904))]
    ),
}


@pytest.fixture
def parts(desk: Desk) -> list[tuple[str, str]]:
    """60 pictures in a folder, and what a table says of them."""
    (desk.folder / "pictures").mkdir()
    rows = []
    for at in range(60):
        name = f"pictures/{at}.png"
        desk.write(name, saved(Image.fromarray(pixels(at))))
        rows.append((name, ["lying", "upright"][at % 2]))
    return rows


def table(desk: Desk, name: str, rows: list[tuple[str, str]]) -> None:
    with (desk.folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("image", "defect"), *rows])


def quarantined(run: Path) -> dict[int, str]:
    """Row in the file -> why it was left out."""
    with (run / "quarantine.csv").open(encoding="utf-8", newline="") as file:
        return {int(each["row"]): each["reason"] for each in csv.DictReader(file)}


def test_each_bad_file_leaves_its_row_out_with_a_reason_and_the_others_train(
    desk: Desk, parts: list[tuple[str, str]]
) -> None:
    desk.write("outside.png", GOOD)
    further = []
    for name, content in [*((name, content) for name, (content, _) in BAD.items()), *TAKEN.items()]:
        inside = name if name.startswith("..") else f"pictures/{name}"
        if content is not None:
            desk.write(inside, content)
        further.append((inside, "lying"))
    (desk.folder / "tables").mkdir()
    table(desk, "tables/parts.csv", [*parts, *further])
    typed = desk.type("train", TASK, "--data", "tables/parts.csv", "--root", ".", "--output", "run", *QUICK)
    assert typed.status == 0, typed.err
    assert "Traceback" not in typed.err + typed.out
    found = quarantined(desk.folder / "run")
    assert len(found) == len(BAD)
    for at, (name, (_, said)) in enumerate(BAD.items()):
        reason = found[len(parts) + 1 + at]
        assert said in reason, (name, reason)
    assert f"{len(BAD)} quarantined" in typed.err


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_what_leads_out_of_an_archive_is_no_picture_of_it(
    desk: Desk, parts: list[tuple[str, str]], kind: str
) -> None:
    archive = desk.folder / f"parts.{kind}"
    members = {name: (desk.folder / name).read_bytes() for name, _ in parts} | {"../escaped.png": GOOD}
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as file:
            for name, content in members.items():
                file.writestr(name, content)
    else:
        with tarfile.open(archive, "w") as file:
            for name, content in members.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                file.addfile(entry, io.BytesIO(content))
    table(desk, "parts.csv", [*parts, ("../escaped.png", "lying")])
    typed = desk.type("train", TASK, "--data", "parts.csv", "--root", archive.name, "--output", "run", *QUICK)
    assert typed.status == 0, typed.err
    assert [*quarantined(desk.folder / "run").values()] == [
        f"its picture {BAD['../outside.png'][1]}, which is refused"
    ]
    assert not (desk.folder.parent / "escaped.png").exists()


def test_a_member_that_unpacks_to_far_more_than_it_takes_is_left_out(
    desk: Desk, parts: list[tuple[str, str]]
) -> None:
    with zipfile.ZipFile(desk.folder / "parts.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for name, _ in parts:
            file.write(desk.folder / name, name)
        with file.open(zipfile.ZipInfo("bomb.png"), "w", force_zip64=True) as member:
            member.write(GOOD)
            for _ in range(300):
                member.write(bytes(1_000_000))
    table(desk, "parts.csv", [*parts, ("bomb.png", "lying")])
    typed = desk.type("train", TASK, "--data", "parts.csv", "--root", "parts.zip", "--output", "run", *QUICK)
    assert typed.status == 0, typed.err
    assert "Traceback" not in typed.err


def test_one_class_is_refused(desk: Desk, parts: list[tuple[str, str]]) -> None:
    table(desk, "one.csv", [each for each in parts if each[1] == "lying"])
    typed = desk.type("train", TASK, "--data", "one.csv", "--output", "run", *QUICK)
    assert typed.status == 1
    assert typed.err.splitlines()[-2:] == [
        "error: column 'defect' holds the one class 'lying' in all 30 usable rows.",
        "  Give rows of at least two classes: there is nothing to tell apart.",
    ]
    assert not (desk.folder / "run").exists()


def test_a_class_that_a_part_lacks_is_said_and_the_others_are_judged(
    desk: Desk, parts: list[tuple[str, str]]
) -> None:
    scratch = []
    for at in range(100, 112):
        desk.write(f"pictures/{at}.png", saved(Image.fromarray(255 - pixels(at))))
        scratch.append((f"pictures/{at}.png", "scratched"))
    table(desk, "learn.csv", [*parts[:40], *scratch])
    table(desk, "judge.csv", parts[40:])
    typed = desk.type("train", TASK, "--data", "learn.csv", "--test", "judge.csv", "--output", "run", *QUICK)
    assert typed.status == 0, typed.err
    assert "scratched" in typed.out + typed.err
