"""What many tests stand on: the command line in this process, and a small capture."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import settings

from oddwire.cli import main
from tests.unit.made import small_capture

# A busy machine is no failure: how long an example takes is measured elsewhere.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Cli: TypeAlias = Callable[..., Done]


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Return a function that runs a command line in this process."""

    def run(*words: Any) -> Done:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        sys.stdout.flush()
        said = capfd.readouterr()
        code = left.value.code
        return Done(code=code if isinstance(code, int) else 0, out=said.out, err=said.err)

    return run


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a capture of 19 packets: HTTPS, DNS, ping, ARP and IPv6."""
    return small_capture(tmp_path / "small.pcap")
