import pytest

from oddwire.errors import UsageError
from oddwire.records.units import (
    bytes_text,
    count_text,
    duration_text,
    one_line,
    parse_duration_ns,
    parse_size,
    parse_time_ns,
    time_text,
)

NS = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("60s", 60 * NS),
        ("60", 60 * NS),
        ("5m", 300 * NS),
        ("5min", 300 * NS),
        ("1.5h", 5_400 * NS),
        ("2d", 172_800 * NS),
        ("500ms", NS // 2),
        ("7us", 7_000),
        ("9ns", 9),
        (" 1 S ", NS),
    ],
)
def test_durations_are_read(text: str, ns: int) -> None:
    assert parse_duration_ns(text) == ns


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("2000000", 2_000_000),
        ("1KiB", 1024),
        ("1kb", 1000),
        ("1k", 1024),
        ("512MiB", 512 * 2**20),
        ("1GiB", 2**30),
        ("1.5g", 3 * 2**29),
        ("1T", 2**40),
    ],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "s", "-5s", "1x", "1 2s", "1e3s", "٣s"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="no duration; write it as 60s"):
        parse_duration_ns(text)


@pytest.mark.parametrize("text", ["", "MiB", "-1", "1 XB", "1..5G"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="no size; write it as 512MiB"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01T00:00:01.5", 1_500_000_000),
        ("1970-01-01", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00Z", 0),
        ("2024-03-10 09:30", 1_710_063_000 * NS),
        ("1969-12-31T23:59:59.25", -750_000_000),
    ],
)
def test_times_are_read(text: str, ns: int) -> None:
    assert parse_time_ns(text) == ns


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "09:30"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no time"):
        parse_time_ns(text)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "1970-01-01 00:00:00.000000"),
        (1_710_063_020_741_000_000, "2024-03-10 09:30:20.741000"),
        (1, "1970-01-01 00:00:00.000000001"),
        (-1_000, "1969-12-31 23:59:59.999999"),
    ],
)
def test_times_are_said(ns: int, text: str) -> None:
    assert time_text(ns) == text


def test_a_time_beyond_the_calendar_is_said_in_seconds() -> None:
    assert time_text(2**63 * 1_000) == f"{2**63 * 1_000 // NS} s after 1970"


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 s"),
        (250_000_000, "250 ms"),
        (14_250_000, "14.2 ms"),
        (1_500, "1.5 us"),
        (7, "7 ns"),
        (1_019_000_000, "1.02 s"),
        (14 * NS, "14 s"),
        (60 * NS, "1 min"),
        (575 * NS, "9 min 35 s"),
        (5_460 * NS, "1 h 31 min"),
        (90_000 * NS, "1 d 1 h"),
    ],
)
def test_durations_are_said_as_a_person_does(ns: int, text: str) -> None:
    assert duration_text(ns) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KiB"),
        (3 * 2**20, "3.0 MiB"),
        (2**30, "1.0 GiB"),
        (5 * 2**40, "5.0 TiB"),
    ],
)
def test_sizes_are_said_in_binary_units(size: int, text: str) -> None:
    assert bytes_text(size) == text


def test_counts_have_separators_and_the_right_noun() -> None:
    assert count_text(1, "packet") == "1 packet"
    assert count_text(35_067, "packet") == "35,067 packets"
    assert count_text(2, "query", "queries") == "2 queries"


@pytest.mark.parametrize("text", ["a\nb", "\x1b[31m", "\u202egnp", "\x07", "\u2028", "\x9b2J", "\udc80"])
def test_control_characters_are_escaped(text: str) -> None:
    assert one_line(text).isprintable()


def test_letters_stay_as_they_are() -> None:
    assert one_line("naïve 名前 <b>") == "naïve 名前 <b>"
