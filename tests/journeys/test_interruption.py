"""A training in a process of its own that is killed, stopped with Ctrl-C, or cut off from the network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import SECRET, TASK, Desk, rows

RUN = "import sys; from vertikit.cli import main; sys.exit(main(sys.argv[1:]))"

WITHOUT_NETWORK = """
import socket, sys
def refuse(*arguments, **options):
    print("NETWORK", file=sys.stderr)
    raise OSError("no network")
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refuse)
socket.create_connection = socket.getaddrinfo = refuse
"""


def begin(desk: Desk, *typed: str, code: str = RUN, **environment: str) -> subprocess.Popen[str]:
    """A process of its own group, as a terminal starts it."""
    environ = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    environ = {name: value for name, value in environ.items() if value}
    return subprocess.Popen(
        [sys.executable, "-c", code, *typed],
        cwd=desk.folder,
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def until_a_checkpoint(desk: Desk, process: subprocess.Popen[str], seconds: float = 120) -> None:
    """Wait for the first whole checkpoint; fail where the process ends before it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if any(desk.folder.glob("*.partial/work/*/checkpoint-*/DONE")):
            return
        if process.poll() is not None:
            pytest.fail(f"ended before a checkpoint: {process.communicate()[1]}")
        time.sleep(0.005)
    pytest.fail("no checkpoint was written")


def training(desk: Desk, strategy: str, output: str) -> tuple[str, ...]:
    settings = ("--set", "epochs=40", "--set", "patience=0", "--set", f"strategy={strategy}")
    return ("train", TASK, "--data", "notes.csv", "--output", output, *desk.quick, *settings)


def numbers(run: Path) -> dict[str, Any]:
    metrics = json.loads((run / "metrics.json").read_text())
    return {key: value for key, value in metrics.items() if key != "seconds"}


def stop(desk: Desk, sign: signal.Signals, strategy: str) -> tuple[int, str]:
    """Train, send a signal at the first checkpoint; status and standard error."""
    process = begin(desk, *training(desk, strategy, "run"))
    try:
        until_a_checkpoint(desk, process)
        process.send_signal(sign)
        _, said = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    return process.returncode, said


def goes_on_to_the_same_result(desk: Desk, strategy: str) -> None:
    assert [path.name for path in desk.folder.iterdir() if path.is_dir()] == ["run.partial"]
    refused = desk.type(*training(desk, strategy, "run"))
    assert refused.status == 2 and "--resume" in refused.err
    resumed = desk.type(*training(desk, strategy, "run"), "--resume")
    assert resumed.status == 0 and "going on with run.partial" in resumed.err, resumed.err
    assert not Path("run.partial").exists()
    assert desk.type(*training(desk, strategy, "whole")).status == 0
    assert numbers(Path("run")) == numbers(Path("whole"))
    for name in ("model/head.safetensors", "predictions.parquet"):
        assert Path("run", name).read_bytes() == Path("whole", name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["probe", "lora"])
def test_a_killed_training_leaves_no_run_and_resumes_to_the_same_result(desk: Desk, strategy: str) -> None:
    desk.write("notes.csv", rows(360))
    status, _ = stop(desk, signal.SIGKILL, strategy)
    assert status == -signal.SIGKILL, "it ended before it was killed: give it more epochs"
    goes_on_to_the_same_result(desk, strategy)


@pytest.mark.slow
def test_ctrl_c_is_one_line_that_says_how_to_go_on(desk: Desk) -> None:
    desk.write("notes.csv", rows(360))
    status, said = stop(desk, signal.SIGINT, "probe")
    assert status == 130
    *_, last = said.splitlines()
    assert last == "interrupted; the same command with --resume goes on from the last checkpoint"
    assert "Traceback" not in said and SECRET not in said
    goes_on_to_the_same_result(desk, "probe")


@pytest.mark.slow
def test_a_training_that_still_goes_on_is_not_resumed_by_another(desk: Desk) -> None:
    desk.write("notes.csv", rows(360))
    process = begin(desk, *training(desk, "lora", "run"))
    try:
        until_a_checkpoint(desk, process)
        process.send_signal(signal.SIGSTOP)
        typed = desk.type(*training(desk, "lora", "run"), "--resume")
    finally:
        process.kill()
        process.communicate()
    assert typed.status == 2 and f"process {process.pid} is still training it" in typed.err


def test_ctrl_c_before_the_first_checkpoint_is_one_line_as_well(desk: Desk) -> None:
    """And so is one while the libraries are still being imported."""
    code = (
        "import sys, vertikit.prepare.preparing as p\n"
        "def interrupted(*_, **__): raise KeyboardInterrupt\n"
        "p.prepare = interrupted\n" + RUN
    )
    desk.write("notes.csv", rows(30))
    process = begin(desk, *training(desk, "probe", "run"), code=code)
    out, said = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert said.splitlines()[-1].startswith("interrupted; ") and "Traceback" not in said
    assert not Path("run").exists()


def test_training_and_predicting_try_no_connection_even_where_the_hub_is_not_forbidden(desk: Desk) -> None:
    desk.write("notes.csv", rows())
    code = WITHOUT_NETWORK + (
        "import sys; from vertikit.cli import main\n"
        "at = sys.argv.index('--then')\n"
        "sys.exit(main(sys.argv[1:at]) or main(sys.argv[at + 1:]))"
    )
    train = ("train", TASK, "--data", "notes.csv", "--output", "run", *desk.quick)
    predict = ("predict", "run", "notes.csv", "--output", "answers.csv")
    process = begin(
        desk, *train, "--then", *predict, code=code, HF_HUB_OFFLINE="", HF_HOME=str(desk.folder / "hf")
    )
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "NETWORK" not in said


@pytest.mark.slow
def test_the_demo_runs_without_network_from_what_is_installed(desk: Desk) -> None:
    """With the packaged encoder, whose extra may be missing here."""
    shown = json.loads(desk.type("show", "minilm", "--json").out)
    if not str(shown.get("info", {}).get("source", "")).startswith("package "):
        pytest.skip("the packaged encoder is not installed")
    process = begin(
        desk, "demo", code=WITHOUT_NETWORK + RUN, HF_HUB_OFFLINE="", HF_HOME=str(desk.folder / "hf")
    )
    out, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert "NETWORK" not in said and "vertikit show medical/diagnosis" in out
    (run,) = (path for path in (desk.folder / "runs").iterdir() if path.is_dir())
    assert json.loads((run / "metrics.json").read_text())["verdict"] in " ".join(out.split())
