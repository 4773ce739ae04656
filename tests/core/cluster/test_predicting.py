"""The same parts by workers of a Ray cluster on this machine, one of which is killed."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from tests.core.deploy.batches.comparing import parts_of, same
from tests.core.deploy.batches.test_parts import plain, rows  # noqa: F401
from vertikit import UsageError
from vertikit.cluster.predicting import Cluster
from vertikit.deploy.batches.job import Asked, predict_in_parts


@pytest.mark.slow
@pytest.mark.enable_socket
def test_workers_write_the_same_parts_though_one_is_killed_in_the_middle(probe_run, rows, plain, tmp_path):  # noqa: F811
    ray = pytest.importorskip("ray")
    killed = []

    def kill_one(workers):
        number = ray.get(workers[0].process.remote())

        def kill():
            while not list((tmp_path / "out").glob("part-*.parquet")):
                time.sleep(0.01)
            killed.append(number)
            os.kill(number, signal.SIGKILL)

        threading.Thread(target=kill, daemon=True).start()

    asked = Asked(rows, tmp_path / "out", {}, part_rows=10)
    found = predict_in_parts(probe_run, asked, engine=Cluster(2, started=kill_one))
    assert killed and found.rows == len(plain)
    same(parts_of(tmp_path / "out"), plain)


@pytest.mark.enable_socket
def test_an_address_where_nothing_answers_is_told(probe_run, rows, tmp_path):  # noqa: F811
    pytest.importorskip("ray")
    with pytest.raises(UsageError, match="no Ray cluster answers"):
        predict_in_parts(probe_run, Asked(rows[:1], tmp_path / "out", {}), engine=Cluster(2, "127.0.0.1:1"))
