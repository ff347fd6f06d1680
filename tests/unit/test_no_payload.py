"""With --no-payload nothing that is written depends on a byte of any payload."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oddwire import analyze, native, read
from oddwire.engine import tables
from oddwire.errors import UsageError
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.demo import demo_packets
from oddwire.testing.media import rtp_call
from oddwire.testing.office import office
from oddwire.testing.stimulus import stimulus
from oddwire.testing.wire import dice
from tests.unit.confided import CONFIDED
from tests.unit.conftest import Cli
from tests.unit.made import START, small_packets
from tests.unit.scrambled import scrambled

HEADERS_ALONE = tuple(name for name in tables.TABLES if name not in tables.PROTOCOLS)
PACKETS: Mapping[str, Callable[[], list[Timed]]] = {
    "small": small_packets,
    "demo": demo_packets,
    "office": lambda: office(begin=START, seconds=30.0),
    "call": lambda: rtp_call(("192.168.1.21", 40_000, "192.168.1.22", 40_002), start=START, seconds=3.0),
}
NAMES = sorted([*PACKETS, *CONFIDED])


@cache
def packets(name: str) -> list[Timed]:
    """Return the packets of a capture, made once."""
    made = PACKETS[name]() if name in PACKETS else CONFIDED[name]().packets
    return sorted(made, key=lambda packet: packet[0])


def shown(folder: Path, found: list[Timed], *, payload: bool) -> dict[str, str]:
    """Return all tables of these packets that stand on headers, as CSV with all columns."""
    path, out = folder / "some.pcap", folder / "out.csv"
    write_pcap(path, found)
    told = {}
    for table in HEADERS_ALONE:
        shape = native.Shape(columns=["all"])
        tables.write(tables.Job(table=table, capture=read(path, payload=payload), shape=shape), out, "csv")
        told[table] = out.read_text(encoding="utf-8")
    return told


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scrambled")


@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_other_payloads_give_the_same_tables(folder: Path, name: str, seed: int) -> None:
    others = scrambled(packets(name), dice(seed))
    told, retold = (shown(folder, some, payload=False) for some in (packets(name), others))
    for table in HEADERS_ALONE:
        assert told[table] == retold[table], table


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_was_said_is_known(folder: Path, name: str) -> None:
    told = shown(folder, packets(name), payload=False)
    assert told["domains"].count("\n") == 1
    flows = read(folder / "some.pcap", payload=False).flows(columns=["all"])
    assert not flows["service_sure"].any()
    for column in ("sni", "entropy_out", "entropy_in"):
        assert flows[column].null_count() == len(flows)
    hosts = read(folder / "some.pcap", payload=False).table("hosts", columns=["all"])
    assert hosts["name"].null_count() == len(hosts)
    assert hosts["vendor"].null_count() == len(hosts)


@pytest.mark.parametrize("name", ["http", "tls", "ssh", "office"])
def test_with_payload_they_differ(folder: Path, name: str) -> None:
    others = scrambled(packets(name), dice(7))
    told, retold = (shown(folder, some, payload=True) for some in (packets(name), others))
    assert told["flows"] != retold["flows"]
    sure = read(folder / "some.pcap").flows(columns=["service_sure"])["service_sure"]
    assert not sure.all()
    write_pcap(folder / "some.pcap", packets(name))
    assert read(folder / "some.pcap").flows(columns=["service_sure"])["service_sure"].any()


def test_findings_stand_on_headers_alone(folder: Path) -> None:
    told = []
    for some in (stimulus(), scrambled(stimulus(), dice(3))):
        write_pcap(folder / "some.pcap", some)
        found = analyze(read(folder / "some.pcap", payload=False)).findings
        told.append([{**one.to_dict(), "provenance": None} for one in found])
    assert len(told[0]) > 10
    assert told[0] == told[1]


@pytest.mark.parametrize("table", tables.PROTOCOLS)
def test_a_protocol_is_refused_in_one_line(cli: Cli, small: Path, table: str) -> None:
    done = cli(table, small, "--no-payload")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "payload" in done.err
    with pytest.raises(UsageError, match="payload"):
        read(small, payload=False).table(table)
