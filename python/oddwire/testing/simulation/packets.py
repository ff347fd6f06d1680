"""The packets of a plan, in order of time: what a tap beside the router would have seen.

Names, handshakes and heads are real, what comes after them is noise. Memory is bounded by the conversations
that are open at one time, not by the length of the plan.
"""

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias
from zlib import crc32

from oddwire.testing.capture import Timed
from oddwire.testing.names import ntp_poll
from oddwire.testing.simulation.conversations import NS
from oddwire.testing.simulation.lanes import Body, Lane, body, lanes, opaque
from oddwire.testing.simulation.openings import kerberos_messages, opening, polled, question_and_answer
from oddwire.testing.simulation.pacing import Load, Room, moments, sizes_of
from oddwire.testing.simulation.quic_hello import first_datagrams

if TYPE_CHECKING:
    import polars as pl

__all__ = ["packets_of"]

# A conversation of the plan, by the names of its columns.
Row: TypeAlias = dict[str, Any]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MSS, DATAGRAM, LARGEST_DATAGRAM, SHORTEST_DATAGRAM = 1_460, 1_250, 1_472, 40
NEAR_S, FAR_S, SPREAD_S = 0.000_3, 0.012, 0.000_5
DELAYED_ACK_S, ACK_AFTER_S, STEP_S = 0.04, 0.000_02, 0.000_001
TRIES_S = (0.0, 1.0, 3.0, 7.0)
NOTHING = Body(b"", 0)
TCP, UDP = 6, 17
UDP_HEAD_AT = 42


def packets_of(plan: "pl.DataFrame", *, router: str | None = None) -> Iterator[Timed]:
    """Return the packets of a plan, each with its time in seconds, in order of time.

    Hosts outside have the hardware address of `router`, else that of the first address of the inside host's
    network.
    """
    active: list[tuple[float, int, bytes, Iterator[Timed]]] = []
    rows = plan.sort("start_ns", maintain_order=True).iter_rows(named=True)
    for number, row in enumerate(rows):
        begin = row["start_ns"] / NS
        while active and active[0][0] < begin:
            time, order, frame, talk = active[0]
            yield time, frame
            _onward(active, order, talk)
        talk = _conversation(row, router, begin)
        first = next(talk, None)
        if first is not None:
            heapq.heappush(active, (first[0], number, first[1], talk))
    while active:
        time, order, frame, talk = active[0]
        yield time, frame
        _onward(active, order, talk)


def _onward(
    active: list[tuple[float, int, bytes, Iterator[Timed]]], order: int, talk: Iterator[Timed]
) -> None:
    """Replace the packet at the head by the next one of its conversation."""
    following = next(talk, None)
    if following is None:
        heapq.heappop(active)
    else:
        heapq.heapreplace(active, (following[0], order, following[1], talk))


def _conversation(row: Row, router: str | None, begin: float) -> Iterator[Timed]:
    protocol = row["protocol"]
    ends = lanes((row["src"], row["src_port"], row["dst"], row["dst_port"]), protocol, router)
    if protocol == TCP:
        return _tcp(row, *ends, begin)
    if protocol == UDP:
        return _udp(row, *ends, begin)
    return _pings(row, *ends, begin)


def _round_trip(row: Row) -> float:
    """Return the time that an answer takes: next to nothing inside, more to the outside."""
    inside = all(_is_private(row[end]) for end in ("src", "dst"))
    usual = NEAR_S if inside else FAR_S + SPREAD_S * (crc32(row["dst"].encode()) % 80)
    length: int = row["duration_ns"]
    return min(usual, max(length / NS / 8, 0.000_05))


def _is_private(ip: str) -> bool:
    return ip.startswith(("10.", "192.168.", "172.16.", "fd", "fe80"))


def _tcp(row: Row, up: Lane, down: Lane, begin: float) -> Iterator[Timed]:
    if row["outcome"] == "silent":
        yield from _unanswered(row, up, begin)
        return
    rtt = _round_trip(row)
    yield begin, up.tcp(SYN, 0, NOTHING)
    if row["outcome"] == "refused":
        down.next_byte = 0
        yield begin + rtt, down.tcp(RST | ACK, up.next_byte, NOTHING)
        return
    yield begin + rtt, down.tcp(SYN | ACK, up.next_byte, NOTHING)
    now = begin + rtt + STEP_S
    yield now, up.tcp(ACK, down.next_byte, NOTHING)
    end = max(begin + row["duration_ns"] / NS, now + 3 * rtt)
    owed: Lane | None = None
    waiting = 0
    for planned, client, said in _said(row, now + STEP_S, end - 2 * rtt, rtt):
        me, other = (up, down) if client else (down, up)
        time = max(planned, now + STEP_S)
        if owed is me:
            waiting = 0
        elif waiting and time - now > DELAYED_ACK_S:
            yield now + DELAYED_ACK_S, other.tcp(ACK, me.next_byte, NOTHING)
            waiting = 0
        yield time, me.tcp(PSH | ACK if len(said.data) < MSS else ACK, other.next_byte, said)
        owed, waiting, now = other, waiting + 1, time
        if waiting > 1:
            now = time + ACK_AFTER_S
            yield now, other.tcp(ACK, me.next_byte, NOTHING)
            waiting = 0
    if waiting and owed is not None:
        now += min(DELAYED_ACK_S, rtt)
        yield now, owed.tcp(ACK, (down if owed is up else up).next_byte, NOTHING)
    yield from _closed(row["close"], up, down, max(end - rtt, now + STEP_S), rtt)


def _closed(how: str, up: Lane, down: Lane, time: float, rtt: float) -> Iterator[Timed]:
    if how == "rst":
        yield time + rtt, up.tcp(RST | ACK, down.next_byte, NOTHING)
    elif how == "fin":
        yield time, up.tcp(FIN | ACK, down.next_byte, NOTHING)
        yield time + rtt, down.tcp(FIN | ACK, up.next_byte, NOTHING)
        yield time + rtt + STEP_S, up.tcp(ACK, down.next_byte, NOTHING)


def _unanswered(row: Row, up: Lane, begin: float) -> Iterator[Timed]:
    first = up.next_byte
    for after in TRIES_S[: row["packets_out"] or None]:
        up.next_byte = first
        yield begin + after, up.tcp(SYN, 0, NOTHING)


def _said(row: Row, begin: float, end: float, rtt: float) -> Iterator[tuple[float, bool, Body]]:
    """Return what both sides say over TCP: the first messages of the service, then the rest by its shape."""
    left = {True: row["payload_out"], False: row["payload_in"]}
    packets = {True: row["packets_out"], False: row["packets_in"]}
    first = opening(
        row["service"], row["name"] or "", row["verb"] or "", row["dst_port"], (left[True], left[False])
    )
    time, before = begin, True
    step = min(rtt, max(end - begin, 0.0) / (4 * len(first.turns) + 4))
    for number, (client, text) in enumerate(first.turns):
        # What is too long for the plan is left out, with all that would follow it; but not the very first.
        if left[client] < (len(text) if number else 1):
            break
        time += step if client != before and not client else STEP_S
        before = client
        for at in range(0, len(text), MSS):
            time += STEP_S
            yield time, client, body(text[at : at + MSS])
            packets[client] -= 1
        left[client] = max(0, left[client] - len(text))
    yield from _rest(
        row, first.framed, left, packets, Room(time + STEP_S, max(end, time), rtt, row["beat_ns"] / NS)
    )


def _rest(
    row: Row,
    framed: str,
    left: dict[bool, int],
    packets: dict[bool, int],
    when: Room,
) -> Iterator[tuple[float, bool, Body]]:
    counts = {side: max(packets[side], -(-left[side] // MSS)) if left[side] else 0 for side in left}
    counts = {side: min(count, left[side]) for side, count in counts.items()}
    sizes = {side: sizes_of(Load(left[side], counts[side], MSS)) for side in left}
    times = moments(row["shape"], (counts[True], counts[False]), when)
    for number, (time, client) in enumerate(times):
        yield time, client, opaque(framed, next(sizes[client]), number % 8)


def _udp(row: Row, up: Lane, down: Lane, begin: float) -> Iterator[Timed]:
    rtt = _round_trip(row)
    length = row["duration_ns"] / NS
    ask, reply = _datagrams(row, up, begin)
    if row["outcome"] == "refused":
        frame = up.udp(next(ask))
        yield begin, frame
        yield begin + rtt, down.unreachable(frame)
        return
    counts = (_count(row, "out"), _count(row, "in") if row["outcome"] == "answered" else 0)
    if counts == (1, 1):
        yield begin, up.udp(next(ask))
        yield begin + max(length, STEP_S), down.udp(next(reply))
        return
    last = begin
    total = sum(counts)
    room = Room(begin, begin + length, rtt, row["beat_ns"] / NS)
    times = moments(row["shape"], counts, room)
    for number, (planned, client) in enumerate(times):
        # The first and the last one say how long it was.
        time = begin if not number else begin + length if number == total - 1 else planned
        last = max(time, last + STEP_S if number else last)
        yield last, up.udp(next(ask)) if client else down.udp(next(reply))


def _count(row: Row, side: str) -> int:
    payload: int = row[f"payload_{side}"]
    packets: int = row[f"packets_{side}"]
    needed = -(-payload // (LARGEST_DATAGRAM if packets else DATAGRAM))
    # Datagrams may be empty; where nothing is said of them, one is sent by whoever begins.
    return max(packets, needed, 1 if side == "out" else 0)


def _datagrams(row: Row, up: Lane, begin: float) -> tuple[Iterator[Body], Iterator[Body]]:
    """Return what each side sends: the messages of the service first, then noise of the planned sizes."""
    service = row["service"]
    ask: bytes | None = None
    reply: bytes | None = None
    if service == "dns":
        sizes = (row["payload_out"], row["payload_in"])
        ident = crc32(row["name"].encode() + up.sport.to_bytes(2)) & 0xFFFF if row["name"] else 1
        ask, reply = question_and_answer(row["name"] or "", row["verb"] or "A", row["answer"], ident, sizes)
    elif service == "ntp":
        ask, reply = (frame[UDP_HEAD_AT:] for _, frame in ntp_poll("10.0.0.1", 123, "10.0.0.2", start=begin))
    elif service == "snmp":
        sizes = tuple(row[f"payload_{side}"] // max(_count(row, side), 1) for side in ("out", "in"))
        ask, reply = polled(*sizes)
    elif service == "kerberos":
        ask, reply = kerberos_messages()
    return _flow(row, "out", service, ask), _flow(row, "in", service, reply)


def _flow(row: Row, side: str, service: str | None, first: bytes | None) -> Iterator[Body]:
    if service == "quic" and row[f"payload_{side}"]:
        yield from _quic(row, side)
        return
    largest = LARGEST_DATAGRAM if row[f"packets_{side}"] else DATAGRAM
    for number, size in enumerate(_equal(row[f"payload_{side}"], _count(row, side), largest)):
        yield body(first) if first is not None else opaque("", size, number % 8)


def _equal(total: int, count: int, largest: int) -> Iterator[int]:
    if not total:
        yield from [0] * count
        return
    yield from sizes_of(Load(total, count, largest))


def _quic(row: Row, side: str) -> Iterator[Body]:
    """Return what one side of QUIC sends: an Initial, which fills a datagram, then short heads and noise."""
    both = first_datagrams(row["name"] or "", row["src_port"] % 4)
    first = both[side == "in"]
    yield body(first)
    left, head = max(row[f"payload_{side}"] - len(first), 0), b"\x43" if side == "out" else b"\x51"
    count = max(min(_count(row, side) - 1, left // SHORTEST_DATAGRAM), -(-left // LARGEST_DATAGRAM))
    for number in range(count):
        size = (number + 1) * left // count - number * left // count
        yield body(head + opaque("", size, number % 8).data[1:])


def _pings(row: Row, up: Lane, down: Lane, begin: float) -> Iterator[Timed]:
    count = max(row["packets_out"], 1)
    length = row["duration_ns"] / NS
    answered = row["outcome"] == "answered"
    rtt = max(length, STEP_S) if count == 1 else _round_trip(row)
    step = max(length - rtt, 0.0) / max(count - 1, 1)
    size = min(row["payload_out"] // count, LARGEST_DATAGRAM)
    rtt = min(rtt, step * 0.9) if count > 1 else rtt
    for number in range(count):
        time = begin + number * step
        said = opaque("", size, number % 8)
        yield time, up.echo(number + 1, said, reply=False)
        if answered:
            yield time + rtt, down.echo(number + 1, said, reply=True)
