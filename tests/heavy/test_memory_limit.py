"""A flood of flows stays within the memory limit; what had to go is counted, and no packet is lost."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from oddwire.testing.capture import pcap_bytes
from oddwire.testing.packets import SYN, tcp

FLOWS = 1_000_000
NS_APART = 10_000
MIB = 1 << 20
LIMIT_MIB = 64
# Beside what the limit counts there is the interpreter, the program and what is on its way to the file;
# measured on this flood: 80 to 111 MiB.
REST_MIB = 128

# The peak is read from /proc: what getrusage tells begins with the peak of the process that started this one.
CHILD = """
import json, pathlib, sys
import oddwire
capture, made, limit = sys.argv[1:]
stats = oddwire.read(capture, max_memory=int(limit)).write("flows", made)
status = pathlib.Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
said = {name: stats[name] for name in ("evicted", "most_live", "packets", "rows")}
print(json.dumps({"peak_mib": peak, **said}))
"""


@pytest.fixture(scope="module")
def flood(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a capture of one SYN packet a flow."""
    path = tmp_path_factory.mktemp("flood") / "flood.pcap"
    frame = tcp("10.0.0.1", 1024, "192.168.0.1", 80, SYN)
    with path.open("wb") as file:
        file.write(pcap_bytes((), nanoseconds=True))
        for number in range(FLOWS):
            seconds, part = divmod(number * NS_APART, 10**9)
            file.write(
                struct.pack("<IIII", seconds, part, len(frame), len(frame)) + _from_host(frame, number)
            )
    return path


def _from_host(frame: bytes, number: int) -> bytes:
    """Put another source address into an Ethernet frame; that checksums are wrong then does not matter."""
    return frame[:26] + (0x0A000000 + number).to_bytes(4, "big") + frame[30:]


def _run(capture: Path, made: Path, limit_mib: int) -> dict[str, float]:
    command = [sys.executable, "-c", CHILD, str(capture), str(made), str(limit_mib * MIB)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    said: dict[str, float] = json.loads(done.stdout)
    return said


def test_the_limit_holds_and_evictions_are_counted(flood: Path, tmp_path: Path) -> None:
    bounded = _run(flood, tmp_path / "bounded.parquet", LIMIT_MIB)
    assert bounded["evicted"] > 0
    assert bounded["most_live"] < FLOWS
    assert bounded["packets"] == FLOWS
    assert bounded["rows"] == FLOWS
    assert bounded["peak_mib"] < LIMIT_MIB + REST_MIB, bounded


def test_without_the_limit_everything_is_live(flood: Path, tmp_path: Path) -> None:
    free = _run(flood, tmp_path / "free.parquet", 1024)
    assert free["evicted"] == 0
    assert free["most_live"] == FLOWS
    # Else the limit of the other run would be no limit.
    assert free["peak_mib"] > LIMIT_MIB + REST_MIB, free
