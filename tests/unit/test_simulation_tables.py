"""A plan as tables: nothing is lost, types are those of the core, which says the same of such packets."""

from functools import cache

import polars as pl
import pytest

from oddwire.engine.judging import Judging
from oddwire.engine.settings import Settings
from oddwire.records.judged import TABLES, TICK_NS
from oddwire.testing.conversations import conversation, refused, unanswered
from oddwire.testing.names import lookup, ping
from oddwire.testing.services import tls
from oddwire.testing.simulation.calendar import MONDAY_NS
from oddwire.testing.simulation.conversations import NS, conversations
from oddwire.testing.simulation.tables import addresses, recording_of, spans
from oddwire.testing.simulation.weeks import day_start_ns, simulate
from oddwire.testing.windows import Recording, hosts_named, nothing_said, recorded, talk_frame
from oddwire.testing.wire import seen_from

ME, SERVER, RESOLVER, NOBODY, WEB = "10.20.30.21", "10.20.30.3", "10.20.30.2", "10.20.30.99", "93.10.11.12"
MONITORING = "10.20.30.5"
SITE = "shop.papermarket.com"
TCP, UDP = 6, 17
# What packets and a plan of the same conversations must agree on to the bit.
SAME = """
    tick src_port dst_port protocol ip_version icmp_type icmp_code sure service state syn_out syn_in fin_out
    fin_in rst_out rst_in entropy_bytes_out entropy_bytes_in mac_out mac_in
"""


@cache
def plan() -> pl.DataFrame:
    return simulate(3, 1, start_day=1)


@cache
def whole() -> Recording:
    return recording_of(plan())


def one(**given: object) -> Recording:
    base = {"start_ns": MONDAY_NS + NS, "src": ME, "dst": WEB, "src_port": 50_000, "dst_port": 443}
    return recording_of(conversations(**{name: [value] for name, value in {**base, **given}.items()}))


def test_tables_have_the_columns_and_types_of_the_core() -> None:
    tables = whole().tables
    assert set(tables) == set(TABLES)
    assert tables["talks"].schema == talk_frame().schema
    assert tables["ended"].schema == talk_frame().schema
    for name, like in nothing_said().items():
        assert tables[name].schema == like.schema
        assert tables[name]["tick"].is_sorted()
    assert tables["talks"]["tick"].is_sorted()


def test_no_byte_is_lost_on_the_way() -> None:
    spoken = plan().filter(pl.col("outcome") == "answered")
    talks = whole().talks
    assert talks["payload_out"].sum() == spoken["payload_out"].sum()
    assert talks["payload_in"].sum() == spoken["payload_in"].sum()
    assert whole().ended["payload_in"].sum() <= talks["payload_in"].sum()


def test_rows_lie_in_their_ticks_and_add_up() -> None:
    talks = whole().talks
    assert (talks["tick"] % TICK_NS == 0).all()
    assert talks.filter(
        (pl.col("first") < pl.col("tick")) | (pl.col("last") >= pl.col("tick") + TICK_NS)
    ).is_empty()
    assert talks.filter(pl.col("last") < pl.col("first")).is_empty()
    for way in ("out", "in"):
        packets, size = pl.col(f"packets_{way}"), pl.col(f"bytes_{way}")
        assert talks.filter(packets < pl.col(f"payload_packets_{way}")).is_empty()
        assert talks.filter(size < pl.col(f"payload_{way}") + 42 * packets).is_empty()
        assert talks.filter(pl.col(f"length_max_{way}") > 1_514).is_empty()
        assert talks.filter(pl.col(f"length_squares_{way}") * packets < size * size * 0.99).is_empty()
    assert talks.filter(pl.col("packets_out") + pl.col("packets_in") == 0).is_empty()


@pytest.mark.parametrize("hours", [1, 5])
def test_spans_together_are_the_whole(hours: int) -> None:
    begin = day_start_ns(1)
    hour = (pl.col("start_ns") - begin) // (3_600 * NS)
    some = plan().filter(hour.is_between(0, 12) & (pl.col("src") != MONITORING))
    parts = list(spans(some, hours))
    assert [complete for _, complete in parts[:-1]] == sorted({complete for _, complete in parts[:-1]})  # type: ignore[type-var]
    assert parts[-1][1] is None
    for tables, complete in parts[:-1]:
        assert all(table.filter(pl.col("tick") >= complete).is_empty() for table in tables.values())
    for name, table in recording_of(some).tables.items():
        assert pl.concat([tables[name] for tables, _ in parts]).equals(table), name


def test_hosts_are_numbered_in_the_order_of_their_appearance() -> None:
    names = addresses(plan())
    assert names == list(whole().names)
    assert len(set(names)) == len(names)
    first = plan().row(0, named=True)
    assert names[:2] == [first["src"], first["dst"]]


def test_an_empty_plan_is_no_row() -> None:
    assert all(table.is_empty() for table in recording_of(plan().clear()).tables.values())


def test_a_long_conversation_has_a_row_in_each_tick() -> None:
    made = one(
        duration_ns=3_600 * NS, payload_out=10**6, payload_in=10**9, shape="even", service="smb", dst=SERVER
    )
    assert made.talks.height == 721
    assert made.talks["payload_in"].std() < 0.1 * made.talks["payload_in"].mean()  # type: ignore[operator]
    assert made.ended.select("ended", "payload_in").rows() == [(1, 10**9)]


def test_a_line_that_is_quiet_for_two_minutes_is_another_flow() -> None:
    beats = {
        "duration_ns": 600 * NS,
        "beat_ns": 200 * NS,
        "shape": "beats",
        "packets_out": 4,
        "packets_in": 4,
    }
    made = one(**beats, payload_out=900, payload_in=900, service="tls")
    assert made.talks["born"].n_unique() == 4
    assert made.ended.height == 4


@pytest.mark.parametrize(
    ("outcome", "states", "packets"),
    [("refused", [6_273], [(1, 1)]), ("silent", [4_097, 4_097], [(3, 0), (1, 0)])],
)
def test_attempts_that_come_to_nothing(
    outcome: str, states: list[int], packets: list[tuple[int, int]]
) -> None:
    made = one(start_ns=MONDAY_NS + 5 * NS, outcome=outcome, service="tls", payload_out=900, payload_in=900)
    assert made.talks["state"].to_list() == states
    assert made.talks.select("packets_out", "packets_in").rows() == packets
    assert made.talks["service"].to_list() == [None] * len(states)
    assert made.ended.is_empty()
    assert made.tables["tls"].is_empty()


def test_a_question_that_nobody_answers() -> None:
    made = one(
        dst=RESOLVER, dst_port=53, protocol=UDP, service="dns", name=SITE, outcome="silent", payload_out=38
    )
    row = made.tables["dns"].row(0, named=True)
    assert (row["message"], row["code"], row["answers"]) == ("query", None, None)
    assert made.talks["packets_in"].to_list() == [0]


def test_the_core_says_the_same_of_packets() -> None:
    """Packets of a few conversations, and the tables of the same ones, in what both must agree on."""
    begin = MONDAY_NS / NS
    packets = [
        *lookup(ME, 50_000, RESOLVER, SITE, [WEB], start=begin + 1),
        *conversation(
            (ME, 50_001, WEB, 443), tls(SITE, [(0.5, 300, 20_000)], 1), start=begin + 2, ending="fin"
        ),
        *refused((ME, 50_003, SERVER, 22), start=begin + 4),
        *unanswered((ME, 50_004, NOBODY, 22), start=begin + 5),
        *ping(ME, SERVER, start=begin + 6),
    ]
    real = recorded(seen_from(sorted(packets), ("10.20.30.0/24", "10.20.30.1")))
    made = recording_of(
        conversations(
            start_ns=[MONDAY_NS + second * NS for second in (1, 2, 4, 5, 6)],
            duration_ns=[4_000_000, 700_000_000, 0, 0, 1_000_000],
            src=ME,
            dst=[RESOLVER, WEB, SERVER, NOBODY, SERVER],
            src_port=[50_000, 50_001, 50_003, 50_004, 0],
            dst_port=[53, 443, 22, 22, 0],
            protocol=[UDP, TCP, TCP, TCP, 1],
            service=["dns", "tls", "ssh", "ssh", None],
            name=[SITE, SITE, None, None, None],
            answer=[WEB, None, None, None, None],
            outcome=["answered", "answered", "refused", "silent", "answered"],
            payload_out=[38, 886, 0, 0, 56],
            payload_in=[54, 22_549, 0, 0, 56],
        )
    )
    order = ["src_port", "tick"]
    near = real.talks.sort(order).with_columns(pl.col("payload_out", "payload_in").cast(pl.Float64))
    ours = made.talks.sort(order).with_columns(pl.col("payload_out", "payload_in").cast(pl.Float64))
    assert ours.select(SAME.split()).rows() == near.select(SAME.split()).rows()
    for name in ("payload_out", "payload_in"):
        assert ours[name].to_list() == pytest.approx(near[name].to_list(), rel=0.05)
    told = [
        "query",
        "query_type",
        "code",
        "answers",
        "name_entropy",
        "name_length",
        "labels",
        "domain",
        "message",
    ]
    assert made.tables["dns"].select(told).rows() == real.tables["dns"].select(told).rows()
    shown = ["sni", "version", "client_alpn", "established", "src_port", "dst_port"]
    assert made.tables["tls"].select(shown).rows() == real.tables["tls"].select(shown).rows()


def test_rules_have_next_to_nothing_to_say_of_an_ordinary_morning() -> None:
    begin = day_start_ns(1)
    morning = plan().filter(
        pl.col("start_ns").is_between(begin + 9 * 3_600 * NS, begin + 9 * 3_600 * NS + 1_800 * NS)
    )
    names = addresses(morning)
    settings = Settings()
    judging = Judging(
        detectors=settings.detectors(), hosts=hosts_named(lambda number: names[number]), window_ns=60 * NS
    )
    found = [pair for tables, complete in spans(morning) for pair in judging.see(tables, complete)]
    assert judging.failures == []
    grave = [e for _, e in found if (e.severity or settings.severities[e.kind]).name in {"HIGH", "CRITICAL"}]
    assert grave == []
