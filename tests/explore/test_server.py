"""The local server: the page and its answers, to the page alone."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from importlib.resources import files

import pytest
from click.testing import CliRunner

from backaction.__main__ import main
from backaction.explore import answer
from backaction.explore.scenes import IDEAL, OWN
from backaction.explore.server import HOST, Explorer
from backaction.gaussian import InvalidInput

PAGE = files("backaction.explore") / "page"


@pytest.fixture
def server():
    with Explorer(file=OWN.file) as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def call(server, method, path, body=None, **headers):
    connection = http.client.HTTPConnection(HOST, server.server_port, timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def question(server, request, **headers):
    return call(server, "POST", "/answer", json.dumps(request), **{"Content_Type": "application/json", **headers})


@pytest.mark.parametrize("name", [entry.name for entry in PAGE.iterdir() if entry.is_file()])
def test_every_file_of_the_page_is_served(server, name):
    response, content = call(server, "GET", f"/{name}")
    assert (response.status, content) == (200, (PAGE / name).read_bytes())
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_the_page_is_at_the_root_and_knows_its_backend(server):
    assert call(server, "GET", "/")[1] == (PAGE / "index.html").read_bytes()
    assert json.loads(call(server, "GET", "/backend.json")[1]) == {"kind": "local", "call": "answer", "file": OWN.file}
    response, content = call(server, "HEAD", "/")
    assert (response.status, content) == (200, b"")


def test_answers_are_those_of_the_library(server):
    request = {"ask": "state", "file": IDEAL.file, "settings": {"spin.occupation": "2"}}
    response, content = question(server, request)
    assert (response.status, content.decode()) == (200, answer(json.dumps(request)))
    mine = question(server, request, Origin=server.address)[0]
    assert mine.status == 200


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {"Host": "evil.example"}, 403),  # a name that was made to point at this machine
        ("POST", "/answer", {"Content_Type": "application/json", "Origin": "https://evil.example"}, 403),
        ("POST", "/answer", {"Content_Type": "application/json", "Origin": "null"}, 403),
        ("POST", "/answer", {"Content_Type": "text/plain"}, 403),  # what a form of another site can send
        ("POST", "/answer", {"Content_Type": "application/json", "Content_Length": "99999999"}, 413),
        ("POST", "/answer", {"Content_Type": "application/json", "Content_Length": "-1"}, 413),
        ("POST", "/else", {"Content_Type": "application/json"}, 404),
        ("GET", "/../server.py", {}, 404),
        ("GET", "/%2e%2e/server.py", {}, 404),
        ("GET", "/..%5cserver.py", {}, 404),
        ("GET", "/nothing.html", {}, 404),
        ("GET", "/__init__.py", {}, 404),
        ("PUT", "/answer", {}, 501),
    ],
)
def test_what_is_not_the_pages_is_refused(server, method, path, headers, status):
    assert call(server, method, path, **headers)[0].status == status


def test_only_this_machine_is_served(server):
    assert server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_one_clear_error(server):
    with pytest.raises(InvalidInput, match=rf"cannot listen on port {server.server_port}: .*--port"):
        Explorer(server.server_port)
    done = CliRunner().invoke(main, ["explore", "--no-browser", "--port", str(server.server_port)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_a_port_that_is_none(port):
    done = CliRunner().invoke(main, ["explore", "--no-browser", "--port", port])
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_a_file_that_is_not_there(tmp_path):
    done = CliRunner().invoke(main, ["explore", "--no-browser", str(tmp_path / "none.toml")])
    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


def test_the_command_opens_the_browser_unless_told_otherwise(monkeypatch):
    opened = []

    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Explorer, "serve_forever", stop)
    monkeypatch.setattr("click.launch", opened.append)
    for arguments, count in ((["explore"], 1), (["explore", "--no-browser"], 1)):
        done = CliRunner().invoke(main, arguments, catch_exceptions=False)
        assert done.exit_code == 0
        assert len(opened) == count
    assert opened[0].startswith("http://127.0.0.1:")


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_the_command_tells_the_address_and_ends_cleanly(tmp_path):
    path = tmp_path / "chain.toml"
    path.write_text(IDEAL.file, encoding="utf-8")
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # a shell's background ignores it
        f"from backaction.__main__ import main; main(['explore', '--no-browser', {str(path)!r}])"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)", line).group(1))
        connection = http.client.HTTPConnection(HOST, port, timeout=20)
        connection.request("GET", "/backend.json")
        assert json.loads(connection.getresponse().read())["file"] == IDEAL.file
        connection.close()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out.strip(), err) == (0, "", "")
    finally:
        process.kill()
