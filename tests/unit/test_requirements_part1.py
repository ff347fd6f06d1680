"""What the first part promises of the seeds: one test a promise, named in docs/requirements.md."""

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import oddwire
from oddwire.engine.tables import TABLES, columns_of
from oddwire.testing.capture import pcap_bytes, write_pcap
from oddwire.testing.packets import SYN, icmp, tcp, udp
from tests.unit import made
from tests.unit.asked import as_csv, named, summary, table
from tests.unit.conftest import Cli
from tests.unit.made import CLIENT, RESOLVER, SERVER, START


def test_reads_a_capture_as_a_stream(tmp_path: Path) -> None:
    frame = udp(CLIENT, 1, SERVER, 2, b"x")
    write_pcap(tmp_path / "any name.bin", [(START + at / 1000, frame) for at in range(50_000)])
    stream = oddwire.read(tmp_path / "any name.bin").stream("packets")
    batches = rows = 0
    while (batch := stream.next_batch()) is not None:
        batches, rows = batches + 1, rows + pl.DataFrame(batch).height
    assert rows == 50_000
    assert batches > 1, "a table comes in pieces, never whole"


def test_packet_rows_name_addresses_ports_and_protocol(cli: Cli, small: Path) -> None:
    rows = table(cli, "packets", small)
    first = rows[0]
    assert (first["src_ip"], first["dst_ip"], first["src_port"], first["dst_port"]) == (
        CLIENT,
        RESOLVER,
        40_000,
        53,
    )
    assert (first["protocol"], first["transport"], first["length"]) == (17, "udp", 75)
    assert first["time"].startswith("2024-03-10T09:20:00")
    six = rows[-1]
    assert (six["src_ip"], six["dst_ip"], six["ip_version"]) == (made.SIX[1], made.SIX[0], 6)


def test_packets_become_a_pandas_frame(small: Path) -> None:
    frame = oddwire.read(small).packets().to_pandas()
    assert len(frame) == made.PACKETS
    assert frame["src_ip"].iloc[0] == CLIENT


def test_packets_are_written_as_csv(cli: Cli, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "packets.csv"
    assert cli("packets", small, "--format", "csv", "-o", out).code == 0
    rows = as_csv(out.read_text())
    assert [row["number"] for row in rows] == [str(number) for number in range(1, made.PACKETS + 1)]


def test_summary_samples_tcp_and_udp(cli: Cli, small: Path) -> None:
    samples = summary(cli, small, "--sample", 5)["samples"]
    assert [packet["number"] for packet in samples["TCP"]] == [3, 4, 5, 6, 7]
    assert [packet["number"] for packet in samples["UDP"]] == [1, 2, 18, 19]
    shown = cli("summary", small, "--sample", 5).out
    assert "First TCP packets" in shown
    assert "First UDP packets" in shown


def test_summary_counts_tcp_udp_and_other(cli: Cli, small: Path) -> None:
    counts = named(summary(cli, small)["transports"])
    assert counts == {"tcp": made.TCP, "udp": made.UDP, "other": made.OTHER}
    assert "TCP 12 (63.2 %), UDP 4 (21.1 %), other 3 (15.8 %)" in cli("summary", small).out


def test_packet_times_are_utc_datetimes(tmp_path: Path) -> None:
    path = tmp_path / "ns.pcap"
    path.write_bytes(pcap_bytes([(1.5, udp(CLIENT, 1, SERVER, 2))], nanoseconds=True))
    times = oddwire.read(path).packets()["time"]
    assert times.dtype == pl.Datetime("ns", "UTC")
    assert times.dt.timestamp("ns").to_list() == [1_500_000_000]


@pytest.mark.parametrize("by", ["packets", "bytes"])
def test_summary_ranks_the_top_20_sources(cli: Cli, tmp_path: Path, by: str) -> None:
    facts = summary(cli, made.many_hosts(tmp_path / "many.pcap"))
    ranking = facts[f"sources_by_{by}"]
    assert [host["ip"] for host in ranking] == [f"10.0.0.{host}" for host in range(30, 10, -1)]
    assert (ranking[0]["packets_out"], ranking[0]["bytes_out"]) == (30, 30 * 130)


@pytest.mark.parametrize("by", ["packets", "bytes"])
def test_summary_ranks_the_top_20_destinations(cli: Cli, tmp_path: Path, by: str) -> None:
    facts = summary(cli, made.many_hosts(tmp_path / "many.pcap"))
    assert facts[f"destinations_by_{by}"][0] == {
        "ip": "10.1.0.1",
        "packets_out": 0,
        "bytes_out": 0,
        "packets_in": 465,
        "bytes_in": sum(host * (100 + host) for host in range(1, 31)),
    }
    assert f"Top destinations by {by}" in cli("summary", tmp_path / "many.pcap").out


def test_summary_shows_the_protocol_distribution(cli: Cli, small: Path) -> None:
    assert named(summary(cli, small)["protocols"]) == {"tcp": 12, "udp": 4, "icmp": 2, "arp": 1}
    assert "63.2 %" in cli("summary", small).out


def test_summary_shows_volume_over_time(cli: Cli, small: Path) -> None:
    volume = summary(cli, small)["volume"]
    counted = {step["start_ns"] // 10**9 - int(START): step["packets"] for step in volume if step["packets"]}
    assert counted == {0: 2, 1: 12, 2: 2, 3: 1, 4: 2}
    assert "Volume over time" in cli("summary", small).out


def test_portless_packets_are_kept(cli: Cli, small: Path) -> None:
    portless = [row for row in table(cli, "packets", small) if row["src_port"] is None]
    assert [row["transport"] for row in portless] == ["icmp", "icmp", "arp"]


def test_whole_addresses_and_ttl_are_kept(tmp_path: Path) -> None:
    hosts = [f"10.{a}.{b}.7" for a in range(4) for b in range(4)]
    write_pcap(tmp_path / "a.pcap", [(START, udp(host, 1, SERVER, 2, ttl=7)) for host in hosts])
    packets = oddwire.read(tmp_path / "a.pcap").packets()
    assert sorted(packets["src_ip"]) == sorted(hosts)
    assert set(packets["ttl"]) == {7}


def test_ports_window_and_flags_are_columns(tmp_path: Path) -> None:
    write_pcap(tmp_path / "a.pcap", [(START, tcp(CLIENT, 1234, SERVER, 80, SYN, window=4321))])
    columns = ["src_port", "dst_port", "tcp_window", "tcp_flags", "flags"]
    assert oddwire.read(tmp_path / "a.pcap").packets(columns=columns).row(0) == (1234, 80, 4321, SYN, "S")


def test_length_protocol_and_highest_layer_are_columns(small: Path) -> None:
    packets = oddwire.read(small).packets(columns=["length", "protocol", "app", "layers"])
    assert packets.row(0) == (75, 17, "dns", "ethernet:ipv4:udp")
    assert packets["app"].to_list()[14:17] == ["icmp", "icmp", "arp"]


def test_layer_names_are_the_same_in_every_file(tmp_path: Path) -> None:
    ping, look = (START, icmp(CLIENT, SERVER, 8)), (START + 1, udp(CLIENT, 1, SERVER, 53))
    write_pcap(tmp_path / "a.pcap", [ping, look])
    write_pcap(tmp_path / "b.pcap", [look, ping])
    found = []
    for name in ("a.pcap", "b.pcap"):
        slices = oddwire.read(tmp_path / name).slices(columns=["transport", "layer_bits"])
        found.append(dict(slices.iter_rows()))
    assert found[0] == found[1]


def profile(path: Path, host: str) -> dict[str, Any]:
    """Return the profile of a host in the first window."""
    return oddwire.read(path).profiles().filter(pl.col("src_ip") == host).row(0, named=True)


def test_profiles_count_unique_destinations_and_ports(small: Path) -> None:
    me = profile(small, CLIENT)
    assert (me["unique_dst_ips"], me["unique_src_ports"], me["unique_dst_ports"]) == (3, 2, 2)


def test_profiles_describe_lengths_ttl_and_flags(small: Path) -> None:
    me = profile(small, CLIENT)
    lengths = [75, 54, 54, 554, 54, 54, 54, 74]
    mean = sum(lengths) / 8
    assert (me["packets"], me["length_max"], me["ttl_mean"]) == (8, 554, 64)
    assert me["length_mean"] == pytest.approx(mean)
    assert me["length_std"] == pytest.approx((sum((one - mean) ** 2 for one in lengths) / 8) ** 0.5)
    assert [me[f"{flag}_sum"] for flag in ("syn", "ack", "psh", "fin", "rst")] == [1, 5, 1, 1, 0]


def test_profiles_count_protocols_and_layers(small: Path) -> None:
    me = profile(small, CLIENT)
    assert (me["unique_protocols"], me["unique_layers"]) == (3, 5)


def test_profiles_derive_port_ratio_and_packets_per_destination(small: Path) -> None:
    me = profile(small, CLIENT)
    assert (me["port_ratio"], me["packets_per_dst"]) == (2 / 2, 8 / 3)


def test_profiles_derive_destinations_per_source(small: Path) -> None:
    me = profile(small, CLIENT)
    assert (me["contacted"], me["dsts_per_flow"]) == (3, 1.0)


def test_damage_is_counted_and_an_empty_capture_warns(cli: Cli, tmp_path: Path) -> None:
    damaged = cli("summary", made.damaged_capture(tmp_path / "damaged.pcap"))
    assert damaged.code == 0
    assert "18 packets" in damaged.out
    assert "damaged.pcap: byte " in damaged.out
    empty = cli("summary", made.empty_capture(tmp_path / "empty.pcap"))
    assert empty.code == 0
    assert "no packets" in empty.err


def test_chosen_columns_are_written_as_csv(cli: Cli, small: Path) -> None:
    done = cli("packets", small, "--columns", "time,src_ip,dst_ip,protocol,length", "--format", "csv")
    lines = done.out.splitlines()
    assert lines[0] == "time,src_ip,dst_ip,protocol,length"
    assert len(lines) == made.PACKETS + 1


def test_describe_shows_missing_values_and_quartiles(cli: Cli, small: Path) -> None:
    columns = {column["column"]: column for column in summary(cli, small, "--describe")["describe"]}
    assert columns["src_port"]["missing"] == 3
    length = columns["length"]
    assert (length["count"], length["missing"], length["min"], length["max"]) == (19, 0, 54, 1514)
    assert length["q1"] <= length["median"] <= length["q3"]
    assert "missing" in cli("summary", small, "--describe").out


def test_duplicates_are_dropped_and_counted(cli: Cli, tmp_path: Path) -> None:
    twice = [packet for packet in made.small_packets() for _ in range(2)]
    write_pcap(tmp_path / "twice.pcap", twice)
    done = cli("packets", tmp_path / "twice.pcap", "--dedupe", "--format", "csv")
    assert len(done.out.splitlines()) == made.PACKETS + 1
    assert f"{made.PACKETS} repeated packets left out" in done.err


def test_summary_counts_packets_per_protocol(cli: Cli, small: Path) -> None:
    facts = summary(cli, small)
    assert sum(named(facts["protocols"]).values()) == facts["total"]["packets"] == made.PACKETS


def test_time_features_are_there_on_request(cli: Cli, tmp_path: Path) -> None:
    midnight = 1_710_028_800  # 2024-03-10, a Sunday
    hours = [0, 6, 12, 18]
    frame = udp(CLIENT, 1, SERVER, 2)
    write_pcap(tmp_path / "day.pcap", [(midnight + 3600 * hour + 61, frame) for hour in hours])
    rows = table(cli, "packets", tmp_path / "day.pcap", "--columns", "minute,hour,weekday,part_of_day")
    assert [row["hour"] for row in rows] == hours
    assert {(row["minute"], row["weekday"]) for row in rows} == {(1, 7)}
    assert [row["part_of_day"] for row in rows] == ["Night", "Morning", "Afternoon", "Evening"]


PRIVATE = ["10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fd00::1"]
PUBLIC = ["172.15.255.255", "172.32.0.1", "192.169.0.1", "203.0.113.5", "2001:db9::1"]


@pytest.mark.parametrize("address", PRIVATE + PUBLIC)
def test_private_and_public_follow_the_standard_ranges(tmp_path: Path, address: str) -> None:
    other = "8.8.8.8" if "." in address else "2620:fe::fe"
    write_pcap(
        tmp_path / "a.pcap", [(START, udp(address, 1, other, 2)), (START + 1, udp(other, 2, address, 1))]
    )
    rows = oddwire.read(tmp_path / "a.pcap").packets(columns=["src_private", "dst_private"]).rows()
    private = address in PRIVATE
    assert rows == [(private, False), (False, private)]


def test_a_pair_id_is_the_same_both_ways(small: Path) -> None:
    packets = oddwire.read(small).packets(columns=["src_ip", "dst_ip", "pair_id"])
    hosts: dict[str, set[str]] = {}
    for src, dst, pair in packets.iter_rows():
        hosts.setdefault(pair, set()).update((src, dst))
    assert {len(ends) for ends in hosts.values()} == {2}
    assert packets["pair_id"][0] == packets["pair_id"][1]


def test_pairs_have_packet_count_and_mean_size(cli: Cli, small: Path) -> None:
    rows = table(cli, "packets", small, "--columns", "src_ip,pair_id,pair_packets,pair_length_mean")
    web = [row for row in rows if row["src_ip"] == SERVER]
    assert {row["pair_packets"] for row in web} == {12}
    assert web[0]["pair_length_mean"] == pytest.approx((824 + 3324) / 12)


def test_addresses_and_protocols_are_typed_columns(cli: Cli, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "packets.parquet"
    assert cli("packets", small, "--format", "parquet", "-o", out).code == 0
    schema = pl.read_parquet(out).schema
    expected = {"src_ip": pl.String, "transport": pl.String, "protocol": pl.UInt8, "src_port": pl.UInt16}
    assert {name: schema[name] for name in expected} == expected


def test_packets_are_filtered_by_protocol(cli: Cli, small: Path) -> None:
    for transport, count in (("tcp", made.TCP), ("udp", made.UDP), ("icmp", 2)):
        assert len(table(cli, "packets", small, "--filter", f"transport == '{transport}'")) == count


def test_packet_metadata_is_extracted(small: Path) -> None:
    columns = ["src_mac", "dst_mac", "ttl", "payload_length", "icmp_type", "link"]
    row = oddwire.read(small).packets(columns=columns).row(14)
    assert row == ("02:00:c0:a8:01:0a", "02:00:c0:a8:01:fe", 64, 32, 8, "ethernet")


def test_summary_gathers_the_metadata(cli: Cli, small: Path) -> None:
    facts = summary(cli, small)
    assert facts["total"] == {"packets": 19, "bytes": 75 + 91 + 824 + 3324 + 74 + 74 + 60 + 65 + 68}
    assert facts["hosts"] == 6
    assert named(facts["services"]) == {"https": 12, "dns": 4}


def test_summary_gives_length_statistics(cli: Cli, small: Path) -> None:
    facts = summary(cli, small)
    assert facts["lengths"]["mean"] == pytest.approx(facts["total"]["bytes"] / 19)
    assert sum(step["packets"] for step in facts["length_histogram"]) == 19
    assert "quartiles" in cli("summary", small).out


def test_tables_are_stored_as_csv(cli: Cli, small: Path, tmp_path: Path) -> None:
    for name in TABLES:
        out = tmp_path / f"{name}.csv"
        assert cli(name, small, "--format", "csv", "-o", out).code == 0
        header = out.read_text().splitlines()[0].split(",")
        assert header == [column["name"] for column in columns_of(name) if column["shown"]]


def test_tables_are_stored_as_sqlite(cli: Cli, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.sqlite"
    for name in TABLES:
        assert cli(name, small, "--format", "sqlite", "-o", out).code == 0
    with closing(sqlite3.connect(out)) as base:
        assert base.execute("SELECT count(*) FROM packets").fetchall() == [(made.PACKETS,)]
        assert base.execute("SELECT src_port FROM packets WHERE app = 'arp'").fetchall() == [(None,)]
        assert base.execute("SELECT count(*) FROM flows").fetchall() == [(4,)]
        assert base.execute("SELECT strftime('%H:%M', min(time)) FROM packets").fetchall() == [("09:20",)]


def test_packet_rows_carry_the_basic_columns() -> None:
    basic = ["number", "time", "length", "src_ip", "dst_ip", "transport", "src_port", "dst_port"]
    shown = [column["name"] for column in columns_of("packets") if column["shown"]]
    assert [name for name in shown if name in basic] == basic


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_formats_are_told_by_magic_number(cli: Cli, tmp_path: Path, order: str, *, nanoseconds: bool) -> None:
    data = pcap_bytes(made.small_packets(), order=order, nanoseconds=nanoseconds)
    (tmp_path / "plain.txt").write_bytes(data)
    (tmp_path / "packed.txt").write_bytes(gzip.compress(data))
    for name in ("plain.txt", "packed.txt"):
        assert summary(cli, tmp_path / name)["total"]["packets"] == made.PACKETS


def test_csv_is_safe_in_a_spreadsheet(tmp_path: Path) -> None:
    from oddwire import native

    frame = pl.DataFrame({"name": ["=1+1", "+1", "-1", "@x", "plain", 'a,"b"\nc'], "n": [-1, 2, 3, 4, 5, 6]})
    native.write_stream(frame, tmp_path / "guarded.csv", "csv")
    rows = as_csv((tmp_path / "guarded.csv").read_text())
    assert [row["name"] for row in rows] == ["'=1+1", "'+1", "'-1", "'@x", "plain", 'a,"b"\nc']
    assert rows[0]["n"] == "-1"


def test_json_has_a_record_a_packet(cli: Cli, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "export.json"
    assert cli("packets", small, "--format", "json", "-o", out).code == 0
    rows = json.loads(out.read_text())
    assert [row["number"] for row in rows] == list(range(1, made.PACKETS + 1))


def test_tables_have_types_and_meanings(cli: Cli, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "packets.parquet"
    assert cli("packets", small, "--format", "parquet", "-o", out).code == 0
    columns = columns_of("packets")
    assert pl.read_parquet(out).columns == [column["name"] for column in columns if column["shown"]]
    assert all(
        column["type"] and column["meaning"].endswith(".") for name in TABLES for column in columns_of(name)
    )


def test_several_captures_are_read_in_time_order(cli: Cli, tmp_path: Path) -> None:
    frame = udp(CLIENT, 1, SERVER, 2)
    folder = tmp_path / "more"
    folder.mkdir()
    write_pcap(tmp_path / "late.pcap", [(START + 20, frame)])
    write_pcap(tmp_path / "early.pcap", [(START, frame)])
    write_pcap(folder / "middle.pcap", [(START + 10, frame)])
    inputs = [tmp_path / "late.pcap", folder, tmp_path / "early.pcap"]
    times = [row["time"] for row in table(cli, "packets", *inputs)]
    assert [time[17:19] for time in times] == ["00", "10", "20"]
    flows = table(cli, "flows", *inputs)
    assert [flow["packets"] for flow in flows] == [3]


def test_phase_exploration(cli: Cli, small: Path) -> None:
    shown = cli("summary", small).out
    for heading in ("Quality", "Protocol", "Top sources by packets", "Volume over time", "Packet length"):
        assert heading in shown


def test_phase_parsing(cli: Cli, small: Path) -> None:
    assert len(table(cli, "packets", small)) == made.PACKETS


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_phase_exporting(cli: Cli, small: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"flows.{ending}"
    assert cli("flows", small, "-o", out).code == 0
    counts = {
        "csv": lambda: len(as_csv(out.read_text())),
        "json": lambda: len(json.loads(out.read_text())),
        "parquet": lambda: pl.read_parquet(out).height,
    }
    assert counts[ending]() == 4
