"""What tshark says of every frame of a capture, with all its protocols."""

from collections.abc import Iterable
from pathlib import Path

from tests.heavy.said.message import Frame
from tests.heavy.tshark_rows import Tshark

# Between the occurrences of a field: a byte that no text that tshark prints has.
BETWEEN = "\x1f"
WHERE = ("frame.number", "tcp.stream", "udp.stream", "frame.protocols")
OPTIONS = (
    # A message counts where its head is complete, not where its body ends.
    *("-o", "http.desegment_body:FALSE"),
    # As in the table of packets: the port on which Linux sends VXLAN.
    *("-d", "udp.port==8472,vxlan"),
)


def frames(tshark: Tshark, capture: Path, fields: Iterable[str]) -> list[Frame]:
    """Return the fields of every frame; none when it is no capture to tshark."""
    asked = list(dict.fromkeys((*WHERE, *fields)))
    wanted = [part for field in asked for part in ("-e", field)]
    form = ("-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", f"aggregator={BETWEEN}")
    done = tshark.run("-n", "-r", capture, *OPTIONS, *form, *wanted)
    return [_frame(asked, line) for line in done.stdout.split("\n") if line]


def _frame(asked: list[str], line: str) -> Frame:
    cells = line.split("\t")
    return {name: tuple(cell.split(BETWEEN)) if cell else () for name, cell in zip(asked, cells, strict=True)}


def flow_of(frame: Frame) -> str:
    """Return by which number tshark knows the conversation of a frame."""
    return f"tcp {','.join(frame['tcp.stream'])} udp {','.join(frame['udp.stream'])}"


def quotes(frame: Frame) -> bool:
    """Say whether a frame is an ICMP error, which quotes what another frame said."""
    return not {"icmp", "icmpv6"}.isdisjoint(":".join(frame["frame.protocols"]).split(":"))


def names_of(tshark: Tshark, field: str) -> dict[int, str]:
    """Return how tshark calls the values of a field."""
    listed = (line.split("\t") for line in tshark.run("-G", "values").stdout.splitlines())
    return {int(line[2], 0): line[3] for line in listed if line[:2] == ["V", field] and len(line) > 3}
