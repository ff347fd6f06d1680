"""Amounts in the words of people: durations, sizes and times, read and written."""

import re
from datetime import UTC, datetime

from oddwire.errors import UsageError

__all__ = [
    "bytes_text",
    "count_text",
    "duration_text",
    "one_line",
    "parse_duration_ns",
    "parse_size",
    "parse_time_ns",
    "time_text",
]

NS = 1_000_000_000
DURATIONS_NS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": NS,
    "m": 60 * NS,
    "min": 60 * NS,
    "h": 3_600 * NS,
    "d": 86_400 * NS,
}
SIZES: dict[str, int] = {"": 1, "b": 1} | {
    f"{prefix}{ending}": base**power
    for power, prefix in enumerate("kmgt", start=1)
    for ending, base in (("", 1024), ("b", 1000), ("ib", 1024))
}
AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", re.ASCII)


def parse_duration_ns(text: str) -> int:
    """Return a duration such as `60s`, `5m`, `1.5h` or `500ms` in nanoseconds; a bare number is seconds.

    >>> parse_duration_ns("1.5h") // 1_000_000_000
    5400
    """
    match = AMOUNT.fullmatch(text)
    factor = DURATIONS_NS.get(match[2].lower() or "s") if match else None
    if match is None or factor is None:
        raise UsageError(f"'{text}' is no duration", hint="write it as 60s, 5m, 1h or 500ms")
    return round(float(match[1]) * factor)


def parse_size(text: str) -> int:
    """Return a size such as `512MiB`, `1G` or `2000000` in bytes; K, M, G and T are binary.

    >>> parse_size("1GiB") == parse_size("1g") == 2**30
    True
    """
    match = AMOUNT.fullmatch(text)
    factor = SIZES.get(match[2].lower()) if match else None
    if match is None or factor is None:
        raise UsageError(f"'{text}' is no size", hint="write it as 512MiB, 1GiB or a number of bytes")
    return round(float(match[1]) * factor)


def parse_time_ns(text: str) -> int:
    """Return an ISO 8601 time in nanoseconds since the epoch; UTC where no offset is given.

    >>> parse_time_ns("1970-01-01T00:00:01.5")
    1500000000
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        message = f"'{text}' is no time"
        raise UsageError(message, hint="write it as 2024-03-10T09:30:00, in UTC or with an offset") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    whole = int(time.replace(microsecond=0).timestamp())
    return whole * NS + time.microsecond * 1_000


def time_text(time_ns: int) -> str:
    """Return a time as `2024-03-10 09:30:20.741000` in UTC, with nine digits where six lose something."""
    seconds, nanoseconds = divmod(time_ns, NS)
    try:
        whole = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s after 1970"
    fraction = f"{nanoseconds:09d}" if nanoseconds % 1_000 else f"{nanoseconds // 1_000:06d}"
    return f"{whole:%Y-%m-%d %H:%M:%S}.{fraction}"


def duration_text(duration_ns: int) -> str:
    """Return a duration as a person says it: `1 h 31 min`, `14 s`, `250 ms`.

    >>> duration_text(5_460_000_000_000)
    '1 h 31 min'
    """
    seconds = duration_ns / NS
    for name, length, below, part in (
        ("d", 86_400, "h", 3_600),
        ("h", 3_600, "min", 60),
        ("min", 60, "s", 1),
    ):
        if seconds >= length:
            whole, rest = divmod(int(seconds), length)
            return f"{whole} {name} {rest // part} {below}" if rest // part else f"{whole} {name}"
    for name, length_ns in (("s", NS), ("ms", 1_000_000), ("us", 1_000)):
        # What three digits would round up to a thousand is one of the next unit.
        if duration_ns >= 0.9995 * length_ns:
            return f"{duration_ns / length_ns:.3g} {name}"
    return f"{duration_ns} ns" if duration_ns else "0 s"


def bytes_text(size: float) -> str:
    """Return a size in binary units: `1.5 MiB`.

    >>> bytes_text(1536)
    '1.5 KiB'
    """
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024:  # noqa: PLR2004  # the step from unit to unit
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def count_text(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 packet`, `35,067 packets`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def one_line(text: str) -> str:
    """Return text without what a terminal or a page would act on: a capture's strings are not trusted."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
