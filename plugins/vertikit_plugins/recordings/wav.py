"""Sound files, as microphones and accelerometers leave them."""

from __future__ import annotations

import warnings
from typing import BinaryIO

import numpy as np

from vertikit.contracts import Recorded


class Wav:
    """PCM of any width, or floats; whole numbers are scaled to a full swing of 1."""

    def reads(self, name: str) -> bool:
        return name.lower().endswith((".wav", ".wave"))

    def read(self, file: BinaryIO) -> Recorded:
        from scipy.io import wavfile

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks of remarks that it does not know
            rate, values = wavfile.read(file)
        if values.dtype == np.uint8:
            values = (values.astype(np.float64) - 128) / 128
        elif values.dtype.kind == "i":
            values = values / float(np.iinfo(values.dtype).max + 1)
        return Recorded(values, float(rate))
