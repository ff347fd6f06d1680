"""Connections that one client holds at one service: when they began and what was said in them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from oddwire.records.judged import TICK_NS

__all__ = ["Conn", "Hold", "merged_hold", "plain_hold", "read_hold"]

MOST_CONNS = 2_000


@dataclass(slots=True)
class Conn:
    """One connection. Late is what happened after its first seconds."""

    born_ns: int
    last_ns: int
    out: int = 0
    back: int = 0
    # Ticks in which the client said something, or the service did, late.
    late_out: int = 0
    late_back: int = 0
    late_back_bytes: int = 0
    is_closed: bool = False


@dataclass(slots=True)
class Hold:
    """What one client holds at one service."""

    start_ns: int
    seen_ns: int
    opened: int = 0
    is_raised: bool = False
    conns: dict[str, Conn] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any]) -> None:
        """Take what one of its connections did in a tick."""
        key = f"{row['src_port']} {row['born']}"
        conn = self.conns.get(key)
        if conn is None:
            if not row["is_begun"] or len(self.conns) >= MOST_CONNS:
                return
            conn = self.conns[key] = Conn(born_ns=row["born"], last_ns=row["last"])
            self.opened += 1
        if row["tick"] > conn.born_ns + TICK_NS:
            conn.late_out += row["payload_out"] > 0
            conn.late_back += row["payload_in"] > 0
            conn.late_back_bytes += row["payload_in"]
        conn.out += row["payload_out"]
        conn.back += row["payload_in"]
        conn.last_ns = max(conn.last_ns, row["last"])
        conn.is_closed = conn.is_closed or row["is_closed"]
        self.seen_ns = max(self.seen_ns, row["last"])

    def tidy(self, *, most_out: int, most_back: int) -> None:
        """Forget connections that are over, or that said more than an attacker's do."""
        gone = [
            key
            for key, conn in self.conns.items()
            if conn.is_closed or conn.out > most_out or conn.back > most_back
        ]
        for key in gone:
            del self.conns[key]

    def older(self, age_ns: int, now_ns: int) -> list[Conn]:
        """Return the connections that have been open for so long."""
        return [conn for conn in self.conns.values() if now_ns - conn.born_ns >= age_ns]


def plain_hold(hold: Hold) -> dict[str, Any]:
    """Return a hold as plain values."""
    return asdict(hold)


def read_hold(saved: Mapping[str, Any]) -> Hold:
    """Return the hold that was saved."""
    return Hold(**{**saved, "conns": {key: Conn(**conn) for key, conn in saved["conns"].items()}})


def merged_hold(holds: Iterable[Hold]) -> Hold:
    """Return several holds of one client as one; of a connection seen twice the fuller account."""
    known = list(holds)
    conns: dict[str, Conn] = {}
    for hold in known:
        for key, conn in hold.conns.items():
            other = conns.get(key)
            if other is None or (conn.last_ns, conn.out, conn.back) > (other.last_ns, other.out, other.back):
                conns[key] = conn
    return Hold(
        start_ns=min(hold.start_ns for hold in known),
        seen_ns=max(hold.seen_ns for hold in known),
        opened=sum(hold.opened for hold in known),
        is_raised=any(hold.is_raised for hold in known),
        conns=dict(sorted(conns.items())[:MOST_CONNS]),
    )
