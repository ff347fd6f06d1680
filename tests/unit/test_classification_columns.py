import json
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from oddwire import native
from oddwire.errors import UsageError
from oddwire.learning.classification.left_out import (
    ADDRESS,
    ANSWER,
    CONSTANT,
    FILE,
    MAC,
    NAME,
    NUMBERED,
    PLACE,
    TEXT,
    TIME,
    TTL,
    is_port,
    why_left_out,
)
from oddwire.learning.classification.preparation import VOCABULARY, Encoding, Holds, Preparation
from tests.unit.labelled import table

NUMBERS = [3.0, 1.5, 9.0]
NAMES = {
    ADDRESS: ["src_ip", "Destination IP", "srcip", "saddr", "IPV4_SRC_ADDR", "id.orig_h", "host"],
    MAC: ["src_mac", "smac"],
    TIME: ["start", "Timestamp", "ts", "Stime", "window", "FLOW_START_MILLISECONDS", "start_ns"],
    NUMBERED: ["Flow ID", "uid", "community_id", "pkSeqID", "index", "first_packet", "unnamed: 0"],
    NAME: ["sni", "hostname", "user_agent"],
    FILE: ["input", "file_name", "pcap"],
    PLACE: ["vlan", "tunnel"],
    TTL: ["ttl_min_out", "sttl", "ct_state_ttl", "MIN_TTL"],
    ANSWER: ["attack_cat", "Attack", "class", "sub_category", "is_malicious", "anomaly_flag"],
    None: ["ip_version", "unique_dst_ips", "duration_ns", "gap_mean_out", "window_first_out", "idle_periods",
           "dst_host_count", "is_sm_ips_ports", "Flow Duration", "length_std", "n_dst_ip", "Idle Mean"],
}  # fmt: skip


@pytest.mark.parametrize(("why", "name"), [(why, name) for why, names in NAMES.items() for name in names])
def test_a_name_decides_whether_a_column_is_learned_from(why: str | None, name: str) -> None:
    assert why_left_out(pl.Series(name, NUMBERS)) == why


@pytest.mark.parametrize(
    ("why", "values"),
    [
        (ADDRESS, ["10.0.0.1", "2001:db8::1"]),
        (MAC, ["00:0c:29:87:b6:45", "00-0C-29-87-B6-46"]),
        (TIME, ["2024-03-10 09:20:00", "2024-03-10T09:21:00Z"]),
        (TIME, ["7/7/2017 3:30", "7/7/2017 3:31"]),
        (TIME, [datetime(2024, 3, 10, tzinfo=UTC), datetime(2024, 3, 11, tzinfo=UTC)]),
        (CONSTANT, [7, 7, 7]),
        (CONSTANT, [None, None]),
        (NUMBERED, list(range(100, 200))),
        (TEXT, [f"request {at}" for at in range(60)]),
        (None, [f"1.{at}" for at in range(60)]),
        (None, ["tcp", "udp"] * 40),
        (None, [1, 2, 4, 8]),
    ],
)
def test_values_decide_where_a_name_says_nothing(why: str | None, values: list[object]) -> None:
    assert why_left_out(pl.Series("x", values)) == why


def test_our_own_flows_are_learned_from_by_what_they_did() -> None:
    names = [column["name"] for column in native.columns("flows")]
    left_out = {name for name in names if why_left_out(pl.Series(name, NUMBERS)) is not None}
    assert {"src_ip", "dst_ip", "src_mac", "dst_mac", "start", "end", "flow_id", "sni"} <= left_out
    assert {"community_id", "vlan", "tunnel", "input", "first_packet", "last_packet"} <= left_out
    assert {name for name in names if "ttl" in name} <= left_out
    assert not left_out & {
        "duration_ns",
        "packets",
        "bytes_out",
        "entropy_in",
        "gap_mean_in",
        "dst_port",
        "state",
    }
    assert [name for name in names if is_port(name)] == ["src_port", "dst_port"]


def test_every_column_left_out_has_a_reason_and_can_be_kept() -> None:
    rows = table().drop("label")
    learned = Preparation.learned(rows)
    assert learned.left_out == {
        TIME: ("start",), ADDRESS: ("src_ip",), NUMBERED: ("flow_id",), TTL: ("ttl_min",)
    }  # fmt: skip
    kept = Preparation.learned(rows, keep=["ttl_min", "src_ip"], drop=["gap"])
    assert {"ttl_min", "src_ip"} <= {column.name for column in kept.columns}
    assert kept.left_out["as asked"] == ("gap",)
    with pytest.raises(UsageError, match="no column named 'gone'"):
        Preparation.learned(rows, keep=["gone"])


def test_ports_become_classes_and_a_kept_port_a_number() -> None:
    rows = pl.DataFrame({"dst_port": [22, 22, 8_080, 49_151, 49_152, 65_535, None]})
    learned = Preparation.learned(rows)
    assert learned.columns[0].holds is Holds.PORT
    assert learned.columns[0].values == ("22", "ephemeral", "registered")
    other = pl.DataFrame({"dst_port": [23, 5_000, None]})
    assert learned.matrix(other).tolist() == [[0, 0, 0, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1]]
    kept = Preparation.learned(rows, keep=["dst_port"])
    assert kept.columns[0].holds is Holds.NUMBER


def test_missing_and_infinite_numbers_take_the_middle_and_are_marked() -> None:
    rows = pl.DataFrame({"x": [1.0, 2.0, None, 30.0, float("inf"), float("nan")], "y": [1, 2, 3, 4, 5, 7]})
    learned = Preparation.learned(rows)
    assert learned.features == ["x", "x missing", "y"]
    assert learned.matrix(rows)[:, :2].tolist() == [[1, 0], [2, 0], [2, 1], [30, 0], [2, 1], [2, 1]]
    late = pl.DataFrame({"x": [1e300, -1e300], "y": [None, 1]})
    assert np.isfinite(learned.matrix(late)).all()


def test_numbers_written_as_text_are_numbers() -> None:
    rows = pl.DataFrame({"rate": ["1.5", " 2 ", "Infinity", "NaN"] + ["3"] * 300})
    learned = Preparation.learned(rows)
    assert learned.columns[0].holds is Holds.NUMBER
    assert learned.matrix(rows)[:4].tolist() == [[1.5, 0], [2, 0], [3, 1], [3, 1]]
    assert learned.matrix(pl.DataFrame({"rate": ["no number"]})).tolist() == [[3, 1]]


def test_a_vocabulary_is_bounded_and_new_values_are_others() -> None:
    values = [f"value {at}" for at in range(2 * VOCABULARY)] * 3 + ["often"] * 4
    learned = Preparation.learned(pl.DataFrame({"word": values}))
    assert len(learned.columns[0].values) == VOCABULARY
    assert learned.columns[0].values[0] == "often"
    [row] = learned.matrix(pl.DataFrame({"word": ["never seen"]})).tolist()
    assert row.index(1) == VOCABULARY
    ranks = Preparation.learned(pl.DataFrame({"word": values}), encoding=Encoding.ORDINAL)
    seen = pl.DataFrame({"word": ["often", "never seen", None]})
    assert ranks.matrix(seen).tolist() == [[0], [VOCABULARY], [VOCABULARY + 1]]


def test_what_was_learned_survives_being_written() -> None:
    rows = table().drop("label")
    learned = Preparation.learned(rows)
    again = Preparation.of(json.loads(json.dumps(learned.to_dict())))
    assert again == learned
    assert again.matrix(rows).tobytes() == learned.matrix(rows).tobytes()


def test_a_table_that_lacks_a_column_is_refused_by_its_name() -> None:
    learned = Preparation.learned(table().drop("label"))
    with pytest.raises(UsageError, match="the table has no bytes"):
        learned.matrix(table().drop("bytes"))


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(UsageError, match="no column is left"):
        Preparation.learned(table().select("src_ip", "start"))
