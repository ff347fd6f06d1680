"""The packets of a plan: they say what the plan says, the core can read them, and they never change."""

from itertools import islice, pairwise
from typing import Any

import polars as pl
import pytest

from oddwire.testing.capture import Timed
from oddwire.testing.simulation.conversations import NS, conversations, joined
from oddwire.testing.simulation.incidents import KINDS, STRENGTHS, play
from oddwire.testing.simulation.packets import packets_of
from oddwire.testing.simulation.quic_hello import _encrypted, _schedule
from oddwire.testing.simulation.tables import recording_of
from oddwire.testing.windows import Recording, recorded
from oddwire.testing.wire import checksum
from tests.unit.test_simulated_incidents import MONDAY_NS, ROLES

HOST, PEER, OUTSIDE = "10.20.30.21", "10.20.30.3", "93.184.16.34"
KEY = ["src", "dst", "src_port", "dst_port", "protocol"]
SAID = ["payload_out", "payload_in"]


def one(**given: Any) -> pl.DataFrame:
    usual = {"start_ns": MONDAY_NS, "duration_ns": 2 * NS, "src": HOST, "dst": OUTSIDE, "src_port": 50_001}
    return conversations(**{**usual, **given})


def flows(recording: Recording) -> pl.DataFrame:
    """Return what each conversation did in all."""
    names = list(recording.names)
    ends = [pl.col(end).replace_strict(list(range(len(names))), names).alias(end) for end in ("src", "dst")]
    return (
        recording.talks.with_columns(ends)
        .group_by(KEY)
        .agg(
            pl.col("service").drop_nulls().first(),
            pl.col(*SAID, "packets_out", "packets_in").sum().cast(pl.Int64),
            pl.col("mac_out", "mac_in", "ttl_max_out", "ttl_max_in").max(),
            ((pl.col("last").max() - pl.col("first").min()).cast(pl.Int64) / NS).alias("lasts"),
            pl.col("first").min().cast(pl.Int64),
        )
    )


def check_sums(frame: bytes) -> None:
    """Assert that the sums in a frame are right."""
    if frame[12:14] == b"\x08\x00":
        assert checksum(frame[14:34]) == 0
        addresses, protocol, payload = frame[26:34], frame[23], frame[34:]
        assert int.from_bytes(frame[16:18]) == len(frame) - 14
    else:
        addresses, protocol, payload = frame[22:54], frame[20], frame[54:]
        assert int.from_bytes(frame[18:20]) == len(payload)
    pseudo = b"" if protocol == 1 else addresses + len(payload).to_bytes(4) + protocol.to_bytes(4)
    assert checksum(pseudo + payload) == 0


def first_rows(kind: str, strength: str) -> pl.DataFrame:
    """Return the begin of an incident, with at most some kilobytes and minutes a conversation."""
    plan, _ = play(ROLES, kind, strength, seed=3, start_ns=MONDAY_NS)
    return plan.head(12).with_columns(
        pl.col(SAID).clip(0, 24_000),
        pl.col("packets_out", "packets_in").clip(0, 60),
        pl.col("duration_ns", "beat_ns").clip(0, 600 * NS),
    )


@pytest.fixture(scope="module")
def read(everything: tuple[pl.DataFrame, list[Timed]]) -> pl.DataFrame:
    return flows(recorded(everything[1]))


@pytest.fixture(scope="module")
def everything() -> tuple[pl.DataFrame, list[Timed]]:
    """Return the begin of every incident in every strength, an hour after one another, and its packets."""
    plans = [
        first_rows(kind, strength).with_columns(pl.col("start_ns") + number * 3_600 * NS)
        for number, (kind, strength) in enumerate((kind, word) for kind in KINDS for word in STRENGTHS)
    ]
    plan = joined(plans).unique(KEY, maintain_order=True)
    return plan, list(packets_of(plan))


def test_packets_are_in_order_and_whole(everything: tuple[pl.DataFrame, list[Timed]]) -> None:
    plan, packets = everything
    assert plan["incident"].n_unique() == 3 * len(KINDS)
    assert all(before[0] <= after[0] for before, after in pairwise(packets))
    for _, frame in packets:
        check_sums(frame)


def test_the_core_reads_what_was_planned(
    everything: tuple[pl.DataFrame, list[Timed]], read: pl.DataFrame
) -> None:
    read = everything[0].join(read, on=KEY, how="left", suffix="_read")
    assert read.filter(pl.col("first").is_null()).is_empty()
    assert read.filter((pl.col("first") - pl.col("start_ns")).abs() > 1_000_000).is_empty()
    for name in SAID:
        wrong = (pl.col(f"{name}_read") - pl.col(name)).abs() > 0.1 * pl.col(name) + 20
        assert read.filter(wrong).select("incident", "service", name, f"{name}_read").is_empty()
    answered = read.filter((pl.col("outcome") == "answered") & (pl.col("duration_ns") > NS // 10))
    wrong = (pl.col("lasts") - pl.col("duration_ns") / NS).abs() > 0.1 * pl.col("duration_ns") / NS
    assert answered.filter(wrong & (pl.col("shape") != "beats")).select("incident", "lasts").is_empty()
    spoken = answered.filter(pl.col("service").is_not_null() & (pl.col("service") != "backup"))
    assert spoken.filter(pl.col("service_read").ne_missing(pl.col("service"))).is_empty()


def test_tables_and_packets_tell_one_story(
    everything: tuple[pl.DataFrame, list[Timed]], read: pl.DataFrame
) -> None:
    both = read.join(flows(recording_of(everything[0])), on=KEY, how="full", suffix="_told")
    assert both.filter(pl.col("first").is_null() | pl.col("first_told").is_null()).is_empty()
    for name in ("mac_out", "mac_in", "ttl_max_out"):
        assert both.filter(pl.col(name) != pl.col(f"{name}_told")).is_empty()
    silent = both.filter(pl.col("packets_in") == 0)
    assert silent.height > 20
    assert silent.filter(pl.col("packets_out") != pl.col("packets_out_told")).is_empty()
    for name in ("packets_out", "packets_in"):
        assert both[name].sum() == pytest.approx(both[f"{name}_told"].sum(), rel=0.15)


@pytest.mark.parametrize(
    ("service", "port", "known"),
    [
        ("tls", 443, "tls"),
        ("http", 80, "http"),
        ("ssh", 22, "ssh"),
        ("smb", 445, "smb"),
        ("rdp", 3_389, "rdp"),
        ("smtp", 25, "smtp"),
        ("imap", 143, "imap"),
        ("imap", 993, "tls"),
        ("kerberos", 88, "kerberos"),
    ],
)
def test_a_service_is_known_by_what_it_says(service: str, port: int, known: str) -> None:
    plan = one(service=service, dst_port=port, name="www.shop.example", payload_out=6_000, payload_in=40_000)
    made = recorded(list(packets_of(plan)))
    (flow,) = flows(made).iter_rows(named=True)
    assert flow["payload_out"] == pytest.approx(6_000, rel=0.02)
    assert flow["payload_in"] == pytest.approx(40_000, rel=0.02)
    assert made.tables[known].height > 0 if known in made.tables else flow["service"] == known


def test_names_are_said() -> None:
    plan = joined(
        [
            one(service="tls", dst_port=443, name="a.example", payload_out=900, payload_in=5_000),
            one(
                service="http", dst_port=80, name="b.example", verb="POST", payload_out=900, payload_in=5_000
            ),
            one(
                service="quic",
                dst_port=443,
                protocol=17,
                name="c.example",
                payload_out=3_000,
                payload_in=9_000,
            ),
        ]
    )
    tables = recorded(list(packets_of(plan))).tables
    assert tables["tls"]["sni"].to_list() == ["a.example"]
    assert tables["http"].select("host", "method").rows() == [("b.example", "POST")]
    assert tables["quic"].select("sni", "alpn").rows() == [("c.example", "h3")]


@pytest.mark.parametrize(
    ("verb", "answer", "code", "answers"),
    [
        ("A", "1.2.3.4,1.2.3.5", 0, 2),
        ("AAAA", "2001:db8::1", 0, 1),
        ("TXT", None, 0, 1),
        ("A", "NXDOMAIN", 3, 0),
        ("A", "SERVFAIL", 2, 0),
    ],
)
def test_a_question_is_asked_and_answered(verb: str, answer: str | None, code: int, answers: int) -> None:
    plan = one(
        service="dns",
        dst=PEER,
        dst_port=53,
        protocol=17,
        name="www.shop.example",
        verb=verb,
        answer=answer,
        duration_ns=NS // 50,
        payload_out=34,
        payload_in=400,
        packets_out=1,
        packets_in=1,
    )
    made = recorded(list(packets_of(plan)))
    (row,) = made.tables["dns"].iter_rows(named=True)
    assert (row["query"], row["query_type"]) == ("www.shop.example", verb)
    assert row["answer_count"] == answers
    assert row["latency_ns"] == pytest.approx(NS // 50, abs=2_000)
    (flow,) = flows(made).iter_rows(named=True)
    assert flow["payload_out"] == 34
    assert flow["payload_in"] == pytest.approx(400, abs=4)
    reply = list(packets_of(plan))[1][1]
    assert reply[45] & 15 == code


def test_refused_silent_and_unreachable() -> None:
    refused = [frame for _, frame in packets_of(one(dst_port=81, outcome="refused"))]
    assert [frame[47] for frame in refused] == [2, 20]
    silent = list(packets_of(one(dst_port=81, outcome="silent")))
    assert [round(time - silent[0][0]) for time, _ in silent] == [0, 1, 3, 7]
    assert len(list(packets_of(one(dst_port=81, outcome="silent", packets_out=1)))) == 1
    closed = list(packets_of(one(dst_port=99, protocol=17, outcome="refused", payload_out=40)))
    assert [frame[23] for _, frame in closed] == [17, 1]
    for _, frame in closed:
        check_sums(frame)


@pytest.mark.parametrize(("close", "flags"), [("fin", 17), ("rst", 20), ("open", None)])
def test_connections_end_as_planned(close: str, flags: int | None) -> None:
    frames = [frame for _, frame in packets_of(one(dst_port=9, payload_out=500, payload_in=500, close=close))]
    ends = {frame[47] for frame in frames} & {17, 20}
    assert ends == ({flags} if flags else set())


def test_beats_come_at_their_time() -> None:
    plan = one(
        dst_port=9,
        duration_ns=100 * NS,
        payload_out=2_000,
        payload_in=1_000,
        packets_out=10,
        packets_in=10,
        shape="beats",
        beat_ns=10 * NS,
    )
    sent = [time for time, frame in packets_of(plan) if len(frame) == 254]
    assert len(sent) == 10
    assert all(after - before == pytest.approx(10, rel=0.01) for before, after in pairwise(sent))


def test_pings_and_the_newer_protocol() -> None:
    plan = joined(
        [
            one(dst=PEER, protocol=1, payload_out=224, payload_in=224, packets_out=4, packets_in=4),
            one(src="fd00::5", dst="fd00::6", protocol=58, payload_out=56, payload_in=56),
            one(
                src="fd00::5",
                dst="2001:db8::9",
                dst_port=443,
                service="tls",
                name="six.example",
                payload_out=900,
            ),
        ]
    )
    packets = list(packets_of(plan))
    for _, frame in packets:
        check_sums(frame)
    made = recorded(packets)
    assert made.tables["tls"]["sni"].to_list() == ["six.example"]
    assert flows(made).filter(pl.col("protocol") == 1)["packets_in"].to_list() == [4]


def test_the_same_plan_gives_the_same_bytes_whatever_its_order() -> None:
    plan = first_rows("lateral", "loud")
    assert list(packets_of(plan)) == list(packets_of(plan))
    assert list(packets_of(plan.sort("start_ns"))) == list(packets_of(plan))


def test_a_long_transfer_is_made_as_it_is_asked_for() -> None:
    plan = one(dst_port=443, service="tls", name="a.example", duration_ns=3_600 * NS, payload_out=10**12)
    packets = list(islice(packets_of(plan), 2_000))
    assert len(packets) == 2_000
    assert max(len(frame) for _, frame in packets) == 1_514


def test_outside_hosts_are_behind_the_router() -> None:
    frames = [frame for _, frame in packets_of(one(dst_port=9, payload_out=10), router="10.20.30.254")]
    assert frames[0][:6] == bytes.fromhex("02000a141efe")
    assert frames[0][6:12] == bytes.fromhex("02000a141e15")


def test_the_cipher_is_the_one_of_the_standard() -> None:
    """The example of FIPS 197, appendix C.1."""
    words = _schedule(bytes(range(16)))
    block = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert _encrypted(words, block).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
