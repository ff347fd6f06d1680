"""What tcpdump saw on a segment, moved to the time that all cases share."""

import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from oddwire.testing.capture import Timed

__all__ = ["BEGIN", "MARK", "Tape", "read_pcap"]

BEGIN = 1_700_000_000.0
MARK = BEGIN + 10.0  # where the moment that a scene has marked lies
SLOT, RING = 1600, 32_768  # bytes of a frame (segments carry 1514 at most), KiB of all frames not yet read
SETTLE = 0.4  # seconds in which the last frames reach the file


def read_pcap(data: bytes) -> Iterator[Timed]:
    """Yield the frames of a pcap file with microseconds, in the byte order of this machine."""
    at = 24
    while at + 16 <= len(data):
        seconds, part, kept, _ = struct.unpack_from("=IIII", data, at)
        yield seconds + part / 1e6, data[at + 16 : at + 16 + kept]
        at += 16 + kept


class Tape:
    """A running tcpdump; its packets are there once it has been left."""

    def __init__(self, *, namespace: str, card: str, file: Path, count: int) -> None:
        self.packets: list[Timed] = []
        self._namespace = namespace
        self._card = card
        self._file = file
        self._count = count
        self._marked: float | None = None

    def __enter__(self) -> Self:
        # -Z root: a tcpdump that gives its rights away cannot write into a folder of ours alone.
        # Short slots and many: with the usual ones eight frames fill the ring, and a fast scan is lost.
        options = ["-Z", "root", "-n", "-U", "--immediate-mode", "-s", str(SLOT), "-B", str(RING)]
        what = ["-i", self._card, "-c", str(self._count), "-w", str(self._file)]
        self._process = subprocess.Popen(
            ["ip", "netns", "exec", self._namespace, "tcpdump", *options, *what],
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if b"listening on" in line:
                break
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        time.sleep(SETTLE)
        self._process.terminate()
        try:
            _, report = self._process.communicate(timeout=5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _, report = self._process.communicate()
        if error is None:
            if b"\n0 packets dropped by kernel" not in report:
                raise RuntimeError(f"tcpdump has lost packets: {report.decode()}")
            self.packets = self._moved(list(read_pcap(self._file.read_bytes())))

    def mark(self) -> None:
        """Let this moment be MARK: without a mark, the first packet is BEGIN."""
        self._marked = time.time()

    def _moved(self, packets: list[Timed]) -> list[Timed]:
        if not packets:
            raise RuntimeError("the tape is empty: nothing crossed the segment")
        shift = BEGIN - packets[0][0] if self._marked is None else MARK - self._marked
        return [(round(seconds + shift, 6), frame) for seconds, frame in packets]
