"""The built site, served on this machine, and a Chromium that remembers everything that went wrong in a page.

First `docs/build`, then `uv run --group browser pytest -m browser`.  CHROMIUM may name another browser than Debian's.
"""

import os
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # with importlib's mode the tests find `agreement` by this

SITE = Path(__file__).resolve().parents[2] / "docs" / "_build" / "html"
MOUNT = "/some/path/"
"""The site lives under a path: an address that begins with "/" is not found."""

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 375, "height": 700}
DESK = {"width": 1280, "height": 900}


class Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path):
        path = unquote(urlsplit(path).path)
        inside = path.startswith(MOUNT)
        return super().translate_path("/" + path.removeprefix(MOUNT) if inside else "/not-here")

    def log_message(self, *arguments):
        pass


class Visit:
    """A page, and what must not happen in it: foreign requests, failed ones, errors in the console."""

    def __init__(self, page, address):
        parts = urlsplit(address)
        self.page, self.origin = page, f"{parts.scheme}://{parts.netloc}/"
        self.problems, self.requests = [], []
        page.on("request", self._asked)
        page.on("requestfailed", lambda request: self.problems.append(f"failed: {request.url} {request.failure}"))
        page.on("response", self._answered)
        page.on("pageerror", lambda error: self.problems.append(f"error in the page: {error}"))
        page.on("console", self._said)
        page.goto(address)

    def _asked(self, request):
        self.requests.append(request.url)
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.problems.append(f"request to another origin: {request.url}")

    def _answered(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def _said(self, message):
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.type}: {message.text}")

    def overflow(self):
        """Pixels by which the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def widest(self):
        """Return the elements that stand out, to tell which they are."""
        return self.page.evaluate("""[...document.querySelectorAll("body *")]
            .filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
            .slice(0, 8).map((part) => part.outerHTML.slice(0, 120))""")


@contextmanager
def serve(folder):
    """Serve a folder under `MOUNT`; the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{MOUNT}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def served():
    return serve


@pytest.fixture(scope="session")
def site():
    """Address of the site."""
    if not (SITE / "index.html").is_file():
        told = "the site is not built: run docs/build first"
        if os.environ.get("CI"):
            pytest.fail(told, pytrace=False)
        pytest.skip(told)
    with serve(SITE) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visiting(chromium):
    """A function address → context manager with a `Visit`, in a browser that remembers nothing."""

    @contextmanager
    def visit(address):
        context = chromium.new_context(viewport=DESK)
        try:
            yield Visit(context.new_page(), address)
        finally:
            context.close()

    return visit


@pytest.fixture(scope="session")
def _phone(chromium):
    context = chromium.new_context(viewport=PHONE)
    yield context
    context.close()


@pytest.fixture
def phone(_phone):
    """A function address → `Visit`, in a narrow window whose cache lasts."""
    pages = []

    def visit(address):
        pages.append(_phone.new_page())
        return Visit(pages[-1], address)

    yield visit
    for page in pages:
        page.close()
