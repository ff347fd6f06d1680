"""QUIC: a row of ours is a conversation, a frame of tshark one or more of its packets."""

from collections.abc import Iterator

from tests.heavy.said.message import Frame, Message, Talk, first, text
from tests.heavy.said.rows import SaidRow

NAMES = ("version", "sni", "alpn", "ja3")
COLUMNS = ("packet", *NAMES)
FIELDS = (
    *("quic.version", "tls.handshake.type", "tls.handshake.extensions_server_name"),
    *("tls.handshake.extensions_alpn_str", "tls.handshake.ja3"),
)
CLIENT_HELLO = "1"
VERSIONS = {1: "1", 0x6B3343CF: "2"}
DRAFT = 0xFF0000


def ours(row: SaidRow) -> Iterator[Message]:
    """Return the hello of a conversation."""
    if row["ja3"] is not None:
        yield Message(part="client", packet=row["packet"], cells={name: text(row[name]) for name in NAMES})


def theirs(frame: Frame) -> Iterator[Message]:
    """Return the hello of a frame."""
    if CLIENT_HELLO in frame["tls.handshake.type"] and frame["quic.version"]:
        cells = {
            "version": _version(int(first(frame["quic.version"]), 16)),
            "sni": first(frame["tls.handshake.extensions_server_name"]),
            "alpn": ",".join(frame["tls.handshake.extensions_alpn_str"]),
            "ja3": first(frame["tls.handshake.ja3"]),
        }
        yield Message(part="client", packet=int(first(frame["frame.number"])), cells=cells)


def _version(number: int) -> str:
    draft = f"draft-{number & 0xFF}" if number >> 8 == DRAFT else f"0x{number:08x}"
    return VERSIONS.get(number, draft)


QUIC = Talk(table="quic", columns=COLUMNS, fields=FIELDS, ours=ours, theirs=theirs)
