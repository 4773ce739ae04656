"""A server with a port of its own: slow clients, too many of them, and a signal that ends it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

from tests.core.serve.conftest import PREDICT, TEXT, Start
from vertikit.cli import main
from vertikit.serve.logs import Log
from vertikit.serve.server import Draining

pytestmark = pytest.mark.enable_socket

RUN_ME = "import sys; from vertikit.cli import main; sys.exit(main())"


@pytest.fixture
def listen(start: Start, probe_run):
    """Serve the probe with settings of one's own; the port."""
    servers = []

    def listen(**settings):
        asked = start(probe_run.folder, drain_seconds=0.0, **settings)
        found = socket.create_server(("127.0.0.1", 0))
        server = Draining(asked.service, Log(io.StringIO()))
        thread = threading.Thread(target=lambda: server.run(sockets=[found]))
        thread.start()
        servers.append((server, thread))
        until = time.monotonic() + 30
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        return found.getsockname()[1]

    yield listen
    for server, thread in servers:
        server.should_exit = server.force_exit = True
        thread.join(30)


def answered(port: int) -> int:
    body = json.dumps({"row": {"text": TEXT}}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{PREDICT}", body, {"content-type": "application/json"}
    )
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=20) as found:
        return found.status
    return 0


def slow_clients(port: int, count: int, sent: bytes) -> list[socket.socket]:
    clients = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port), timeout=20)
        client.sendall(sent)
        clients.append(client)
    return clients


def many_slow_clients(listen, count: int) -> None:
    """Of these a third sends nothing, a third half a head, a third half a body; others are answered meanwhile."""
    port = listen(head_seconds=1.5, body_seconds=1.5)
    half = f"POST {PREDICT} HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n".encode()
    clients = [
        *slow_clients(port, count // 3, b""),
        *slow_clients(port, count // 3, half),
        *slow_clients(port, count // 3, half + b'Content-Length: 50\r\n\r\n{"row": '),
    ]
    try:
        assert all(answered(port) == 200 for _ in range(5))
        for at, client in enumerate(clients):  # one byte more does not buy more time
            with contextlib.suppress(OSError):
                client.sendall(b"X" if at < 2 * count // 3 else b" ")
        ends = [b"".join(iter(lambda each=client: each.recv(65536), b"")) for client in clients]
        assert all(each == b"" or b" 400 " in each for each in ends[: 2 * (count // 3)])
        assert all(b" 408 " in each for each in ends[2 * (count // 3) :])
        assert answered(port) == 200
    finally:
        for client in clients:
            client.close()


def test_slow_clients_are_given_up_and_others_are_answered(listen):
    many_slow_clients(listen, 51)


@pytest.mark.slow
def test_a_thousand_slow_clients_harm_nobody(listen):
    many_slow_clients(listen, 999)


def test_more_connections_than_allowed_are_refused_in_words(listen):
    port = listen(connections=5)
    clients = slow_clients(port, 5, b"")
    extra = socket.create_connection(("127.0.0.1", port), timeout=20)
    answer = b"".join(iter(lambda: extra.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 503 ") and b"Retry-After: 1" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 503
    for client in clients:
        client.close()
    extra.close()
    until = time.monotonic() + 10
    while answered(port) != 200 and time.monotonic() < until:
        time.sleep(0.1)
    assert answered(port) == 200


def test_a_connection_is_kept_for_the_next_request(listen):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", listen(head_seconds=2.0), timeout=20)
    for _ in range(3):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status": "live"}'
    connection.close()


def test_on_a_signal_what_is_under_way_is_answered_and_the_end_is_a_good_one(probe_run):
    process = subprocess.Popen(
        [sys.executable, "-c", RUN_ME, "serve", str(probe_run.folder), "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            told.append(line)
            if '"started"' in line:
                break
        port = int(re.findall(r"http://127\.0\.0\.1:(\d+)/", "".join(told))[0])
        assert probe_run.verdict in told[0]
        statuses: list[int] = []
        asking = [threading.Thread(target=lambda: statuses.append(answered(port))) for _ in range(8)]
        for each in asking:
            each.start()
        time.sleep(0.3)  # for all of them to be there; what comes later may find nobody
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=20)
        assert refused.value.code == 503
        for each in asking:
            each.join(60)
        assert statuses == [200] * 8 and process.wait(120) == 0
        last = json.loads(process.stderr.read().splitlines()[-1])
        assert last["event"] == "ended"
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "no RUN was named"),
        (("nowhere",), "no such run"),
        (("--admin-key", "k" * 20), "no RUN was named"),
        (("{run}", "--admin-key", "short", "--runs-root", "."), "has 5 signs"),
        (("{run}", "--admin-key", "k" * 20), "no folder is named"),
        (("{run}", "--api-key-file", "nowhere"), "cannot be read"),
        (("{run}", "{run}"), "is served already"),
        (("{run}", "--port", "70000"), "70000"),
    ],
)
def test_a_command_that_cannot_be_is_refused_in_a_line(probe_run, capsys, options, said):
    status = main(["serve", *(each.format(run=probe_run.folder) for each in options)])
    err = capsys.readouterr().err
    assert status == 2 and said in err and "Traceback" not in err


def test_a_port_that_is_taken_is_told_before_runs_are_read(probe_run, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", str(probe_run.folder), "--port", str(taken.getsockname()[1])]) == 2
    assert "cannot be listened at" in capsys.readouterr().err


def test_without_its_extra_it_says_what_to_install(probe_run, capsys, monkeypatch):
    from importlib import metadata

    def version(name):
        if name == "fastapi":
            raise metadata.PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(metadata, "version", version)
    assert main(["serve", str(probe_run.folder)]) == 2
    assert 'pip install "vertikit[serve]"' in capsys.readouterr().err
