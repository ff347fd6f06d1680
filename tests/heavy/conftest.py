"""What the heavy suites stand on: other programs and the captures pack, each named when it is missing."""

import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.heavy.needs import ROOT, missing


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Return the path of a program, by name."""

    def find(name: str) -> str:
        return shutil.which(name) or missing(name)

    return find


@pytest.fixture(scope="session")
def tshark(program: Callable[[str], str]) -> str:
    """Return the path of tshark."""
    return program("tshark")


@pytest.fixture(scope="session")
def pack() -> Path:
    """Return the folder of the captures pack, unpacked once into the cache."""
    named = os.environ.get("ODDWIRE_CAPTURES")
    place = Path(named) if named else ROOT.parent / "shared" / "captures" / "captures.tar.xz"
    if place.is_dir():
        return _inner(place)
    if not place.is_file():
        missing("the captures pack (name its archive or folder in ODDWIRE_CAPTURES)")
    return _unpacked(place)


def _unpacked(archive: Path) -> Path:
    state = archive.stat()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "oddwire"
    folder = cache / f"captures-{state.st_size:x}-{state.st_mtime_ns:x}"
    if not folder.is_dir():
        partial = folder.with_name(f"{folder.name}.{os.getpid()}")
        with tarfile.open(archive) as tar:
            tar.extractall(partial, filter="data")
        partial.rename(folder)
    return _inner(folder)


def _inner(folder: Path) -> Path:
    inner = folder / "devpack"
    return inner if inner.is_dir() else folder
