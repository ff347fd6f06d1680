"""A writer that dies at any step, and a reader that reads while one writes."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from oddwire.store import reading
from oddwire.store.kept import RunInput
from oddwire.store.workspace import Workspace
from tests.unit.kept import line, of_file

# Dies at the n-th of the steps that last: each sync, each rename, and each change of the index.
WRITER = """
import os, pathlib, sys
from oddwire.store import index
from oddwire.store.kept import RunInput
from oddwire.store.workspace import Workspace

folder, deadly, findings = sys.argv[1], int(sys.argv[2]), eval(sys.argv[3])
steps = 0

def dying(call):
    def step(*words, **named):
        global steps
        steps += 1
        if steps == deadly:
            os._exit(9)
        return call(*words, **named)
    return step

workspace = Workspace.open(folder, write=True)
os.fsync, pathlib.Path.replace = dying(os.fsync), dying(pathlib.Path.replace)
index.Index.add, index.Index.replace_rules = dying(index.Index.add), dying(index.Index.replace_rules)
given = RunInput(name="new.pcap", path="new.pcap", blake3=None, packets=1)
workspace.add_run([given], {}, findings)
workspace.suppress({"kind": "beacon"})
print(steps)
"""


NEW = RunInput(name="new.pcap", path="new.pcap", blake3=None, packets=1)


def write(folder: Path, deadly: int) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", WRITER, str(folder), str(deadly), repr([line(2), line(3)])]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def old_workspace(folder: Path) -> Path:
    with Workspace.open(folder, write=True) as workspace:
        workspace.add_run([of_file()], {}, [line(1)])
    return folder


def steps_of_a_change(tmp_path: Path) -> int:
    whole = write(old_workspace(tmp_path / "whole"), 0)
    assert whole.returncode == 0, whole.stderr
    return int(whole.stdout)


def seen(folder: Path) -> tuple[int, int, int]:
    workspace = Workspace.open(folder, write=False)
    return len(workspace.runs()), len(workspace.findings()), len(workspace.suppressions())


def test_a_writer_that_dies_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    steps = steps_of_a_change(tmp_path)
    assert steps >= 17  # five files of three steps each, and two changes of the index
    states = []
    for deadly in range(1, steps + 1):
        folder = old_workspace(tmp_path / str(deadly))
        assert write(folder, deadly).returncode == 9
        states.append(seen(folder))
        with Workspace.open(folder, write=True, wait_s=1) as workspace:  # the dead one's lock is gone
            assert workspace.check() == []
            assert seen(folder) == states[-1]
            assert list(folder.rglob("*.unfinished")) == []
            workspace.add_run([NEW], {}, [line(2), line(3)])
            workspace.suppress({"kind": "beacon"})
        assert seen(folder) == (2, 3, 1)
    assert set(states) == {(1, 1, 0), (2, 3, 0), (2, 3, 1)}
    assert states == sorted(states)


@pytest.mark.parametrize("indexed", [True, False])
def test_a_reader_sees_whole_runs_while_twenty_are_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, indexed: bool
) -> None:
    if not indexed:
        monkeypatch.setattr(reading, "LOOKS", 50)
        monkeypatch.setattr(reading, "PAUSE_S", 0)
        monkeypatch.setattr(reading, "FILE", "no index")
    folder = old_workspace(tmp_path / "store")
    done = threading.Event()
    failures: list[str] = []
    looks: list[int] = []

    def read() -> None:
        while not done.is_set():
            workspace = Workspace.open(folder, write=False)
            runs = workspace.runs()
            findings = workspace.findings()
            looks.append(len(runs))
            # Findings are asked for after the runs: there may be more by then, never fewer, and two a run.
            if len(findings) < 2 * len(runs) - 1 or len(findings) % 2 == 0:
                failures.append(f"{len(runs)} runs, {len(findings)} findings")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        program = (
            "import sys\n"
            "from oddwire.store.workspace import Workspace\n"
            "from oddwire.store.kept import RunInput\n"
            "lines = eval(sys.argv[2])\n"
            "for at in range(20):\n"
            "    given = RunInput(name=f'{at}.pcap', path=None, blake3=None, packets=1)\n"
            "    with Workspace.open(sys.argv[1], write=True) as workspace:\n"
            "        workspace.add_run([given], {}, lines)\n"
            "        workspace.suppress({'port': at})\n"
        )
        subprocess.run([sys.executable, "-c", program, str(folder), repr([line(2), line(3)])], check=True)
    finally:
        done.set()
        reader.join()
    assert failures == []
    assert looks == sorted(looks)
    assert len(set(looks)) > 2
    assert seen(folder) == (21, 41, 20)
