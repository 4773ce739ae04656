"""The OpenAPI document holds what it says: requests made of it, and against it, meet no failure of the server."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

from tests.core.serve.conftest import Asked

FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@pytest.fixture(scope="module")
def everything(start, probe_run, film_run, window_run, tmp_path_factory) -> Asked:
    return start(
        probe_run.folder, film_run.folder, window_run.folder,
        admin_key="administrator-key-0123", runs_root=tmp_path_factory.mktemp("root"), rows=50, characters=2000,
    )  # fmt: skip


def test_no_request_made_of_the_document_makes_the_server_fail(everything):
    schema = schemathesis.openapi.from_asgi("/openapi.json", everything.app)
    seen: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in ("/v1/runs", "/v1/runs/{name}"):
            continue

        def check(case):
            response = case.call(headers={**(case.headers or {}), "X-Request-ID": "fuzz"})
            seen.setdefault(case.operation.path, set()).add(response.status_code)
            assert response.status_code < 500 or response.status_code == 503, (case, response.text)
            case.validate_response(response, checks=[not_a_server_error])

        modes = [GenerationMode.POSITIVE]
        if operation.method == "post":  # of a path without parameters there is nothing to do wrong
            modes.append(GenerationMode.NEGATIVE)
        for mode in modes:
            FEW(given(case=operation.as_strategy(generation_mode=mode))(check))()
    assert 200 in seen["/v1/medical/diagnosis/predict"] and 422 in seen["/v1/medical/diagnosis/predict"]
