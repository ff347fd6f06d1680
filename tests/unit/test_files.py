"""Captures in Python: frames, streams, pandas, any Arrow consumer."""

from pathlib import Path

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import oddwire
from oddwire import native
from oddwire.errors import CaptureNotFound, FilterError, UsageError
from tests.unit import made

METHODS = ["packets", "flows", "slices", "pairs"]


@pytest.mark.parametrize("table", METHODS)
def test_a_table_is_a_polars_frame(small: Path, table: str) -> None:
    frame = getattr(oddwire.read(small), table)()
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == [column["name"] for column in native.columns(table) if column["shown"]]


def test_flows_become_pandas(small: Path) -> None:
    frame = oddwire.read(small).flows().to_pandas()
    assert frame["bytes_out"].sum() == 75 + 824 + 74 + 65


def test_any_arrow_consumer_takes_a_stream(small: Path) -> None:
    table = pa.table(oddwire.read(small).stream("packets"))
    assert table.num_rows == made.PACKETS
    assert table.schema.field("time").type == pa.timestamp("ns", "UTC")


def test_a_stream_has_one_reader(small: Path) -> None:
    stream = oddwire.read(small).stream("packets")
    pl.DataFrame(stream)
    with pytest.raises(Exception, match=r"(?i)taken|read|one"):
        pl.DataFrame(stream)


def test_columns_filter_and_limit(small: Path) -> None:
    frame = oddwire.read(small).packets(columns=["number"], filter="transport == tcp", limit=2)
    assert frame["number"].to_list() == [3, 4]


def test_several_inputs_and_options(small: Path, tmp_path: Path) -> None:
    made.small_capture(tmp_path / "twice.pcap")
    capture = oddwire.read(small, tmp_path / "twice.pcap", dedupe=True, threads=2, window_s=5)
    assert capture.packets().height == made.PACKETS
    assert capture.window_ns == 5_000_000_000


def test_a_wrong_option_is_a_type_error(small: Path) -> None:
    with pytest.raises(TypeError, match="nope"):
        oddwire.read(small, nope=1)


def test_errors_are_of_our_own_tree(small: Path, tmp_path: Path) -> None:
    with pytest.raises(CaptureNotFound):
        oddwire.read(tmp_path / "nowhere.pcap").flows()
    with pytest.raises(FileNotFoundError):
        oddwire.read(tmp_path / "nowhere.pcap").summary()
    with pytest.raises(CaptureNotFound):
        oddwire.read(tmp_path / "nowhere.pcap").profiles()
    with pytest.raises(FilterError, match="did you mean 'dst_port'"):
        oddwire.read(small).flows(filter="dstport == 1")
    with pytest.raises(UsageError):
        oddwire.read(small).stream("nope")


def test_a_table_is_written_by_its_ending(small: Path, tmp_path: Path) -> None:
    stats = oddwire.read(small).write("flows", tmp_path / "flows.parquet")
    assert stats["rows"] == pl.read_parquet(tmp_path / "flows.parquet").height == 4


def test_profiles_take_columns_and_limit_and_are_written(small: Path, tmp_path: Path) -> None:
    capture = oddwire.read(small)
    assert capture.profiles(columns=["packets", "src_ip"], limit=1).rows() == [(1, "192.168.1.1")]
    assert capture.profiles(columns=["all"]).width == capture.profiles().width
    stats = capture.write("profiles", tmp_path / "p.parquet", shape=native.Shape(columns=["src_ip"]))
    assert pl.read_parquet(tmp_path / "p.parquet").shape == (stats["rows"], 1)
    with pytest.raises(UsageError, match="see `oddwire columns profiles`"):
        capture.profiles(columns=["zzz"])


def test_a_summary_in_python(small: Path) -> None:
    figures, seen = oddwire.read(small).summary(top=2)
    assert figures["total"]["packets"] == seen["packets"] == made.PACKETS
    assert len(figures["sources_by_bytes"]) == 2


def test_slices_come_piece_by_piece_with_what_was_seen(small: Path) -> None:
    run = oddwire.read(small).slice_run()
    assert sum(frame.height for frame in run) == 4
    assert run.stats()["packets"] == made.PACKETS


def test_nothing_is_read_before_it_is_asked_for() -> None:
    capture = oddwire.read("nowhere.pcap").with_bpf("tcp")
    assert capture.options.bpf == "tcp"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nope"):
        _ = oddwire.nope
    assert dir(oddwire) == sorted(oddwire.__all__)
