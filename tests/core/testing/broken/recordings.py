from __future__ import annotations

import numpy as np

from vertikit.contracts import Recorded


def write(folder, values, rate):
    np.save(folder / "pump.npy", values)
    return folder / "pump.npy"


class Sound:
    def reads(self, name):
        return name.endswith(".npy")

    def read(self, file):
        return Recorded(np.load(file, allow_pickle=False))


class Greedy(Sound):
    def reads(self, name):
        return True


class Losing(Sound):
    def read(self, file):
        return Recorded(super().read(file).values[1:])


class Lenient(Sound):
    def read(self, file):
        try:
            return super().read(file)
        except ValueError:
            return Recorded(np.zeros(10))


SOUND = Sound
EXAMPLE = write
BROKEN = {"reads": Greedy, "values": Losing, "damaged": Lenient}
