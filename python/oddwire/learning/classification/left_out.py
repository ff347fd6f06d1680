"""Which columns tell where and when a row was recorded, or give the answer away, and not what happened.

A model that may look at an address learns who the attacker of the recording was. Such columns are left out by
their names and values, each with its reason in words, and only what the user keeps on purpose is used.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

__all__ = ["PORT", "as_numbers", "is_port", "normalised", "why_left_out"]

ADDRESS, MAC, TIME = "addresses", "hardware addresses", "points in time"
NUMBERED, NAME, FILE = "identifiers and row numbers", "names of hosts and users", "file names"
PLACE, TTL, ANSWER = "where it was recorded", "time to live", "other labels and verdicts"
CONSTANT, TEXT, NESTED = "one value in every row", "text that differs from row to row", "lists and bytes"

# By names, in small letters with one underscore between the words; the first that fits is the reason.
BY_NAME: tuple[tuple[str, str], ...] = (
    (ADDRESS, r"(?!unique_|count_|n_|num_)(.*_)?(ip|ipv[46]|([sd]|src|dst)?(addr|address)|host)"),
    (ADDRESS, r"(src|dst)ip|(.*_)?(orig|resp)_h"),
    (MAC, r"(.*_)?(mac|smac|dmac|oui|eth_src|eth_dst)"),
    (TIME, r"(flow_|first_|last_|frame_)?(time|timestamp|ts|date|datetime|start|end|seen|window)(_[num]?s)?"),
    (TIME, r"(s|l|start_?|end_?|flow_start_?|flow_end_?)time(stamp)?|(flow_)?(start|end)_(milli)?seconds"),
    (NUMBERED, r"(.*_)?(id|uid|uuid|guid)|pk_?seq_?id|index|row|(frame_)?number|unnamed.*"),
    (NUMBERED, r"(first|last)_packet"),
    (NAME, r"(.*_)?(sni|hostname|host_name|server_name|domain|query|url|uri|user_agent|user|username)"),
    (FILE, r"(.*_)?(file|filename|file_name|path|pcap|capture|input)"),
    (PLACE, r"vlan(_id)?|tunnel|interface|sensor|probe"),
    (TTL, r"(.*_)?([sd]?ttl|hop_limit)(_.*)?"),
    (ANSWER, r"(.*_)?(labels?|class|classes|(sub)?category|ground_truth|target|predicted|prediction)"),
    (ANSWER, r"(is_)?(attack|malicious|malware|anomaly|benign)(_(cat|type|name|label|flag|score))?"),
)  # fmt: skip
PORT = re.compile(r"(.*_)?(port|sport|dport|dsport|orig_p|resp_p)")
HARDWARE = re.compile(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d.*)?|\d{1,2}/\d{1,2}/\d{2,4}( \d{1,2}:\d\d.*)?")
# Values looked at to tell what a column of text holds.
LOOKED_AT = 1_000
# So much of a name is looked at.
LONGEST_NAME = 200
# A column of text is no category when more than this share of many rows have a value of their own.
OWN_VALUES, MANY = 0.5, 50
# A column of text is one of numbers when all but this share of it are numbers.
NO_NUMBERS = 0.01


def normalised(name: str) -> str:
    """Return a column's name in small letters with one underscore between its words.

    >>> normalised(" Source IP"), normalised("pkSeqID"), normalised("id.orig_h")
    ('source_ip', 'pk_seq_id', 'id_orig_h')
    """
    parted = re.sub(r"([a-z])([A-Z])", r"\1_\2", name[:LONGEST_NAME])
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def is_port(name: str) -> bool:
    """Say whether a column holds port numbers, by its name."""
    return PORT.fullmatch(normalised(name)) is not None


def why_left_out(column: "pl.Series") -> str | None:
    """Return why a column is not learned from, or None."""
    by_name = _by_name(column.name)
    return by_name if by_name is not None else _by_values(column)


def as_numbers(column: "pl.Series") -> "pl.Series | None":
    """Return text as numbers where it is text only because of a few cells such as `Infinity` or `-`."""
    import polars as pl

    numbers = column.str.strip_chars().cast(pl.Float64, strict=False)
    lost = numbers.null_count() - column.null_count()
    there = len(column) - column.null_count()
    return numbers if there and lost <= NO_NUMBERS * there else None


def _by_name(name: str) -> str | None:
    words = normalised(name)
    return next((reason for reason, pattern in BY_NAME if re.fullmatch(pattern, words)), None)


def _by_values(column: "pl.Series") -> str | None:
    import polars as pl

    kind = column.dtype
    if kind.is_nested() or kind in {pl.Binary, pl.Object}:
        return NESTED
    if kind.is_temporal() and kind != pl.Duration:
        return TIME
    values = column.drop_nulls()
    if values.n_unique() <= 1:
        return CONSTANT
    if kind.is_integer():
        return NUMBERED if _counts_rows(column) else None
    return _by_text(values) if kind == pl.String else None


def _counts_rows(column: "pl.Series") -> bool:
    """Say whether each value is one more than the value before it."""
    import polars as pl

    if len(column) < MANY or column.null_count():
        return False
    return bool((column.cast(pl.Int64, strict=False).diff().drop_nulls() == 1).all())


def _by_text(values: "pl.Series") -> str | None:
    """Return why text is not learned from: what it holds, or that it says nothing of other rows."""
    some = values.unique(maintain_order=True).head(LOOKED_AT).to_list()
    kinds: tuple[tuple[str, Callable[[str], object]], ...] = (
        (ADDRESS, _is_address),
        (MAC, partial(re.fullmatch, HARDWARE)),
        (TIME, partial(re.fullmatch, MOMENT)),
    )
    for reason, is_one in kinds:
        if _all_are(some, is_one):
            return reason
    if as_numbers(values) is not None or len(values) < MANY:
        return None
    return TEXT if values.n_unique() > OWN_VALUES * len(values) else None


def _all_are(texts: Sequence[str], is_one: Callable[[str], object]) -> bool:
    return all(is_one(text.strip()) for text in texts)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
