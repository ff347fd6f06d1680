"""Who is measured, and with which command."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.build import ROOT, binary

Command = Callable[[Path, Path], list[str]]
"""(capture, folder for output) -> command line."""

FIELDS = {
    "frame.number": "number",
    "frame.time_epoch": "time",
    "frame.len": "length",
    "ip.src": "src_ip",
    "ip.dst": "dst_ip",
    "ip.proto": "protocol",
    "tcp.srcport": "src_port",
    "tcp.dstport": "dst_port",
    "ip.ttl": "ttl",
    "tcp.flags": "tcp_flags",
}
"""tshark's field -> the column of the same meaning."""

BARE_DECODE = "bare loop, decode"
BARE_FLOWS = "bare loop, flows"
FLOWS = "oddwire flows"
FLOWS_TWO = "oddwire flows, 2 threads"
PACKETS = "oddwire packets"
PACKETS_SAME = "oddwire packets, tshark's fields"
TCPDUMP = "tcpdump -nn"
TSHARK = "tshark -T fields"
SOFTFLOWD = "softflowd"
ARGUS = "argus"
NFSTREAM = "nfstream"

SINK_PORT = 9995
"""Where softflowd sends its records: a socket of this program that reads nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """A program, the command for a capture, and why it cannot run, if so."""

    name: str
    command: Command
    version: tuple[str, ...] = ()
    sliced: frozenset[str] = frozenset()
    """Captures of which it gets a slice, because the whole takes minutes."""
    absent: str | None = None


def contenders(oddwire: Path, nfstream: Path | None) -> list[Contender]:
    """Everyone, in the order of the table; those that are not installed say so."""
    return [*_bare(), *_oddwire(oddwire), *_system(), _nfstream(nfstream)]


def default_oddwire() -> Path:
    """The command of the checkout's own environment."""
    return ROOT / ".venv" / "bin" / "oddwire"


def _bare() -> list[Contender]:
    program = str(binary("bare-loop"))
    return [
        Contender(name=BARE_DECODE, command=lambda capture, _: [program, "decode", str(capture)]),
        Contender(name=BARE_FLOWS, command=lambda capture, _: [program, "flows", str(capture)]),
    ]


def _oddwire(path: Path) -> list[Contender]:
    absent = (
        None if path.is_file() else f"{path.name} is not built: run make setup, or name it with --oddwire"
    )
    columns = ",".join(FIELDS.values())
    rows: list[tuple[str, str, list[str]]] = [
        (FLOWS, "flows", ["--threads", "1"]),
        (FLOWS_TWO, "flows", ["--threads", "2"]),
        (PACKETS, "packets", ["--threads", "1"]),
        (PACKETS_SAME, "packets", ["--threads", "1", "--columns", columns]),
    ]
    return [
        Contender(
            name=name,
            command=_table(path, verb, options),
            version=(str(path), "--version"),
            absent=absent,
        )
        for name, verb, options in rows
    ]


def _table(path: Path, verb: str, options: list[str]) -> Command:
    def command(capture: Path, out: Path) -> list[str]:
        target = str(out / f"{verb}.parquet")
        return [str(path), verb, str(capture), "--format", "parquet", "-o", target, "--quiet", *options]

    return command


def _system() -> list[Contender]:
    fields = [word for field in FIELDS for word in ("-e", field)]
    return [
        _installed(
            TCPDUMP,
            "tcpdump",
            lambda capture, _: ["tcpdump", "-nn", "-r", str(capture)],
            "--version",
            sliced=frozenset({"flood"}),
        ),
        _installed(
            TSHARK,
            "tshark",
            lambda capture, _: ["tshark", "-n", "-r", str(capture), "-T", "fields", *fields],
            "--version",
            sliced=frozenset({"real", "flood"}),
        ),
        _installed(
            SOFTFLOWD,
            "softflowd",
            lambda capture, out: [
                "softflowd",
                "-d",
                "-r",
                str(capture),
                "-n",
                f"127.0.0.1:{SINK_PORT}",
                "-p",
                str(out / "softflowd.pid"),
                "-c",
                "none",
            ],
            "-h",
        ),
        _installed(
            ARGUS,
            "argus",
            lambda capture, out: ["argus", "-r", str(capture), "-w", str(out / "argus.out")],
            "-h",
        ),
    ]


def _installed(
    name: str, program: str, command: Command, version: str, *, sliced: frozenset[str] = frozenset()
) -> Contender:
    absent = None if shutil.which(program) else f"{program} is not installed"
    return Contender(name=name, command=command, version=(program, version), sliced=sliced, absent=absent)


def _nfstream(python: Path | None) -> Contender:
    script = str(Path(__file__).with_name("nfstream_flows.py"))
    interpreter = str(python or sys.executable)
    return Contender(
        name=NFSTREAM,
        command=lambda capture, _: [interpreter, script, str(capture)],
        version=(interpreter, "-c", "import nfstream; print('nfstream', nfstream.__version__)"),
        sliced=frozenset({"flood"}),
        absent=None if python else "nfstream could not be installed",
    )
