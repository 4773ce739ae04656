"""Bad input and attacks: a clear error, little memory, and nobody else is harmed."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import struct
import zlib

import pytest

from tests.core.serve.conftest import PREDICT, TEXT, Asked, in_pieces

JSON = {"content-type": "application/json"}


def refused(found, status):
    """The problem of a response that has that status, in the form of RFC 9457."""
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"
    content = found.json()
    assert (
        content["status"] == status
        and content["type"].startswith("urn:vertikit:problem:")
        and content["title"]
    )
    assert content["detail"] and content["request_id"] == found.headers["x-request-id"]
    assert "Traceback" not in found.text
    return content


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/x-www-form-urlencoded"])
def test_another_content_type_is_refused(asked, kind):
    found = asked.send("POST", PREDICT, content=b'{"row": {"text": "x"}}', headers={"content-type": kind})
    assert "application/json" in refused(found, 415)["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe", b'{"row": {"text": NaN}}', b'{"row": {"text": Infinity}}', b'{"row": {"text": 1e999}}',
        b'{"row": {"text": "a", "text": "b"}}', b"[" * 100_000, b'{"a":' * 100_000,
        b'{"row": {"x": ' + b"9" * 9999 + b"}}",
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)  # fmt: skip
def test_what_is_no_strict_json_is_refused(asked, body):
    refused(asked.send("POST", PREDICT, content=body, headers=JSON), 400)


@pytest.mark.parametrize(
    "content",
    [
        [], "x", 7, {}, {"row": None}, {"row": []}, {"row": {}}, {"rows": []}, {"rows": {}}, {"rows": [1]},
        {"row": {"text": "a"}, "rows": []}, {"row": {"text": "a"}, "more": 1}, {"row": {"text": ["a"]}},
        {"row": {"text": {"a": "b"}}}, {"row": {"other": "a"}}, {"rows": [{"text": "a"}, {"text": []}]},
    ],
    ids=str,
)  # fmt: skip
def test_json_of_another_shape_is_refused_with_the_field(asked, content):
    refused(asked.post(PREDICT, content), 422)


def test_a_cell_that_is_no_plain_value_is_named_by_its_row(asked):
    problem = refused(asked.predict([{"text": "a"}, {"text": {"deep": {"er": 1}}}]), 422)
    assert problem["errors"][0]["field"] == "rows[1].text"


def test_a_body_that_says_it_is_too_large_is_not_read_at_all(asked):
    pieces = []

    async def never():
        pieces.append(1)
        yield b"x"

    headers = {**JSON, "content-length": "100000000"}
    refused(asked.send("POST", PREDICT, content=never(), headers=headers), 413)
    assert not pieces


def test_a_body_that_does_not_say_so_is_cut_off_while_it_comes(asked):
    sent = []

    async def endless():
        for _ in range(1000):
            sent.append(1)
            yield b"x" * 100_000

    refused(asked.send("POST", PREDICT, content=endless(), headers=JSON), 413)
    assert len(sent) < 100  # of 1,000: eight megabytes are allowed


def test_too_many_rows_and_too_long_texts_are_refused(asked):
    assert "1,001 rows" in refused(asked.predict([{"text": "a"}] * 1001), 413)["detail"]
    problem = refused(asked.predict({"text": "cough " * 1_000_000}), 422)
    assert "100,000 are allowed" in problem["errors"][0]["what"]


def test_the_longest_text_that_is_taken_has_an_answer(start, probe_run):
    server: Asked = start(probe_run.folder)
    assert server.predict({"text": "cough " * 16_000}).status_code == 200


def test_a_body_that_comes_too_slowly_is_given_up(start, probe_run):
    server: Asked = start(probe_run.folder, body_seconds=0.3)
    body = [b'{"row": ', b'{"text": ', b'"cough"', b"}}"]
    found = server.send("POST", PREDICT, content=in_pieces(body, seconds=0.2), headers=JSON)
    assert "in time" in refused(found, 408)["detail"]


def test_large_bodies_wait_their_turn_and_small_ones_do_not(start, probe_run):
    server: Asked = start(probe_run.folder, held_bytes=300_000, body_seconds=5.0)

    async def both():
        async with server.client() as client:
            slow = asyncio.create_task(
                client.post(PREDICT, content=in_pieces([b" " * 250_000, b" "], seconds=0.4), headers=JSON)
            )
            await asyncio.sleep(0.6)
            large = await client.post(PREDICT, content=b" " * 200_000, headers=JSON)
            small = await client.post(PREDICT, json={"row": {"text": TEXT}})
            return await slow, large, small

    _, large, small = asyncio.run(both())
    assert refused(large, 503) and large.headers["retry-after"]
    assert small.status_code == 200


@pytest.mark.parametrize("given", ["x" * 65, "a b", "a\tb", "é", "{}", ""])
def test_an_id_that_is_none_is_not_taken_over(asked, given):
    found = asked.predict({"text": TEXT}, headers={"X-Request-ID": given.encode()})
    assert found.headers["x-request-id"] != given and len(found.headers["x-request-id"]) == 32


def test_unknown_paths_methods_and_tasks_are_problems_too(asked):
    refused(asked.get("/v1/nothing"), 404)
    assert (
        "medical/diagnosis"
        in refused(asked.predict({"text": "a"}, "/v1/medical/diagnose/predict"), 404)["detail"]
    )
    found = asked.get(PREDICT)
    assert refused(found, 405) and found.headers["allow"] == "POST"
    refused(asked.get("/../../etc/passwd"), 404)


def test_an_unexpected_failure_says_nothing_of_the_row_and_the_log_says_where(start, probe_run, monkeypatch):
    server: Asked = start(probe_run.folder)

    def broken(*_):
        raise RuntimeError("zebrafish in the innards")

    monkeypatch.setattr(server.service.fleet.all()[0].batcher, "_answer", broken)
    refused(server.predict({"text": "zebrafish"}), 500)
    failed = next(line for line in server.logged if line["event"] == "failed")
    assert failed["error"]["kind"] == "RuntimeError" and any(
        "broken" in place for place in failed["error"]["at"]
    )
    assert "zebrafish" not in server.lines.getvalue()


# --- pictures ------------------------------------------------------------------------------------------


FILM = "/v1/medical/imaging/predict"


def png(width: int = 40, height: int = 40) -> bytes:
    """A grey picture; of a size that it only claims, where it is large."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (min(width, 64), min(height, 64)), 90).save(file, "PNG")
    content = bytearray(file.getvalue())
    header = b"IHDR" + struct.pack(">II", width, height) + bytes(content[24:29])
    content[12:33] = header + struct.pack(">I", zlib.crc32(header))
    return bytes(content)


def data_url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


@pytest.fixture(scope="module")
def films(start, film_run) -> Asked:
    return start(film_run.folder)


def test_a_picture_comes_as_a_data_url_or_as_a_file_of_a_form(films):
    as_json = films.predict({"image": data_url(png())}, FILM)
    as_form = films.send("POST", FILM, files={"image": ("film.png", png(), "image/png")}, data={"age": "40"})
    assert as_json.status_code == as_form.status_code == 200, as_form.text
    one, other = as_json.json()["answer"], as_form.json()["answer"]
    assert {**one, "row": 0} == {**other, "row": 0}
    heat = films.post("/v1/medical/imaging/explain", {"row": {"image": data_url(png())}})
    assert heat.json()["heatmap"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "a\x00b.png", "x" * 5000 + ".png", "..\\..\\x.png"]
)
def test_a_name_that_looks_like_a_path_is_not_used(films, name, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    found = films.send("POST", FILM, files={"image": (name, png(), "image/png")})
    assert found.status_code in (200, 400), found.text


@pytest.mark.parametrize(
    "cell", ["/etc/passwd", "../film.png", "film.png", "data:,x", "data:image/png;base64,@@", 7, True]
)
def test_a_picture_that_is_named_and_not_sent_is_refused(films, cell):
    refused(films.predict({"image": cell}, FILM), 422)


@pytest.mark.parametrize("content", [b"no picture", png(60_000, 60_000), png(4, 4), png()[:60]])
def test_a_bomb_and_what_is_no_picture_have_an_error_and_the_others_answers(films, content):
    problem = refused(films.predict({"image": data_url(content)}, FILM), 422)
    assert "picture" in problem["detail"]
    found = films.predict([{"image": data_url(png())}, {"image": data_url(content)}], FILM).json()["answers"]
    assert found[0]["error"] is None and "picture" in found[1]["error"]


def test_a_form_that_is_damaged_or_too_full_is_refused(films):
    kind = {"content-type": "multipart/form-data"}
    refused(films.send("POST", FILM, content=b"--x\r\n", headers=kind), 400)
    kind = {"content-type": "multipart/form-data; boundary=x"}
    refused(films.send("POST", FILM, content=b"--x\r\nnonsense", headers=kind), 422)
    refused(films.send("POST", FILM, files=[("image", ("a.png", png()))] * 30), 400)
    refused(films.send("POST", FILM, files=[("image", ("a.png", png()))] * 2), 400)
    refused(films.send("POST", FILM, files={"age": ("a.png", png())}, data={"image": "x"}), 422)


def test_a_text_task_takes_a_form_too(asked):
    found = asked.send("POST", PREDICT, files={"text": (None, TEXT)})
    assert found.status_code == 200 and found.json()["answer"]["disease"]
    assert json.loads(asked.send("POST", PREDICT, files={"text": ("a.txt", b"x")}).text)["status"] == 422
