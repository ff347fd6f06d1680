"""The figures of units, against a plain count of the packets."""

import struct
from functools import cache
from ipaddress import ip_address, ip_network
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

import polars as pl
import pytest

from oddwire.features.units.gather import FLOWS, HOURS, MINUTES, PAIRS, Member
from oddwire.testing.conversations import refused
from oddwire.testing.windows import recorded
from tests.unit.gathered import HOUR, ME, NOBODY, OTHER, SERVER, SIX, SIX_OUT, gathered, packets, seen

NS = 1_000_000_000
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
LOCAL = [ip_network(one) for one in ("192.168.0.0/16", "10.0.0.0/8", "fc00::/7")]


class Packet(NamedTuple):
    """What a plain reader sees of a packet."""

    at: float
    src: str
    dst: str
    protocol: int
    sport: int
    dport: int
    length: int
    payload: int
    flags: int


def read(at: float, frame: bytes) -> Packet | None:
    """Return a packet; None if it is not IP."""
    kind = int.from_bytes(frame[12:14])
    if kind == 0x0800:
        head, protocol, total = (frame[14] & 15) * 4, frame[23], int.from_bytes(frame[16:18])
        src, dst = frame[26:30], frame[30:34]
    elif kind == 0x86DD:
        head, protocol, total = 40, frame[20], 40 + int.from_bytes(frame[18:20])
        src, dst = frame[22:38], frame[38:54]
    else:
        return None
    above = frame[14 + head : 14 + total]
    sport, dport = struct.unpack("!HH", above[:4]) if protocol in {TCP, UDP} else (0, 0)
    own = (above[12] >> 4) * 4 if protocol == TCP else 8
    flags = above[13] if protocol == TCP else 0
    ends = str(ip_address(src)), str(ip_address(dst))
    return Packet(at, *ends, protocol, sport, dport, len(frame), len(above) - own, flags)


@cache
def plain() -> tuple[tuple[Packet, bool], ...]:
    """Return the packets, each with whether the originator of its conversation sent it."""
    began: dict[object, str] = {}
    made = []
    for at, frame in packets():
        if one := read(at, frame):
            key = frozenset({(one.src, one.sport), (one.dst, one.dport)}), one.protocol
            made.append((one, began.setdefault(key, one.src) == one.src))
    return tuple(made)


def side(address: str) -> str:
    one = ip_address(address)
    if one.is_multicast or address in {"255.255.255.255", "192.168.10.255", NOBODY}:
        return "group"
    return "inside" if any(one in net for net in LOCAL if net.version == one.version) else "outside"


def count(host: str, start: int, seconds: int) -> dict[str, float]:
    """Return the figures of a host in a span, by a walk over the packets."""
    mine = [(p, first) for p, first in plain() if start <= p.at < start + seconds and host in {p.src, p.dst}]
    out = [(p, first) for p, first in mine if p.src == host]
    back = [(p, first) for p, first in mine if p.dst == host]
    opened: dict[object, Packet] = {}
    for p, first in plain():
        if first:
            opened.setdefault((frozenset({(p.src, p.sport), (p.dst, p.dport)}), p.protocol), p)
    begun = [p for p in opened.values() if start <= p.at < start + seconds]
    own, theirs = [p for p in begun if p.src == host], [p for p in begun if p.dst == host]
    answered = {p.sport for p, first in out if not first}
    return {
        "packets_out": len(out),
        "packets_in": len(back),
        "payload_out_inside": sum(p.payload for p, _ in out if side(p.dst) == "inside"),
        "payload_out_outside": sum(p.payload for p, _ in out if side(p.dst) == "outside"),
        "payload_in_inside": sum(p.payload for p, _ in back if side(p.src) == "inside"),
        "payload_in_outside": sum(p.payload for p, _ in back if side(p.src) == "outside"),
        "udp_out": sum(p.protocol == UDP for p, _ in out),
        "icmp_out": sum(p.protocol in {ICMP, ICMP6} for p, _ in out),
        "resets_in": sum(bool(p.flags & 4) for p, _ in back),
        "begun": len(own),
        "accepted": len(theirs),
        "contacted_inside": len({p.dst for p in own if side(p.dst) == "inside"}),
        "contacted_outside": len({p.dst for p in own if side(p.dst) == "outside"}),
        "callers": len({p.src for p in theirs}),
        "offered": len(answered & {p.dport for p in theirs}),
        "sent_to": len({p.dst for p, _ in out}),
        "length_max_out": max((p.length for p, _ in out), default=0),
    }


def row(member: Member, host: str, start: int) -> dict[str, float]:
    table = gathered(seen(), ())[member]
    return table.row(by_predicate=(pl.col("host") == host) & (pl.col("window") == start * NS), named=True)


@pytest.mark.parametrize("host", [ME, OTHER, SERVER, SIX])
@pytest.mark.parametrize(
    ("member", "start", "seconds"),
    [(MINUTES, HOUR - 120, 60), (MINUTES, HOUR + 60, 60), (HOURS, HOUR - 3_600, 3_600), (HOURS, HOUR, 3_600)],
)
def test_figures_of_hosts_are_those_of_a_plain_count(
    member: Member, start: int, seconds: int, host: str
) -> None:
    told = row(member, host, start)
    wanted = count(host, start, seconds)
    assert {name: told[name] for name in wanted} == wanted


def test_every_local_host_that_sent_has_a_row_and_nobody_else() -> None:
    table = gathered(seen(), ())[MINUTES]
    wanted = {(int(p.at) // 60 * 60 * NS, p.src) for p, _ in plain() if side(p.src) == "inside"}
    assert set(table.select("window", "host").iter_rows()) == wanted


def test_names_asked_for_are_counted_once_an_hour() -> None:
    told = row(HOURS, ME, HOUR)
    minutes = gathered(seen(), ())[MINUTES].filter((pl.col("host") == ME) & (pl.col("window") >= HOUR * NS))
    dns = (
        seen()
        .tables["dns"]
        .filter(
            (pl.col("service") == "dns")
            & (pl.col("tick") >= HOUR * NS)
            & (pl.col("src") == seen().names.index(ME))
        )
    )
    assert told["dns_queries"] == dns.height == minutes["dns_queries"].sum()
    assert told["dns_names"] == dns["query"].n_unique() < minutes["dns_names"].sum()
    assert told["dns_failed"] == dns.filter(pl.col("code") == "NXDOMAIN").height > 0
    assert told["dns_length"] == pytest.approx(dns["query"].str.len_chars().mean())


def test_calls_to_neighbours_are_no_questions_to_name_servers() -> None:
    assert seen().tables["dns"].filter(pl.col("service") != "dns").height >= 40
    asked = row(HOURS, OTHER, HOUR)["dns_queries"]
    mine = [p for p, first in plain() if first and p.src == OTHER and p.dport == 53 and p.at >= HOUR]
    assert asked == len(mine)


def test_refused_and_unanswered_contacts_have_failed() -> None:
    shown = [
        (HOUR + 5.0 * turn, frame)
        for turn in range(6)
        for _, frame in refused((ME, 41_000 + turn, SERVER, 8_080), start=0.0)
    ]
    told = gathered(recorded([(at + 0.001 * n, frame) for n, (at, frame) in enumerate(shown)]), ())
    one = told[MINUTES].filter(pl.col("host") == ME).row(0, named=True)
    assert (one["begun"], one["failed"], one["failed_share"]) == (6, 6, 1)
    assert told[PAIRS].row(0, named=True)["failed_share"] == 1


def test_ports_are_counted_for_each_partner() -> None:
    told = row(MINUTES, ME, HOUR + 60)
    out = [(p, first) for p, first in plain() if HOUR + 60 <= p.at < HOUR + 120 and p.src == ME]
    begun = {(p.dst, p.dport, p.protocol, p.sport) for p, first in out if first}
    answered = {p.sport for p, first in out if not first}
    assert told["from_ports"] == len(begun) + len(answered)
    assert told["to_ports"] == len({p.dport for p, first in out if first}) + len(
        {(p.src, p.dport) for p, first in out if not first}
    )


def test_active_minutes_are_those_in_which_it_sent() -> None:
    for host in (ME, SERVER):
        sent = {int(p.at) // 60 for p, _ in plain() if p.src == host and p.at >= HOUR}
        assert row(HOURS, host, HOUR)["active_minutes"] == len(sent) > 1


def pair(host: str, port: int) -> dict[str, Any]:
    table = gathered(seen(), ())[PAIRS]
    mine = (pl.col("host") == host) & (pl.col("port") == port) & (pl.col("window") == HOUR * NS)
    return table.row(by_predicate=mine, named=True)


@pytest.mark.parametrize(("host", "peer", "port"), [(ME, SERVER, 445), (SIX, SIX_OUT, 443)])
def test_figures_of_pairs_are_those_of_a_plain_count(host: str, peer: str, port: int) -> None:
    told = pair(host, port)
    out = [p for p, _ in plain() if p.src == host and p.dst == peer and p.dport == port and p.at >= HOUR]
    back = [p for p, _ in plain() if p.dst == host and p.src == peer and p.sport == port and p.at >= HOUR]
    starts = sorted({p.sport: p.at for p in reversed(out)}.values())
    gaps = [after - before for before, after in pairwise(starts)]
    assert told["contacts"] == len(starts)
    assert told["packets"] == len(out) + len(back)
    assert told["payload_out"] == sum(p.payload for p in out)
    assert told["payload_in"] == sum(p.payload for p in back)
    assert told["active_minutes"] == len({int(p.at) // 60 for p in [*out, *back]})
    assert told["upload_share"] == pytest.approx(
        told["payload_out"] / (told["payload_out"] + told["payload_in"])
    )
    assert told["interval"] == pytest.approx(median(gaps), abs=1e-3)
    middle = median(gaps)
    assert told["rhythm"] == pytest.approx(
        1 - min(1, median(abs(g - middle) for g in gaps) / middle), abs=1e-3
    )
    assert told["peer"] == peer


@pytest.mark.parametrize("member", [PAIRS, FLOWS])
def test_groups_are_nobody_outside(member: Member) -> None:
    table = gathered(seen(), ())[member]
    assert not table.filter(pl.col("peer").map_elements(side, return_dtype=pl.String) == "group").height


def test_flows_are_those_that_ended() -> None:
    table = gathered(seen(), ())[FLOWS].filter((pl.col("peer") == SERVER) & (pl.col("port") == 445))
    assert table.height == 20
    assert table["payload_in"].to_list() == [5_000] * 20
    assert sorted(table["payload_out"].to_list()) == [900 + turn for turn in range(20)]
    assert (table["outside"] == 0).all()
