"""SSH: a row of ours is a session, a frame of tshark a banner or a list of methods."""

from collections.abc import Iterator

from tests.heavy.said.message import Frame, Message, Talk, first, text
from tests.heavy.said.rows import SaidRow

COLUMNS = ("packet", "client_banner", "server_banner", "hassh", "hassh_server")
FIELDS = ("ssh.protocol", "ssh.direction", "ssh.kex.hassh", "ssh.kex.hasshserver")


def ours(row: SaidRow) -> Iterator[Message]:
    """Return the banners and lists of a session."""
    for part in COLUMNS[1:]:
        if row[part] is not None:
            yield Message(part=part, packet=0, cells={part: text(row[part])})


def theirs(frame: Frame) -> Iterator[Message]:
    """Return the banner and the list of a frame."""
    side = "server_banner" if first(frame["ssh.direction"]) in {"1", "True"} else "client_banner"
    said = {
        side: first(frame["ssh.protocol"]).strip(),
        "hassh": first(frame["ssh.kex.hassh"]),
        "hassh_server": first(frame["ssh.kex.hasshserver"]),
    }
    packet = int(first(frame["frame.number"]))
    for part, value in said.items():
        if value:
            yield Message(part=part, packet=packet, cells={part: value})


SSH = Talk(table="ssh", columns=COLUMNS, fields=FIELDS, ours=ours, theirs=theirs)
