"""One writer at a time: a lock that the system takes back when its holder dies."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oddwire.errors import StoreError

__all__ = ["FILE", "only_writer"]

FILE = "writer.lock"
PAUSE_S = 0.05


@contextmanager
def only_writer(folder: Path, *, wait_s: float) -> Iterator[None]:
    """Hold the lock of a workspace, after at most so many seconds of waiting for whoever writes now."""
    path = folder / FILE
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + wait_s
        while not _taken(number):
            if time.monotonic() >= until:
                raise StoreError(
                    "another program writes to this workspace",
                    where=str(folder),
                    hint="wait for it to end, or choose another folder with --store",
                )
            time.sleep(PAUSE_S)
        yield
    finally:
        os.close(number)  # which gives the lock back


def _taken(number: int) -> bool:
    """Try once to take the lock."""
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return False
    return True
