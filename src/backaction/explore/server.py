"""The local server of `backaction explore`: the page, and this machine's Python behind it.

It listens on the loopback address only, and answers only requests that the page itself makes: the Host header must be
its own address and a request that comes from another site (Origin) is refused, so that no page of the web can reach it.
"""

from __future__ import annotations

import json
import os
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files

from backaction.gaussian import InvalidInput

from .answers import answer

__all__ = ["HOST", "Explorer"]

HOST = "127.0.0.1"
"""The loopback address: nothing outside this machine reaches it."""

LARGEST_REQUEST = 2**22
"""Bytes of a request beyond which it is none of the page's."""

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Explorer(ThreadingHTTPServer):
    """The server of one explorer.

    Parameters
    ----------
    port : int
        0 chooses a free one.
    file : str, optional
        The text of an experiment file with which "your own chain" opens.

    Raises
    ------
    InvalidInput
        The port is taken or not allowed.

    Examples
    --------
    >>> with Explorer(0) as server:
    ...     print(server.address.rpartition(":")[0])
    http://127.0.0.1
    """

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # elsewhere it frees a port at once; there it shares one that is in use

    def __init__(self, port: int = 0, file: str | None = None) -> None:
        self.file = file
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InvalidInput(
                f"cannot listen on port {port}: {reason}; give another --port, or none for a free one"
            ) from None

    def handle_error(self, request: object, client_address: object) -> None:
        """A page that has gone before its answer is no error; everything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}"

    @property
    def names(self) -> tuple[str, str]:
        """The Host headers of the page's own requests."""
        return f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Explorer
    server_version = "backaction"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: in two, the second waits 40 ms for the first to be acknowledged
    disable_nagle_algorithm = True
    timeout = 60  # seconds after which a silent connection is dropped

    def do_GET(self) -> None:
        if not self._is_own():
            return self._refuse(HTTPStatus.FORBIDDEN, "this server answers its own page only")
        name = self.path.split("?")[0].removeprefix("/") or "index.html"
        if name == "backend.json":
            start = {"kind": "local", "call": "answer", "file": self.server.file}
            return self._send(HTTPStatus.OK, "json", json.dumps(start).encode())
        kind = name.rpartition(".")[2]
        page = files("backaction.explore") / "page" / name
        if "/" in name or "\\" in name or kind not in _TYPES or not page.is_file():
            return self._refuse(HTTPStatus.NOT_FOUND, f"there is no {name} here")
        return self._send(HTTPStatus.OK, kind, page.read_bytes())

    do_HEAD = do_GET

    def do_POST(self) -> None:
        if not self._is_own() or self.headers.get_content_type() != "application/json":
            return self._refuse(HTTPStatus.FORBIDDEN, "this server answers its own page only")
        if self.path != "/answer":
            return self._refuse(HTTPStatus.NOT_FOUND, "there is nothing to ask here")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_REQUEST:
            return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {LARGEST_REQUEST} bytes")
        request = self.rfile.read(int(length)).decode("utf-8", errors="replace")
        return self._send(HTTPStatus.OK, "json", answer(request).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the terminal has the address and no more."""

    def _is_own(self) -> bool:
        origin = self.headers.get("Origin")
        mine = origin is None or origin in [f"http://{name}" for name in self.server.names]
        return mine and self.headers.get("Host") in self.server.names

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        self.close_connection = True  # what is left of the request is not read
        self._send(status, "json", json.dumps({"error": text}).encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", _TYPES[kind])
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
