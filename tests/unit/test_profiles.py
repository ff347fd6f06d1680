"""Profiles with every figure counted by hand from packets that are built here."""

from collections.abc import Iterator, Sequence
from math import log2, sqrt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import oddwire
from oddwire.features.profile_schema import PROFILE_COLUMNS
from oddwire.features.profiles import profiles_of
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.packets import ACK, RST, SYN, icmp, tcp, udp

START = 1_710_062_400.0
WINDOW_NS = 60_000_000_000
ME, A, B = "10.0.0.1", "10.0.0.2", "10.0.0.3"


def profiled(path: Path, packets: Sequence[Timed]) -> dict[str, dict[str, Any]]:
    """Return the profiles of the first window by host."""
    write_pcap(path, packets)
    rows = oddwire.read(path).profiles().to_dicts()
    first = min(row["window"] for row in rows)
    return {row["src_ip"]: row for row in rows if row["window"] == first}


def mixed() -> list[Timed]:
    """Return 4 datagrams of 42 + n bytes, a refused connection, an unanswered one, and a ping."""
    return [
        (START, udp(ME, 1000, A, 53, b"x" * 8)),
        (START + 0.1, udp(A, 53, ME, 1000, b"x" * 58, ttl=32)),
        (START + 1, udp(ME, 1001, A, 53, b"x" * 8)),
        (START + 1.1, udp(A, 53, ME, 1001, b"x" * 58, ttl=32)),
        (START + 2, tcp(ME, 2000, B, 80, SYN, ttl=128)),
        (START + 2.1, tcp(B, 80, ME, 2000, RST | ACK)),
        (START + 3, tcp(ME, 2001, B, 443, SYN, ttl=128)),
        (START + 4, icmp(ME, A, 8)),
    ]


def test_every_figure_of_a_host(tmp_path: Path) -> None:
    me = profiled(tmp_path / "a.pcap", mixed())[ME]
    lengths = [50, 50, 54, 54, 74]
    mean = sum(lengths) / 5
    expected = {
        "packets": 5,
        "packets_in": 3,
        "bytes_out": 282,
        "bytes_in": 100 + 100 + 54,
        "payload_out": 8 + 8 + 32,
        "payload_in": 58 + 58,
        "flows": 5,
        "unique_dst_ips": 2,
        "unique_src_ports": 4,
        "unique_dst_ports": 3,
        "unique_protocols": 3,
        "length_mean": mean,
        "length_std": sqrt(sum((length - mean) ** 2 for length in lengths) / 5),
        "length_max": 74,
        "ttl_mean": (64 + 64 + 128 + 128 + 64) / 5,
        "syn_sum": 2,
        "rst_sum": 0,
        "ack_sum": 0,
        "port_ratio": 4 / 3,
        "packets_per_dst": 5 / 2,
        "dsts_per_flow": 2 / 5,
        "sources_in": 2,
        "contacted": 2,
        "new_dst_ips": 2,
        "begun": 5,
        "unanswered_ratio": 2 / 5,
        "failed_ratio": 1.0,
        "upload_ratio": 282 / (282 + 254),
        "dns_flows": 2,
        "tls_flows": 1,
        "dst_port_entropy": -(0.5 * log2(0.5) + 2 * 0.25 * log2(0.25)),
    }
    assert {name: me[name] for name in expected} == pytest.approx(expected)


def test_the_answering_side_began_nothing(tmp_path: Path) -> None:
    other = profiled(tmp_path / "a.pcap", mixed())[A]
    assert (other["packets"], other["begun"], other["contacted"]) == (2, 0, 0)
    assert (other["unanswered_ratio"], other["failed_ratio"]) == (None, None)
    assert other["ttl_mean"] == 32


def test_a_capture_of_one_direction_judges_no_answers(tmp_path: Path) -> None:
    packets = [(START + port, tcp(ME, 2000 + port, B, port, SYN)) for port in range(1, 30)]
    me = profiled(tmp_path / "a.pcap", packets)[ME]
    assert me["begun"] == 29
    assert (me["unanswered_ratio"], me["failed_ratio"]) == (None, None)


def test_portless_hosts_have_no_port_figures(tmp_path: Path) -> None:
    me = profiled(tmp_path / "a.pcap", [(START, icmp(ME, A, 8))])[ME]
    assert (me["unique_src_ports"], me["unique_dst_ports"]) == (0, 0)
    assert (me["port_ratio"], me["dst_port_entropy"]) == (None, None)


def test_ipv6_hosts_have_profiles(tmp_path: Path) -> None:
    packets = [
        (START, udp("2001:db8::1", 1, "2001:db8::2", 53)),
        (START, udp("2001:db8::1", 1, "fe80::1", 53)),
    ]
    assert profiled(tmp_path / "a.pcap", packets)["2001:db8::1"]["unique_dst_ips"] == 2


def minutes(count: int) -> list[Timed]:
    """Return one packet a minute to one of three hosts in turn, and an answer."""
    packets: list[Timed] = []
    for minute in range(count):
        time, other = START + 60 * minute, f"10.0.1.{minute % 3}"
        packets += [(time, udp(ME, 5000, other, 53)), (time + 1, udp(other, 53, ME, 5000))]
    return packets


def test_a_destination_is_new_once(tmp_path: Path) -> None:
    write_pcap(tmp_path / "a.pcap", minutes(8))
    table = oddwire.read(tmp_path / "a.pcap").profiles().filter(pl.col("src_ip") == ME)
    assert table["new_dst_ips"].to_list() == [1, 1, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_slices_piece_by_piece_give_what_all_at_once_gives(tmp_path: Path, size: int) -> None:
    write_pcap(tmp_path / "a.pcap", minutes(40) + [(time + 7, frame) for time, frame in mixed()])
    capture = oddwire.read(tmp_path / "a.pcap")
    slices = pl.concat(list(capture.slice_run()))

    def pieces() -> Iterator[pl.DataFrame]:
        yield from slices.iter_slices(size)

    whole = pl.concat(list(profiles_of([slices.sort("window")], WINDOW_NS)))
    frames = list(profiles_of(pieces(), WINDOW_NS))
    assert pl.concat(frames).equals(whole)
    assert size == 1000 or len(frames) > 5, "windows that are over must not wait for the end"


def test_an_empty_frame_is_no_stumbling_block() -> None:
    frames = list(profiles_of([], WINDOW_NS))
    assert [frame.height for frame in frames] == [0]
    assert frames[0].columns == [column.name for column in PROFILE_COLUMNS]


def test_the_types_are_those_of_the_schema(tmp_path: Path) -> None:
    types = {"uint64": pl.UInt64, "uint32": pl.UInt32, "float64": pl.Float64, "string": pl.String}
    write_pcap(tmp_path / "a.pcap", mixed())
    schema = oddwire.read(tmp_path / "a.pcap").profiles().schema
    for column in PROFILE_COLUMNS:
        assert schema[column.name] == types.get(column.type, pl.Datetime("ns", "UTC")), column.name


def test_two_runs_are_equal(tmp_path: Path) -> None:
    write_pcap(tmp_path / "a.pcap", mixed() + minutes(5))
    capture = oddwire.read(tmp_path / "a.pcap")
    assert capture.profiles().equals(capture.profiles())


def test_a_filter_keeps_rows(tmp_path: Path) -> None:
    write_pcap(tmp_path / "a.pcap", mixed())
    kept = oddwire.read(tmp_path / "a.pcap").profiles(filter="unique_dst_ports > 2")
    assert kept["src_ip"].to_list() == [ME]
