"""Small runs in service, asked without a network: requests go straight into the application."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import vertikit
from vertikit.serve.app import Service, build_app
from vertikit.serve.counters import Counters
from vertikit.serve.fleet import Fleet
from vertikit.serve.gate import Gate
from vertikit.serve.logs import Log
from vertikit.serve.settings import Settings

PREDICT = "/v1/medical/diagnosis/predict"
TEXT = "cough and fever for three days"


@dataclass
class Asked:
    """A server without a network."""

    app: Gate
    service: Service
    lines: io.StringIO
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, by itself."""

        async def once() -> httpx.Response:
            async with self.client() as client:
                return await client.request(method, path, **more)

        return asyncio.run(once())

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(
            transport=transport, base_url="http://here", headers=self.headers, timeout=60
        )

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.send("GET", path, **more)

    def post(self, path: str, content: Any, **more: Any) -> httpx.Response:
        return self.send("POST", path, json=content, **more)

    def predict(self, row: Mapping[str, Any] | list[Any], path: str = PREDICT, **more: Any) -> httpx.Response:
        return self.post(path, {"rows": row} if isinstance(row, list) else {"row": row}, **more)

    @property
    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines.getvalue().splitlines()]


Start = Callable[..., Asked]


@pytest.fixture(scope="session")
def start() -> Iterator[Start]:
    """Serve run folders with settings of one's own."""
    open_fleets: list[Fleet] = []

    def start(*folders: Path, **settings: Any) -> Asked:
        chosen = Settings(**settings)
        counters = Counters()
        fleet = Fleet(chosen, counters)
        open_fleets.append(fleet)
        for folder in folders:
            fleet.add(folder)
        service = Service(fleet, chosen, counters)
        lines = io.StringIO()
        return Asked(build_app(service, Log(lines)), service, lines)

    yield start
    for fleet in open_fleets:
        fleet.close()


@pytest.fixture(scope="session")
def asked(start: Start, probe_run: vertikit.Run) -> Asked:
    """The probe, served with the settings that everyone gets."""
    return start(probe_run.folder)


@pytest.fixture(scope="session")
def film_run(tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    """Films of a finding, told apart by a network of a few thousand weights."""
    from vertikit_medical.samples.imaging import write

    path = tmp_path_factory.mktemp("films") / "films.csv"
    write(path, rows=120, seed=3)
    return vertikit.train(
        "medical/imaging", path, output=path.parent / "film", progress=False, epochs=1, blend=None, calibration="none",
        backbone={"name": "picture-cnn", "size": 32, "width": 8, "stages": 2}, evaluation={"bootstrap": 20},
        pictures={"shown": 0},
    )  # fmt: skip


@pytest.fixture(scope="session")
def window_run(tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    """Windows of two sensors; a machine that runs hot is at fault."""
    random = np.random.default_rng(0)
    lines = ["unit,time,temperature,vibration,fault"]
    for unit in range(12):
        for hour in range(96):
            at_fault = unit % 2 == 0 and hour >= 48
            heat = 60 + random.normal() + 15 * at_fault
            day, rest = divmod(hour, 24)
            when = f"2024-03-{day + 1:02d}T{rest:02d}:00:00"
            lines.append(f"m{unit},{when},{heat:.2f},{random.normal(1, 0.1):.3f},{int(at_fault)}")
    path = tmp_path_factory.mktemp("readings") / "readings.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return vertikit.train(
        "manufacturing/fault", path, output=path.parent / "window", progress=False, epochs=2,
        backbone={"name": "tabm", "members": 2, "width": 8}, experts=[{"name": "signal", "sets": "statistics"}],
        evaluation={"bootstrap": 0, "compare_experts": False}, reshape={"window": 8, "stride": 8},
    )  # fmt: skip


async def in_pieces(pieces: list[bytes], seconds: float = 0.0) -> AsyncIterator[bytes]:
    """A body that comes piece by piece."""
    for piece in pieces:
        await asyncio.sleep(seconds)
        yield piece
