"""Reads captures, damaged or not, in a process of its own with bounded memory, and says how it went."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.heavy.mutate import mutated
from tests.heavy.needs import ROOT

ADDRESS_SPACE = 2 << 30
TABLES = ("packets", "flows", "slices")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one input fared: an outcome of `read` or `refused` is good, anything else is a fault."""

    name: str
    outcome: str
    seconds: float = 0.0
    peak_mib: float = 0.0

    @property
    def fault(self) -> bool:
        """Say whether the core did anything but read or refuse."""
        return self.outcome not in {"read", "refused"}


def try_seeds(captures: Sequence[Path], seeds: range, scratch: Path, *, timeout_s: float) -> list[Outcome]:
    """Read one damaged copy a seed."""
    order = {"captures": [str(path) for path in captures], "seeds": [seeds.start, seeds.stop]}
    return _run(order, scratch, timeout_s)


def try_files(captures: Sequence[Path], scratch: Path, *, timeout_s: float) -> list[Outcome]:
    """Read captures as they are."""
    return _run({"captures": [str(path) for path in captures]}, scratch, timeout_s)


def _run(order: dict[str, object], scratch: Path, timeout_s: float) -> list[Outcome]:
    file = scratch / "order.json"
    file.write_text(json.dumps(order), encoding="utf-8")
    command = [sys.executable, "-m", "tests.heavy.trial", str(file)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=ROOT,
            check=False,
            timeout=timeout_s,
        )
        printed, end = done.stdout, f"died with {done.returncode}: {done.stderr[-1500:]}"
        clean = done.returncode == 0
    except subprocess.TimeoutExpired as expired:
        printed = (expired.output or b"").decode()
        end, clean = f"not done after {timeout_s:.0f} s", False
    return list(_outcomes(printed, end, clean=clean))


def _outcomes(printed: str, end: str, *, clean: bool) -> Iterator[Outcome]:
    name = "before the first"
    for line in printed.splitlines():
        said = json.loads(line)
        if "outcome" in said:
            yield Outcome(**said)
        else:
            name = said["name"]
    if not clean:
        yield Outcome(name=name, outcome=end)


def main(order_file: str) -> None:
    """Do what an order says; the name of an input is out before it is read, so that a crash has one."""
    order = json.loads(Path(order_file).read_text(encoding="utf-8"))
    paths = [Path(text) for text in order["captures"]]
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    inputs = _mutants(paths, order["seeds"], order_file) if "seeds" in order else ((p.name, p) for p in paths)
    for name, path in inputs:
        _say({"name": name})
        began = time.monotonic()
        outcome = _attempt(path)
        peak = _peak_mib()
        spent = round(time.monotonic() - began, 3)
        _say({"name": name, "outcome": outcome, "seconds": spent, "peak_mib": round(peak, 1)})


def _peak_mib() -> float:
    """Return the most memory that this process has held; `ru_maxrss` would count that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _mutants(paths: list[Path], seeds: list[int], order_file: str) -> Iterator[tuple[str, Path]]:
    mutant = Path(order_file).with_name("mutant.pcap")
    for seed in range(*seeds):
        what, data = mutated(seed, paths)
        mutant.write_bytes(data)
        yield f"seed {seed}: {what}", mutant


def _attempt(path: Path) -> str:
    import oddwire

    capture = oddwire.read(path)
    steps: list[Callable[[], object]] = [
        *(lambda table=table: _drain(capture.stream(table)) for table in TABLES),
        lambda: capture.summary(describe=True),
    ]
    outcomes = set()
    for step in steps:
        try:
            step()
            outcomes.add("read")
        except oddwire.OddwireError:
            outcomes.add("refused")
        except BaseException as fault:  # noqa: BLE001  # a panic of the core is no Exception
            return f"{type(fault).__name__}: {fault}"[:500]
    return outcomes.pop() if len(outcomes) == 1 else "read by one table and refused by another"


def _drain(batches: object) -> None:
    from oddwire import native

    assert isinstance(batches, native.Batches)
    with native.core_errors():
        while batches.next_batch() is not None:
            pass
        batches.stats()


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201  # the parent reads it


if __name__ == "__main__":
    main(sys.argv[1])
