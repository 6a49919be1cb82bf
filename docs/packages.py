"""The npm packages that the site carries: pinned, fetched once, checked every time."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MATHJAX", "NUMPY", "PYODIDE", "Package", "members", "tarball"]

CACHE = Path(__file__).resolve().parent / "_npm"
ATTEMPTS = 3
PAUSE = 2.0
"""Seconds between attempts: a registry that refuses now often answers a moment later."""


@dataclass(frozen=True)
class Package:
    """An npm package of one version, and the digest that its tarball must have (as npm writes it)."""

    name: str
    version: str
    integrity: str

    @property
    def file(self) -> str:
        """Name under which `npm pack` writes it."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


PYODIDE = Package(
    "pyodide",
    "0.27.7",
    "sha512-RUSVJlhQdfWfgO9hVHCiXoG+nVZQRS5D9FzgpLJ/VcgGBLSAKoPL8kTiOikxbHQm1kRISeWUBdulEgO26qpSRA==",
)
NUMPY = Package(  # compiled by the same Emscripten (3.1.58) for the same Python (3.12) as PYODIDE
    "@emscripten-forge/numpy",
    "2.0.1-py312h4e66579-0",
    "sha512-64iP3tolNhBnKJBHs2b5Mg9s17BL8Bp9Ev2+U0fSCO3/zQlWQRCrExw2MgmfwjhNz+mwbKPG2eBsBcpBWV2xbA==",
)
MATHJAX = Package(
    "mathjax",
    "3.2.2",
    "sha512-Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
)


def tarball(package: Package) -> bytes:
    """Return the package's tarball, from the cache if it is there."""
    kept = CACHE / package.file
    if not kept.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            fetched = _fetch(package, Path(scratch))
            _check(package, fetched.read_bytes())
            fetched.replace(kept)
    content = kept.read_bytes()
    _check(package, content)
    return content


def _fetch(package: Package, folder: Path) -> Path:
    asked = f"{package.name}@{package.version}"
    for attempt in range(ATTEMPTS):
        time.sleep(PAUSE * attempt)
        done = subprocess.run(
            ["npm", "pack", "--silent", asked], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return folder / package.file
    raise SystemExit(f"npm pack {asked} failed {ATTEMPTS} times; it said: {done.stderr.strip() or done.stdout.strip()}")


def _check(package: Package, content: bytes) -> None:
    algorithm, expected = package.integrity.split("-", 1)
    found = base64.b64encode(hashlib.new(algorithm, content).digest()).decode()
    if found != expected:
        raise SystemExit(
            f"{package.file} has the digest {algorithm}-{found}, not {package.integrity}: it is not the package that "
            f"this site was made with. Remove {CACHE} and build again; if it persists, do not trust the registry"
        )


def members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files of a gzipped tar archive, in memory: nothing is unpacked to a path it names."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
        for entry in opened:
            content = opened.extractfile(entry) if entry.isfile() else None
            if content is not None:
                yield entry.name, content.read()
