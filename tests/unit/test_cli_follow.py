"""A capture that still grows: rows come as packets come, and an interrupt ends it well."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from oddwire.testing.capture import pcap_bytes
from oddwire.testing.packets import udp

HEADER = 24


def packets(first: int, count: int) -> bytes:
    """Return a pcap file of numbered datagrams."""
    numbers = range(first, first + count)
    return pcap_bytes((1000.0 + at, udp("10.0.0.1", at, "10.0.0.2", 53, b"x")) for at in numbers)


def test_rows_come_while_the_file_grows(tmp_path: Path) -> None:
    growing = tmp_path / "growing.pcap"
    growing.write_bytes(packets(1, 2))
    words = [sys.executable, "-m", "oddwire", "packets", str(growing), "--follow"]
    words += ["--columns", "number,src_port", "--format", "csv", "--quiet"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        assert [following.stdout.readline().strip() for _ in range(3)] == ["number,src_port", "1,1", "2,2"]
        with growing.open("ab") as more:
            later = packets(3, 1)[HEADER:]
            more.write(later[:20])
            more.flush()
            more.write(later[20:])
        assert following.stdout.readline().strip() == "3,3"
        following.send_signal(signal.SIGINT)
        rest = following.stdout.read()
        assert (rest, following.wait(timeout=20)) == ("", 0)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["packets", "--follow"], "--format csv"),
        (["profiles", "--follow", "--format", "csv"], "--format csv"),
        (["flows", "--follow", "--format", "csv", "--threads", "2"], "--threads"),
    ],
)
def test_what_cannot_be_followed_is_said_at_once(tmp_path: Path, words: list[str], hint: str) -> None:
    capture = tmp_path / "growing.pcap"
    capture.write_bytes(packets(1, 2))
    command = [sys.executable, "-m", "oddwire", *words, str(capture)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 2
    assert hint in done.stderr
