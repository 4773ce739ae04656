"""The roles that both fault tasks share."""

from __future__ import annotations

from vertikit import Group, Recording, Time

UNIT = Group(
    "unit",
    help="the machine (or run, or load) that a row is from: no unit stands on two sides of the split",
    aliases=("machine", "machine_id", "asset", "asset_id", "engine", "experiment", "run_id", "equipment"),
)
TIME = Time(
    "time",
    help="when a row was read; windows are in its order, and the test is later",
    required=False,
    aliases=("timestamp", "datetime", "date", "ts"),
)
RECORDING = Recording(
    "recording",
    help="a recording that the row stands for: a wav, npy or npz file or an array under --root, as in signal[3]",
    required=False,
    aliases=("waveform", "signal", "file", "wav", "array"),
)
