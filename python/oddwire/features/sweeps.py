"""Contacts of one host with many others at the same door: by port, or by ping."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire.base.window import Window
from oddwire.features.tries import (
    FIRST_EPHEMERAL,
    OPEN,
    SERVICE_PORTS,
    SILENT,
    SPOKEN,
    TCP,
    TRIES_NEED,
    UDP,
    tries,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "CONTACTS_NEED",
    "DOORS_MATTER_FROM",
    "PING",
    "Contacts",
    "Known",
    "contacts",
    "is_group",
    "neighbours",
    "stretch",
]

CONTACTS_NEED = TRIES_NEED
ICMP, ICMP6 = 1, 58
# Questions that any host answers: echo, timestamp, information and mask; of IPv6 only echo.
ASKING, ASKING6 = (8, 13, 15, 17), 128
PING = 0
# Sources and doors that are looked at in one tick; a flood from forged addresses makes a million.
MOST_GROUPS = 4_000
# Hosts of one source and door that are looked at in one tick; more make no difference.
MOST_HOSTS = 16_384
# Where a port is none at which services are looked for, a lone failure in a tick is a dead peer's.
LEAST_AT_ODD_PORTS = 2
# From so many hosts on it matters who else was spoken to.
DOORS_MATTER_FROM = 10
IPV6_HOST_DIGITS = 4


# A touch: when, of which host (empty for a group, which is no host), and how that went.
Touch: TypeAlias = tuple[int, str, str]
Pair: TypeAlias = tuple[int, int]
# How many hosts are known of a key, and which of them will still be known at the end of the window.
Known: TypeAlias = tuple[int, Collection[str]]
Place: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Contacts:
    """First contacts that failed or led to nothing, by `source|door`; a door is protocol + 256 * port.

    `few` is where little is known even so: the last touch of each host, in order. `many` has the others, by
    tick, key, what was touched, and how many hosts were spoken to.
    """

    few: Sequence[tuple[str, Touch]]
    many: Sequence[tuple[int, str, list[Touch], int]]


def contacts(window: Window, known: Callable[[str], Known], watched: Iterable[str]) -> Contacts:
    """Return the first contacts of a window.

    `known` says what is known of a key already: only where it comes to something and there are new hosts the
    ticks matter. Of the keys that are watched is told also how many hosts were spoken to.
    """
    mute = _mute(window)
    rows = mute.unique(["src", "door", "dst"], keep="last", maintain_order=True).rows()
    numbers = list({row[1] for row in rows}.union(row[3] for row in rows))
    names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
    hosts = {number: "" if is_group(name) else name for number, name in names.items()}
    touched: dict[Pair, list[tuple[Any, ...]]] = {}
    for row in rows:
        touched.setdefault(row[1:3], []).append(row)
    keys = {pair: f"{names[pair[0]]}|{pair[1]}" for pair in touched}
    hot = set()
    for pair, its in touched.items():
        count, before = known(keys[pair])
        if len(its) + count < DOORS_MATTER_FROM:
            continue
        if any(hosts[row[3]] not in before and hosts[row[3]] for row in its):
            hot.add(pair)
    heard = set(hot)
    for key in watched:
        source, _, door = key.rpartition("|")
        if (number := window.hosts.number(source)) is not None:
            keys[number, int(door)] = key
            heard.add((number, int(door)))
    return Contacts(
        few=[
            (keys[row[1:3]], (row[4], hosts[row[3]], f"{row[5]} {row[6]}"))
            for row in rows
            if row[1:3] not in hot
        ],
        many=_by_tick(mute, hot, _talked(window, heard) if heard else {}, keys, hosts),
    )


def _by_tick(
    mute: "pl.DataFrame",
    pairs: Collection[Pair],
    talked: Mapping[Place, int],
    keys: Mapping[Pair, str],
    hosts: Mapping[int, str],
) -> Sequence[tuple[int, str, list[Touch], int]]:
    """Return what some sources did at some doors tick by tick."""
    found: dict[Place, list[Touch]] = {}
    if pairs:
        for *place, host, time_ns, outcome, how in mute.join(
            _frame(pairs), on=["src", "door"], how="semi"
        ).rows():
            found.setdefault((place[0], place[1], place[2]), []).append(
                (time_ns, hosts[host], f"{outcome} {how}")
            )
    return [
        (place[0], keys[place[1:]], sorted(found.get(place, ())), talked.get(place, 0))
        for place in sorted({*found, *talked})
    ]


def _frame(pairs: Collection[Pair]) -> "pl.DataFrame":
    import polars as pl

    return pl.DataFrame(sorted(pairs), schema={"src": pl.UInt32, "door": pl.UInt32}, orient="row")


def _mute(window: Window) -> "pl.DataFrame":
    """Return the contacts that failed or led to nothing."""
    import polars as pl

    place = ["tick", "src", "door"]
    # What a DHCP server tells to its clients is no visit.
    leased = (pl.col("how") == "udp") & pl.col("dst_port").is_in([67, 68, 546, 547])
    failed = window.view(tries).filter((pl.col("outcome") != SPOKEN) & ~leased)
    mute = pl.concat([_pings(window), _doors(failed)])
    # What a lone failure at an odd port means is not known, and must not hang on the rest of the window.
    port = pl.col("door") // 256
    is_service = (port < FIRST_EPHEMERAL) | port.is_in(list(SERVICE_PORTS))
    odd = mute.filter(~is_service)
    several = odd.filter(pl.col("outcome") != OPEN).group_by(place).len()
    several = several.filter(pl.col("len") >= LEAST_AT_ODD_PORTS)
    mute = mute.filter(is_service)
    if len(several):
        mute = pl.concat([mute, odd.join(several, on=place, how="semi")])
    if len(mute) > MOST_HOSTS:
        mute = mute.filter(pl.int_range(pl.len()).over(place) < MOST_HOSTS)
    if len(mute) > MOST_GROUPS:
        # Whoever hides in a flood of invented senders touches more hosts than each of these.
        groups = mute.group_by(place).len().sort("len", *place, descending=[True, False, False, False])
        groups = groups.filter(pl.int_range(pl.len()).over("tick") < MOST_GROUPS).select(place)
        mute = mute.join(groups, on=place, how="semi")
    return mute.sort("last", "outcome", "how")


def _talked(window: Window, pairs: Collection[Pair]) -> dict[Place, int]:
    """Return how many hosts some sources spoke to at some doors in each tick."""
    import polars as pl

    wanted = _frame(pairs)
    is_wanted = (pl.col("outcome") == SPOKEN) & pl.col("src").is_in(wanted["src"].implode())
    rows = _doors(window.view(tries).filter(is_wanted)).join(wanted, on=["src", "door"], how="semi")
    counted = rows.group_by("tick", "src", "door").agg(pl.col("dst").n_unique())
    return {(tick, src, door): count for tick, src, door, count in counted.iter_rows()}


def _pings(window: Window) -> "pl.DataFrame":
    """Return the first slice of each exchange of pings."""
    import polars as pl

    asks = ((pl.col("protocol") == ICMP) & pl.col("icmp_type").is_in(list(ASKING))) | (
        (pl.col("protocol") == ICMP6) & (pl.col("icmp_type") == ASKING6)
    )
    first = window.talks.filter(pl.col("protocol").is_in([ICMP, ICMP6])).filter(
        asks & (pl.col("packets_out") > 0) & (pl.col("born") == pl.col("first"))
    )
    answer = pl.when(pl.col("packets_in") > 0).then(pl.lit(OPEN)).otherwise(pl.lit(SILENT))
    return first.select(
        "tick",
        "src",
        pl.lit(PING, dtype=pl.UInt32).alias("door"),
        "dst",
        "last",
        answer.alias("outcome"),
        pl.lit("ping").alias("how"),
    )


def _doors(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Return first contacts by TCP and UDP with their doors."""
    import polars as pl

    door = pl.col("dst_port").cast(pl.UInt32) * 256 + pl.col("protocol")
    return rows.filter((pl.col("dst_port") > 0) & pl.col("protocol").is_in([TCP, UDP])).select(
        "tick", "src", door.alias("door"), "dst", "last", "outcome", "how"
    )


@lru_cache(maxsize=16_384)
def is_group(address: str) -> bool:
    """Say whether an address is that of a group or of everybody."""
    if ":" in address:
        return address.startswith("ff")
    head = address.partition(".")[0]
    return (head.isdigit() and 224 <= int(head) <= 239) or address == "255.255.255.255"  # noqa: PLR2004  # class D


def neighbours(addresses: Iterable[str]) -> Mapping[str, int]:
    """Return how many addresses lie in each block of 256 (of IPv6: of 65,536)."""
    return Counter(_block(address) for address in addresses)


def _block(address: str) -> str:
    head, _, tail = address.rpartition(":" if ":" in address else ".")
    return head if ":" not in address or len(tail) <= IPV6_HOST_DIGITS else address


def stretch(addresses: Iterable[str], block: str) -> tuple[int, float, bool]:
    """Return how many addresses of a block there are, and what share of the stretch that they span.

    The last value says whether addresses are among them that no host has.
    """
    at = sorted(_place(address) for address in addresses if _block(address) == block)
    if not at:
        return 0, 0.0, False
    return len(at), len(at) / (at[-1] - at[0] + 1), at[0] == 0 or at[-1] == 255  # noqa: PLR2004  # its last one


def _place(address: str) -> int:
    return int(address.rpartition(":")[2] or "0", 16) if ":" in address else int(address.rpartition(".")[2])
