"""What a reader of recordings has to keep to (`vertikit.contracts.RecordingReader`).

Its author's example is a function of (folder, values [T] from -1 to 1, rate) that writes them and gives the file.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from vertikit.testing.check import Failed, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject

RATE = 400
NEAR = 2e-2
"""How far readings may be off: eight bits tell 256 levels apart."""


def _values() -> np.ndarray:
    return np.asarray(0.8 * np.sin(np.arange(200) / 9))


def _file(subject: Subject) -> Path:
    return Path(subject.writer(subject.folder, _values(), RATE))


@check("recordings", "reads")
def reads(subject: Subject) -> None:
    """It takes its own file by name, and none of a name that nobody has."""
    reader = subject.make()
    expect(not reader.reads("pump.no-such-ending"), "it takes pump.no-such-ending")
    expect(reader.reads(_file(subject).name), "it does not take what its own example writes")


@check("recordings", "values")
def values(subject: Subject) -> None:
    """Every reading is there, in order, and the rate where the file says it."""
    path, wanted = _file(subject), _values()
    with path.open("rb") as file:
        found = subject.make().read(file)
    own = np.asarray(found.values, np.float64).squeeze()
    expect(own.shape == wanted.shape, f"{wanted.shape} readings are read as {np.shape(found.values)}")
    expect(np.abs(own - wanted).max() <= NEAR, f"a reading is {np.abs(own - wanted).max():.3g} away")
    expect(found.rate in (None, RATE), f"a rate of {RATE} is read as {found.rate}")


@check("recordings", "damaged")
def damaged(subject: Subject) -> None:
    """A file of noise raises, and is not taken for a recording."""
    noise = bytes((at * 37 + 200) % 256 for at in range(600))
    try:
        found = subject.make().read(io.BytesIO(noise))
    except Exception:
        return
    raise Failed(f"noise is read as {np.shape(found.values)} readings")


CHECKS = (built("recordings", ("reads", "read")), reads, values, damaged, refuses("recordings"))
