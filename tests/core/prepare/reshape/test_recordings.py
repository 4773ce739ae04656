"""Rows that name recordings: where these are found, what of them is read, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.io import wavfile

from vertikit import Card, Group, Label, Number, Protocol, Recording, Task, UsageError, VertikitError
from vertikit.prepare.reading import read_rows
from vertikit.prepare.reshape import reshape
from vertikit.prepare.roots import Root
from vertikit.recipe.examples import Reshape
from vertikit.registry import registry

TASK = Task(
    name="plant/state",
    summary="listens to machines",
    columns=(Group("unit"), Recording("sound"), Number("load", required=False), Label("state")),
    protocol=Protocol(splits=("grouped",), primary="accuracy", metrics=(), baselines=(), why=""),
    card=Card(intended_use="", population="", limits=""),
)


@pytest.fixture
def made(tmp_path):
    turn = iter(range(100))

    def made(cells, root, *, targets=True, **choice):
        folder = tmp_path / f"made-{next(turn)}"
        folder.mkdir()
        rows = [{"unit": f"u{at}", "sound": cell, "load": at, "state": "on"} for at, cell in enumerate(cells)]
        read = read_rows(TASK, [rows], {}, (), registry(), folder, targets=targets)
        chosen = Reshape.model_validate(choice)
        found = reshape(
            TASK, read, chosen, folder, targets=targets, registry=registry(), root=lambda _: Root(root)
        )
        return found, found.as_rows(read)

    return made


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "all.npz"
    np.savez(
        path, stack=np.arange(60.0).reshape(3, 20), many=np.arange(40.0).reshape(20, 2), short=np.arange(4.0)
    )
    return path


def readings(found):
    windows = found.examples.windows
    return [windows.readings[a:b].tolist() for a, b in zip(windows.start, windows.stop, strict=True)]


def test_a_row_of_a_stacked_array_is_cut_into_windows_of_its_own(made, archive):
    found, _ = made(["stack[1]", "stack[0]"], archive, window=10)
    assert [each[0][0] for each in readings(found)] == [20, 30, 0, 10]
    assert found.examples.group.tolist() == ["u0", "u0", "u1", "u1"]
    assert found.examples.windows.places() == ["readings 0-9", "readings 10-19"] * 2
    assert [column.name for column in found.task.inputs] == ["sound", "load"]


def test_a_stretch_of_an_array_is_read_with_its_channels(made, archive):
    found, _ = made(["many[5:15]"], archive, window=5)
    assert readings(found)[0] == [[10, 11], [12, 13], [14, 15], [16, 17], [18, 19]]
    assert found.channels == {"sound": 2}
    assert [column.name for column in found.task.inputs] == ["sound.1", "sound.2", "load"]


def test_of_a_lone_array_a_number_is_the_row(made, tmp_path):
    np.savez(tmp_path / "one.npz", signal=np.arange(20.0).reshape(2, 10))
    found, _ = made(["1", "0"], tmp_path / "one.npz")
    assert [each[0][0] for each in readings(found)] == [10, 0]


def test_without_a_window_a_recording_is_an_example_however_long(made, archive):
    found, _ = made(["short", "stack[2]"], archive)
    assert found.examples.windows.lengths.tolist() == [4, 20]


def test_sound_files_of_a_folder_are_read_and_a_time_is_counted_in_readings(made, tmp_path):
    for name, size in (("a", 4000), ("b", 2000)):
        wavfile.write(tmp_path / f"{name}.wav", 1000, np.arange(size, dtype=np.int16))
    found, _ = made(["a.wav", "b.wav"], tmp_path, window="1s")
    assert found.examples.windows.lengths.tolist() == [1000] * 6
    assert found.examples.windows.readings[1, 0] == 1 / 32768
    assert "1000 Hz" in found.notes[0]


def test_sounds_of_different_rates_are_refused(made, tmp_path):
    for name, rate in (("a", 1000), ("b", 2000)):
        wavfile.write(tmp_path / f"{name}.wav", rate, np.arange(100, dtype=np.int16))
    with pytest.raises(VertikitError, match=r"1000 Hz \(1 recording\) and 2000 Hz"):
        made(["a.wav", "b.wav"], tmp_path)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("../secret.npy", "leads out of the root"),
        ("/etc/passwd", "leads out of the root"),
        ("link.npy", "leads out of the root"),
        ("nothing.npy", "is not there"),
        ("text.txt", "of no kind"),
        ("broken.npy", "cannot be read"),
        ("objects.npy", "cannot be read"),
        ("good.npy[7]", "asks for row 7"),
        ("good.npy[9:9]", "has no readings"),
        ("two.npy", "2 channels"),
        ("", "is missing"),
    ],
)
def test_a_recording_that_cannot_be_had_has_a_line_that_says_why(made, tmp_path, cell, said):
    root = tmp_path / "root"
    root.mkdir()
    np.save(tmp_path / "secret.npy", np.arange(10.0))
    (root / "link.npy").symlink_to(tmp_path / "secret.npy")
    np.save(root / "good.npy", np.arange(10.0))
    np.save(root / "two.npy", np.zeros((10, 2)))
    np.save(root / "objects.npy", np.array([{}], object), allow_pickle=True)
    (root / "broken.npy").write_bytes(b"no array")
    (root / "text.txt").write_text("1 2 3")
    _, lines = made(["good.npy", cell, "good.npy"], root, window=5)
    assert [bad.row for bad in lines.bad] == [2]
    assert said in lines.bad[0].reason
    assert lines.position.tolist() == [0, 1, 3, 4]


def test_a_recording_shorter_than_a_window_has_a_line(made, archive):
    _, lines = made(["short", "stack[0]"], archive, window=10)
    assert "too short for a window of 10 (4 readings)" in lines.bad[0].reason


def test_what_cannot_be_meant_is_refused(made, archive, tmp_path):
    with pytest.raises(UsageError, match=r"reshape\.horizon"):
        made(["short"], archive, window=2, horizon=2)
    with pytest.raises(UsageError, match="at what rate"):
        made(["short"], archive, window="1s")
    with pytest.raises(VertikitError, match="none of the 1 recording"):
        made(["gone"], archive)
    with pytest.raises(UsageError, match="no such folder"):
        made(["short"], tmp_path / "gone")
