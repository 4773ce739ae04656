"""What a server says of its runs, and of itself."""

from __future__ import annotations

import pytest

from tests.core.serve.conftest import Asked


def test_the_list_of_tasks_has_a_row_that_works_as_it_stands(asked, probe_run):
    (entry,) = asked.get("/v1/tasks").json()["tasks"]
    assert (
        entry["task"] == "medical/diagnosis"
        and entry["run"] == "probe"
        and entry["verdict"] == probe_run.verdict
    )
    assert entry["primary"]["name"] == "macro_f1" and len(entry["primary"]["ci95"]) == 2
    assert (
        entry["kind"] == "classes"
        and entry["labels"] == list(probe_run.labels)
        and entry["target"] == "disease"
    )
    assert [(each["name"], each["required"], each["modality"]) for each in entry["inputs"]] == [
        ("text", True, "text")
    ]
    assert "ynthetic" in entry["example_note"]
    found = asked.predict(entry["example"], entry["links"]["predict"])
    assert found.status_code == 200 and "notes" not in found.json() and "ignored" not in found.json()
    assert asked.get(entry["links"]["card"]).text == (probe_run.folder / "README.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("kind", ["film", "window"])
def test_pictures_and_windows_have_such_rows_too(start, film_run, window_run, kind):
    server: Asked = start({"film": film_run, "window": window_run}[kind].folder)
    (entry,) = server.get("/v1/tasks").json()["tasks"]
    if kind == "film":
        assert entry["images"] and entry["example"]["image"].startswith("data:image/png;base64,")
        found = server.predict(entry["example"], entry["links"]["predict"])
    else:
        assert entry["windows"] and len(entry["examples"]) >= 8
        found = server.predict(entry["examples"], entry["links"]["predict"])
    assert found.status_code == 200, found.text
    told = found.json()["answer"] if kind == "film" else found.json()["answers"][0]
    assert told["error"] is None and told["decision"]


def test_one_of_several_runs_of_a_task_is_chosen_by_name(start, probe_run, tmp_path):
    import shutil

    other = tmp_path / "an other run"
    shutil.copytree(probe_run.folder, other)
    server: Asked = start(probe_run.folder, other)
    first, second = server.get("/v1/tasks").json()["tasks"]
    assert second["links"]["predict"] == "/v1/medical/diagnosis/predict?run=an%20other%20run"
    row = first["example"]
    assert server.predict(row).json()["run"] == "probe"
    assert server.predict(row, second["links"]["predict"]).json()["run"] == "an other run"
    missing = server.predict(row, "/v1/medical/diagnosis/predict?run=prob")
    assert missing.status_code == 404 and "Did you mean 'probe'?" in missing.json()["detail"]


def test_the_document_has_a_path_for_each_task_with_its_columns(asked):
    document = asked.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    post = document["paths"]["/v1/medical/diagnosis/predict"]["post"]
    content = post["requestBody"]["content"]["application/json"]
    single, several = content["schema"]["anyOf"]
    assert (
        set(single["properties"]["row"]["properties"]) == {"text"}
        and several["properties"]["rows"]["minItems"] == 1
    )
    assert asked.post("/v1/medical/diagnosis/predict", content["example"]).status_code == 200
    assert asked.get("/docs").status_code == 404


def test_figures_are_counted_by_route_and_never_by_what_a_client_made_up(asked):
    asked.get("/v1/secret-patient-name")
    asked.predict({"text": "cough"})
    text = asked.get("/metrics").text
    assert 'vertikit_requests_total{route="/v1/{vertical}/{task}/predict",status="200"}' in text
    assert "secret-patient-name" not in text and 'vertikit_rows_total{run="probe"}' in text
    for name in ("request_seconds_bucket", "batch_rows_sum", "waiting_requests", "runs", "resident_bytes"):
        assert f"vertikit_{name}" in text


def test_a_server_that_loads_or_ends_is_not_ready_and_lives(start, probe_run):
    server: Asked = start(probe_run.folder)
    assert server.get("/readyz").status_code == 200
    for state in ("loading", "draining"):
        setattr(server.service, state, True)
        assert server.get("/readyz").status_code == 503 and server.get("/healthz").status_code == 200
        setattr(server.service, state, False)


def test_a_log_line_has_no_value_of_a_row_unless_that_is_asked_for(start, probe_run):
    server: Asked = start(probe_run.folder)
    server.predict({"text": "zebrafish cough"}, headers={"X-Request-ID": "mine-7"})
    line = server.logged[-1]
    assert (
        line["request_id"] == "mine-7"
        and line["status"] == 200
        and line["rows"] == 1
        and line["run"] == "probe"
    )
    assert "zebrafish" not in server.lines.getvalue()
    open_about_it: Asked = start(probe_run.folder, log_values=True)
    open_about_it.predict({"text": "zebrafish cough"})
    assert open_about_it.logged[-1]["asked"] == [{"text": "zebrafish cough"}]
