"""Pieces of conversations as the judges read them: rows of `talks`."""

from typing import TYPE_CHECKING, Any

from oddwire.testing.simulation.pieces import IDLE_NS, TCP, Pieces
from oddwire.testing.windows import talk_frame

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from oddwire.testing.simulation.book import Book

__all__ = ["FIRST_A", "FIRST_B", "talk_rows"]

TCP_HEAD, OTHER_HEAD, SEGMENT = 54, 42, 1_448
# ICMP and ICMPv6, and how each asks for an echo.
ECHOES, PING, PING_6 = (1, 58), 8, 128
SYN_A, SYNACK_B, FIN_A, FIN_B, RST_A, RST_B, DATA_A, DATA_B, ACK_A, ACK_B, FIRST_A, FIRST_B = (
    1 << bit for bit in (0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
)
# Protocols that the core knows by what is said; the others have no name there.
KNOWN = frozenset(
    {"tls", "http", "dns", "ssh", "smb", "rdp", "ntp", "snmp", "smtp", "imap", "quic", "kerberos"}
)
# Ports of UDP and TCP that prove who is the server.
_SERVED = "22 25 53 67 80 88 110 123 137 143 161 389 443 445 465 554 587 993 995 3389 5353 8883 9100"
BITS = 8_192
# How mixed the first bytes of a protocol are, in bits a byte; of what is not listed, nearly eight.
MIXED = {
    "tls": (3.7, 7.6),
    "http": (5.1, 7.5),
    "dns": (3.75, 4.1),
    "ssh": (4.4, 4.8),
    "smb": (6.9, 6.6),
    "snmp": (3.9, 4.8),
    "ntp": (1.45, 3.7),
}
OTHERWISE = 7.7


def talk_rows(plan: "pl.DataFrame", pieces: Pieces, book: "Book") -> "pl.DataFrame":
    """Return one row a piece, with `segment` beside: pieces with the same number are one flow."""
    import numpy as np
    import polars as pl

    row = pieces.row
    protocol = plan["protocol"].to_numpy()[row].astype(np.int64)
    is_tcp, is_echo = protocol == TCP, np.isin(protocol, ECHOES)
    src, dst = book.numbers(plan["src"])[row], book.numbers(plan["dst"])[row]
    new = np.diff(row, prepend=-1) != 0
    # After two minutes without a word the core begins another flow.
    begins = new | (pieces.first - np.concatenate([[0], pieces.last[:-1]]) > IDLE_NS)
    segment = np.cumsum(begins) - 1
    starts = np.flatnonzero(begins)
    sides = _sides(plan, pieces, is_tcp)
    sides |= _cards(sides, src, dst, book)
    born = pieces.first[starts][segment]
    sides |= _mixture(sides, plan["service"].to_numpy()[row], np.diff(np.append(starts, len(row))), born)
    state, first_b = _state(sides, is_tcp)
    ports = [np.where(is_echo, 0, plan[f"{end}_port"].to_numpy()[row]) for end in ("src", "dst")]
    served = [int(port) for port in _SERVED.split()]
    proves = np.isin(ports[1], served) & ~np.isin(ports[0], served)
    asks = np.where(protocol == ECHOES[0], PING, PING_6)
    frame = talk_frame(
        tick=pieces.tick,
        src=src,
        dst=dst,
        src_port=ports[0],
        dst_port=ports[1],
        protocol=protocol,
        ip_version=book.version[src],
        icmp_type=pl.Series(asks).set(pl.Series(~is_echo), None),
        icmp_code=pl.Series(np.zeros(len(row))).set(pl.Series(~is_echo), None),
        sure=is_tcp | is_echo | (proves & ~first_b[starts][segment]),
        service=_named(plan).gather(row),
        state=state,
        born=born,
        first=pieces.first,
        last=pieces.last,
        **sides,
    )
    return frame.with_columns(pl.Series("segment", segment), pl.Series("row", row))


def _named(plan: "pl.DataFrame") -> "pl.Series":
    """Return what the core recognises in each conversation: nothing, where nothing was said."""
    import polars as pl

    says = (pl.col("payload_out") + pl.col("payload_in") > 0) & (
        (pl.col("outcome") == "answered") | (pl.col("protocol") != TCP)
    )
    known = pl.col("service").is_in(sorted(KNOWN)) & says
    return plan.select(
        pl.when(pl.col("protocol").is_in(ECHOES)).then(pl.lit("icmp")).when(known).then("service")
    ).to_series()


def _sides(plan: "pl.DataFrame", pieces: Pieces, is_tcp: "np.ndarray") -> dict[str, Any]:
    """Return what each end sent."""
    import numpy as np

    reset = (plan["close"] == "rst").to_numpy()[pieces.row] & pieces.closes
    shut = pieces.closes & ~reset
    more = {
        # To the server: SYN, the end of the handshake, FIN and the last acknowledgement, or RST.
        "out": (pieces.opens + pieces.tries, pieces.opens + shut, shut, reset, 1),
        "in": (pieces.opens, 0, shut, pieces.refused, 0),
    }
    made: dict[str, Any] = {}
    for way, (syn, plain, fin, rst, other) in more.items():
        number = 1 - other
        carried, payload = pieces.packets[number], pieces.payload[number]
        heard = pieces.packets[other]
        # What is said carries acknowledgements along; a lone answer of the server gets one of its own.
        least = (heard > 0) & (carried <= (way == "out"))
        acks = np.where(is_tcp, np.maximum(heard // 2 - carried, least), 0)
        bare = (syn + plain + fin + rst).astype(np.int64) + acks
        head = np.where(is_tcp, TCP_HEAD, OTHER_HEAD)
        full = np.where(is_tcp, np.minimum(payload // SEGMENT, np.maximum(carried - 1, 0)), 0)
        rest = np.where(carried > full, (payload - full * SEGMENT) / np.maximum(carried - full, 1), 0.0)
        made |= {
            f"packets_{way}": carried + bare,
            f"bytes_{way}": (carried + bare) * head + payload,
            f"payload_{way}": payload,
            f"payload_packets_{way}": carried,
            f"length_squares_{way}": (
                full * (head + SEGMENT) ** 2
                + (carried - full) * np.rint(head + rest).astype(np.int64) ** 2
                + bare * head**2
            ),
            f"length_min_{way}": np.where(
                bare > 0, head, np.where(carried > 0, head + rest.astype(np.int64), 0)
            ),
            f"length_max_{way}": np.where(
                full > 0,
                head + SEGMENT,
                np.where(carried > 0, head + np.ceil(rest).astype(np.int64), np.where(bare > 0, head, 0)),
            ),
            f"fin_{way}": fin * np.ones_like(carried),
            f"syn_{way}": syn * np.ones_like(carried),
            f"rst_{way}": rst * np.ones_like(carried),
            f"psh_{way}": np.where(is_tcp, carried - np.minimum(np.maximum(carried - 1, 0), full), 0),
            f"ack_{way}": np.where(is_tcp, carried + bare - (syn if way == "out" else 0), 0),
        }
    return made


def _cards(sides: dict[str, Any], src: "np.ndarray", dst: "np.ndarray", book: "Book") -> dict[str, Any]:
    """Return hops and hardware addresses: who is outside comes through the router."""
    import numpy as np
    import polars as pl

    made: dict[str, Any] = {}
    for way, me, you in (("out", src, dst), ("in", dst, src)):
        card = np.where(book.is_inside[me], book.card[me], book.router[you])
        says = sides[f"packets_{way}"] > 0
        # Who never sent anything has shown no hardware address.
        made[f"mac_{way}"] = pl.Series(card).set(pl.Series(~says), None)
        hops = np.where(says, book.hops[me], 0)
        made |= {f"ttl_min_{way}": hops, f"ttl_max_{way}": hops}
    return made


def _mixture(
    sides: dict[str, Any], service: "np.ndarray", count: "np.ndarray", born: "np.ndarray"
) -> dict[str, Any]:
    """Return how mixed the first bytes of each flow, of so many pieces, were as far as it had gone."""
    import numpy as np

    made: dict[str, Any] = {}
    starts = np.cumsum(count) - count
    # A little different from flow to flow, and always the same for one.
    wobble = 1 - born // 1_000 % 997 / 997 * 0.05
    for number, way in enumerate(("out", "in")):
        so_far = np.cumsum(sides[f"payload_{way}"])
        before = np.repeat(np.concatenate([[0], so_far])[starts], count)
        seen = np.minimum(so_far - before, 512)
        most = np.full(len(seen), OTHERWISE)
        for name, bits in MIXED.items():
            most[service == name] = bits[number]
        found = np.minimum(most, 0.95 * np.log2(np.maximum(seen, 1))) * wobble
        made |= {f"entropy_{way}": np.rint(found * BITS).astype(np.int64), f"entropy_bytes_{way}": seen}
    return made


def _state(sides: dict[str, Any], is_tcp: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
    """Return what was seen of a conversation in a piece, and whether the server spoke first in it."""
    import numpy as np

    syn = sides["syn_out"] > 0
    first_b = (sides["packets_out"] == 0) | (~syn & (sides["payload_out"] == 0) & (sides["payload_in"] > 0))
    bits = (
        (SYN_A, syn),
        (SYNACK_B, sides["syn_in"] > 0),
        (FIN_A, sides["fin_out"] > 0),
        (FIN_B, sides["fin_in"] > 0),
        (RST_A, sides["rst_out"] > 0),
        (RST_B, sides["rst_in"] > 0),
        (DATA_A, sides["payload_out"] > 0),
        (DATA_B, sides["payload_in"] > 0),
        (ACK_A, is_tcp & (sides["ack_out"] > 0)),
        (ACK_B, is_tcp & (sides["ack_in"] - sides["syn_in"] > 0)),
        (FIRST_B, first_b),
        (FIRST_A, ~first_b),
    )
    state = np.zeros(len(syn), dtype=np.int64)
    for bit, holds in bits:
        state |= np.where(holds, bit, 0)
    return state, first_b
