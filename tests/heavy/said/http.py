"""HTTP: a row of ours is a request with its response, a frame of tshark one of both."""

import re
from collections.abc import Iterator

from tests.heavy.said.message import Cells, Frame, Message, Talk, first, text
from tests.heavy.said.rows import SaidRow

ASKED = ("method", "host", "path", "agent", "request_content_type")
ANSWERED = ("status", "server", "content_type", "content_length")
COLUMNS = ("packet", "message", "request_packet", "response_packet", *ASKED, *ANSWERED)
FIELDS = (
    *("http.request.method", "http.host", "http.request.uri", "http.user_agent"),
    *("http.response.code", "http.server", "http.content_type", "http.content_length_header"),
)
SWITCHING, OK = 101, 200
# Scheme and host of a target, which are no part of the path.
ORIGIN = re.compile(r"(?i)https?://[^/?]*")


def ours(row: SaidRow) -> Iterator[Message]:
    """Return the request and the response of a row."""
    if row["request_packet"] is not None:
        yield Message(part="request", packet=row["request_packet"], cells=_cells(row, ASKED))
    if row["response_packet"] is not None:
        yield Message(part="response", packet=row["response_packet"], cells=_cells(row, ANSWERED))


def _cells(row: SaidRow, names: tuple[str, ...]) -> Cells:
    return {name: text(row[name]) for name in names}


def theirs(frame: Frame) -> Iterator[Message]:
    """Return the request or the response of a frame; interim responses are no rows of ours."""
    if "ssdp" in ":".join(frame["frame.protocols"]).split(":"):
        return
    packet, kind = int(first(frame["frame.number"])), first(frame["http.content_type"])
    code = int(first(frame["http.response.code"]) or "0")
    # A frame with both is a response whose body looks like a request.
    if not code and frame["http.request.method"]:
        asked = {
            "method": first(frame["http.request.method"]),
            "host": _host(first(frame["http.host"])),
            "path": _path(first(frame["http.request.uri"])),
            "agent": first(frame["http.user_agent"]),
            "request_content_type": kind,
        }
        yield Message(part="request", packet=packet, cells=asked)
    elif code == SWITCHING or code >= OK:
        answered = {
            "status": str(code),
            "server": first(frame["http.server"]),
            "content_type": kind,
            "content_length": first(frame["http.content_length_header"]),
        }
        yield Message(part="response", packet=packet, cells=answered)


def _path(target: str) -> str:
    """Return a target without what stands around the path."""
    return ORIGIN.sub("", target, count=1).partition("?")[0] or "/"


def _host(said: str) -> str:
    """Return a host without its port, in lower case."""
    name, colon, port = said.rpartition(":")
    return (name if colon and port.isdigit() and "]" not in port else said).lower().strip("[]")


HTTP = Talk(table="http", columns=COLUMNS, fields=FIELDS, ours=ours, theirs=theirs)
