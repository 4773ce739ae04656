"""Runs that come and go while others answer, who may do that, and what is refused."""

from __future__ import annotations

import asyncio
import shutil
import threading
import weakref

import pytest

from tests.core.serve.conftest import PREDICT, TEXT, Asked
from tests.core.serve.test_bad_requests import refused
from vertikit import VertikitError

ADMIN = "administrator-key-0123"
KEY = "an-ordinary-key-4567"


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def root(tmp_path, probe_run):
    """A folder of runs: two that are whole, one that was tampered with, and one outside."""
    folder = tmp_path / "root"
    for name in ("one", "two", "tampered"):
        shutil.copytree(probe_run.folder, folder / name)
    head = folder / "tampered" / "model" / "head.safetensors"
    content = bytearray(head.read_bytes())
    content[-1] ^= 1
    head.write_bytes(content)
    shutil.copytree(probe_run.folder, tmp_path / "outside")
    (folder / "link").symlink_to(tmp_path / "outside")
    return folder


@pytest.fixture
def server(start, probe_run, root) -> Asked:
    return start(probe_run.folder, admin_key=ADMIN, runs_root=root)


def test_a_run_comes_and_goes_and_the_document_with_it(server):
    added = server.post("/v1/runs", {"path": "one"}, headers=bearer(ADMIN))
    assert added.status_code == 201 and added.json()["run"] == "one"
    runs = server.get("/openapi.json").json()["paths"][PREDICT]["post"]["parameters"][0]["schema"]["enum"]
    assert runs == ["probe", "one"]
    assert server.predict({"text": TEXT}, f"{PREDICT}?run=one").json()["run"] == "one"
    assert refused(server.post("/v1/runs", {"path": "one"}, headers=bearer(ADMIN)), 409)
    assert server.send("DELETE", "/v1/runs/one", headers=bearer(ADMIN)).status_code == 204
    refused(server.predict({"text": TEXT}, f"{PREDICT}?run=one"), 404)
    refused(server.send("DELETE", "/v1/runs/one", headers=bearer(ADMIN)), 404)
    assert 'run="one"' not in server.get("/metrics").text


@pytest.mark.parametrize(
    "path", ["../outside", "/etc", "one/../../outside", "link", ".", "..\\outside", "C:one"]
)
def test_a_path_that_leads_out_of_the_folder_is_refused(server, path):
    refused(server.post("/v1/runs", {"path": path}, headers=bearer(ADMIN)), 403)


@pytest.mark.parametrize(
    ("content", "status"),
    [({"path": "none"}, 404), ({"path": "a\x00b"}, 422), ({"path": 7}, 422), ({}, 422), ([], 422),
     ({"path": "x" * 600}, 422), ({"path": "y" * 400}, 404), ({"path": "tampered"}, 422)],
)  # fmt: skip
def test_what_is_no_run_is_refused(server, content, status):
    problem = refused(server.post("/v1/runs", content, headers=bearer(ADMIN)), status)
    if content == {"path": "tampered"}:
        assert "tampered with" in problem["detail"]


def test_nobody_adds_runs_without_the_key_or_where_none_is_set(server, asked):
    refused(server.post("/v1/runs", {"path": "one"}), 401)
    refused(server.post("/v1/runs", {"path": "one"}, headers=bearer(KEY)), 401)
    refused(server.send("DELETE", "/v1/runs/probe", headers=bearer(KEY)), 401)
    refused(asked.post("/v1/runs", {"path": "one"}, headers=bearer(ADMIN)), 403)
    assert "/v1/runs" in server.get("/openapi.json").json()["paths"]
    assert "/v1/runs" not in asked.get("/openapi.json").json()["paths"]


def test_keys_are_asked_for_everywhere_but_at_health_and_page(start, probe_run):
    closed: Asked = start(probe_run.folder, keys=(KEY, "another-key-891011"))
    for path in ("/v1/tasks", "/metrics", "/openapi.json", "/v1/medical/diagnosis/card"):
        refused(closed.get(path), 401)
        refused(closed.get(path, headers=bearer("wrong-key-wrong-key")), 401)
        assert closed.get(path, headers=bearer(KEY)).status_code == 200
        assert closed.get(path, headers={"X-API-Key": "another-key-891011"}).status_code == 200
    assert refused(closed.predict({"text": TEXT}), 401) and closed.get("/healthz").status_code == 200
    assert closed.get("/readyz").status_code == 200
    assert closed.get("/v1/tasks").headers["www-authenticate"] == "Bearer"
    assert "security" in closed.get("/openapi.json", headers=bearer(KEY)).json()


def test_a_tampered_run_is_not_served(start, root):
    with pytest.raises(VertikitError, match="tampered with"):
        start(root / "tampered")


def test_runs_of_one_encoder_hold_its_weights_once_and_let_go_of_them(start, root):
    server: Asked = start(root / "one")
    server.service.fleet.add(root / "two")
    one, two = (each.run.parts.assembled for each in server.service.fleet.all())
    encoders = [next(iter(each.backbones.values())) for each in (one, two)]
    weights = [dict(each.module.named_parameters()) for each in encoders]
    large = [name for name, weight in weights[0].items() if weight.numel() * 4 >= 1024]
    assert large and all(weights[0][name] is weights[1][name] for name in large)
    assert encoders[0].tokenizer is encoders[1].tokenizer
    held = weakref.ref(weights[0][large[0]])
    del one, two, encoders, weights
    server.service.fleet.remove("one")
    assert held() is not None
    server.service.fleet.remove("two")
    assert held() is None


def test_runs_come_and_go_while_others_are_asked_and_no_answer_is_lost(server):
    statuses: list[int] = []
    over = threading.Event()

    def asking():
        async def ask():
            async with server.client() as client:
                while not over.is_set():
                    found = await asyncio.gather(
                        *(client.post(PREDICT, json={"row": {"text": f"{TEXT} {at}"}}) for at in range(8)),
                        client.post(f"{PREDICT}?run=one", json={"row": {"text": TEXT}}),
                    )
                    statuses.extend(each.status_code for each in found)

        asyncio.run(ask())

    thread = threading.Thread(target=asking)
    thread.start()
    try:
        for _ in range(4):
            assert server.post("/v1/runs", {"path": "one"}, headers=bearer(ADMIN)).status_code == 201
            assert server.send("DELETE", "/v1/runs/one", headers=bearer(ADMIN)).status_code == 204
    finally:
        over.set()
        thread.join()
    assert len(statuses) > 9 and set(statuses) <= {200, 404, 503}
    assert all(status == 200 for at, status in enumerate(statuses) if at % 9 != 8)


@pytest.mark.slow
def test_a_run_in_int8_is_served_and_two_of_them_hold_its_graph_once(start, probe_run, notes, tmp_path):
    pytest.importorskip("onnxruntime")
    from vertikit.cli import main

    small = tmp_path / "small"
    assert main(["compress", str(probe_run.folder), "--data", str(notes), "--map", "id=note_id", "--method", "int8",
                 "--output", str(small)]) == 0  # fmt: skip
    shutil.copytree(small, tmp_path / "again")
    server: Asked = start(small, tmp_path / "again")
    for run in ("small", "again"):
        found = server.predict({"text": TEXT}, f"{PREDICT}?run={run}")
        assert found.status_code == 200 and found.json()["answer"]["error"] is None
    sessions = [
        module._session
        for hosted in server.service.fleet.all()
        for module in hosted.run.model.modules()
        if hasattr(module, "graph_sha256")
    ]
    assert len(sessions) == 2 and sessions[0] is sessions[1] is not None
