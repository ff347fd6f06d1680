"""Single claims of addresses, as ARP packets and other packets make them."""

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oddwire.base.window import Window, mac_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Claim", "Frame", "Told", "is_virtual", "told"]

NOBODY = (1 << 32) - 1
NO_CARD, EVERY_CARD = "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"
UNSET = frozenset({"0.0.0.0", "unnamed", "255.255.255.255"})  # noqa: S104  # not bound to, but left out
# ARP packets that are looked at in one tick; the rest of a storm tells nothing new.
MOST_ROWS = 2_000
# Shared addresses of routers (VRRP, CARP, HSRP, GLBP) and of load balancers wander between machines by
# design.
VIRTUAL = (
    "00:00:5e:00:01:",
    "00:00:5e:00:02:",
    "00:00:0c:07:ac:",
    "00:00:0c:9f:f",
    "00:05:73:a0:",
    "00:07:b4:00:",
    "02:bf:",
    "03:bf:",
    "01:00:5e:",
)
FRAMES = ("tick", "src", "dst", "vlans", "first", "last", "mac_out", "mac_in", "mac_also_out", "mac_also_in")
# vlan, address, card, whether it passed on what another card sent, first and last time
Frame = tuple[int, str, str, bool, int, int]


@dataclass(slots=True)
class Claim:
    """What a card did to claim an address."""

    first: int
    last: int
    requests: int = 0
    solicited: int = 0
    unsolicited: int = 0
    announced: int = 0
    # How often others spoke of the card as the address's.
    asserted: int = 0
    frames: int = 0
    relayed: int = 0
    # Frames that spoke of this card came from these.
    actors: dict[str, int] = field(default_factory=dict)
    victims: dict[str, str] = field(default_factory=dict)

    @property
    def spoken(self) -> int:
        """Return how many ARP packets claimed the address."""
        return self.requests + self.solicited + self.unsolicited + self.announced

    def merged(self, other: "Claim") -> "Claim":
        """Return both as one."""
        names = ("requests", "solicited", "unsolicited", "announced", "asserted", "frames", "relayed")
        actors = {
            name: self.actors.get(name, 0) + other.actors.get(name, 0)
            for name in {**self.actors, **other.actors}
        }
        return Claim(
            first=min(self.first, other.first),
            last=max(self.last, other.last),
            actors=actors,
            victims={**self.victims, **other.victims},
            **{name: getattr(self, name) + getattr(other, name) for name in names},
        )


@dataclass(frozen=True, slots=True)
class Told:
    """Equal ARP packets of one tick, with names."""

    tick: int
    vlan: int
    actor: str
    operation: int
    card: str
    sender: str
    target_card: str
    target: str
    packets: int
    first: int
    last: int


def is_virtual(card: str, address: str) -> bool:
    """Say whether a hardware address is one that wanders between machines by design."""
    if card.startswith(VIRTUAL):
        return True
    if not card.startswith("02:") or ":" in address or not 1 <= int(card[3:5], 16) <= 32:  # noqa: PLR2004
        return False
    # A load balancer of Windows puts its rank and the address into it.
    return card[6:] == ":".join(f"{int(part):02x}" for part in address.split("."))


def told(
    window: Window, doubtful: AbstractSet[str], known: Mapping[str, Collection[str]]
) -> Iterator[tuple[int, list[Told], list[Frame]]]:
    """Yield, tick by tick, what ARP told, and which cards sent packets with doubtful addresses.

    Doubtful may be those that are so already,
    and those that may become so by what is told now, given the cards known.
    """
    import polars as pl

    arp = window.arp
    if arp.is_empty() and not doubtful:
        return
    rows: dict[int, list[Told]] = {}
    few = arp.filter(
        pl.col("operation").is_in([1, 2]) & (pl.int_range(pl.len()).over("tick") < MOST_ROWS)
    ).select(
        "tick", "vlan", "frame_src", "operation", "sender_mac", "sender", "target_mac", "target", "packets",
        "first", "last",
    )  # fmt: skip
    numbers = list({*few["sender"].to_list(), *few["target"].to_list()})
    names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
    names = {number: "" if name in UNSET else name for number, name in names.items()}
    answered: set[int] = set()
    for (
        tick,
        vlan,
        actor,
        operation,
        card,
        sender,
        target_card,
        target,
        packets,
        first,
        last,
    ) in few.iter_rows():
        mine = mac_text(card) or ""
        theirs = mac_text(target_card) or ""
        if operation != 1 or mine not in known.get(f"{vlan}|{names[sender]}", (mine,)):
            answered.update((sender, target))
        rows.setdefault(tick, []).append(
            Told(
                tick=tick,
                vlan=vlan,
                actor=mac_text(actor) or mine,
                operation=operation,
                card=mine,
                sender=names[sender],
                target_card="" if theirs in {NO_CARD, EVERY_CARD} else theirs,
                target=names[target],
                packets=packets,
                first=first,
                last=last,
            )
        )
    for told_rows in rows.values():
        told_rows.sort(key=lambda row: (row.first, row.card, row.sender, row.target, row.operation))
    frames = _frames(window, answered | _several(few), doubtful)
    for tick in sorted({*rows, *frames}):
        yield tick, rows.get(tick, []), frames.get(tick, [])


def _several(arp: "pl.DataFrame") -> set[int]:
    """Return the addresses that ARP packets claim; those that requests alone claim twice are doubtful too."""
    import polars as pl

    cards = arp.group_by("sender").agg(pl.col("sender_mac").n_unique())
    return set(cards.filter(pl.col("sender_mac") > 1)["sender"].to_list())


def _frames(window: Window, numbers: AbstractSet[int], doubtful: AbstractSet[str]) -> dict[int, list[Frame]]:
    """Return from which cards packets with certain addresses came, tick by tick."""
    import polars as pl

    wanted = {number for number in numbers if number != NOBODY}
    if doubtful:
        addresses = {key.partition("|")[2] for key in doubtful}
        heads = window.talks.select(pl.concat([pl.col("src"), pl.col("dst")]).unique())["src"].to_list()
        wanted.update(
            number for number, name in zip(heads, window.hosts.names(heads), strict=True) if name in addresses
        )
    if not wanted:
        return {}
    sought = pl.Series(sorted(wanted), dtype=pl.UInt32).implode()
    seen = [pl.col(host).is_in(sought).alias(f"of_{host}") for host in ("src", "dst")]
    near = (
        window.talks.select(*FRAMES, *seen)
        .filter(
            (pl.col("of_src") & pl.any_horizontal(pl.col("mac_out", "mac_also_out").is_not_null()))
            | (pl.col("of_dst") & pl.any_horizontal(pl.col("mac_in", "mac_also_in").is_not_null()))
        )
        .with_columns((pl.col("vlans") % 65_536).alias("vlan"))
    )
    ways = [
        near.filter(pl.col(f"of_{host}") & pl.col(card).is_not_null()).select(
            "tick",
            "vlan",
            pl.col(host).alias("host"),
            pl.col(card).alias("card"),
            pl.lit(is_relay).alias("relay"),
            "first",
            "last",
        )
        for host, card, is_relay in (
            ("src", "mac_out", False),
            ("dst", "mac_in", False),
            ("src", "mac_also_out", True),
            ("dst", "mac_also_in", True),
        )
    ]
    found = (
        pl.concat(ways)
        .group_by("tick", "vlan", "host", "card", "relay")
        .agg(pl.col("first").min(), pl.col("last").max())
    )
    hosts = found["host"].unique().to_list()
    names = dict(zip(hosts, window.hosts.names(hosts), strict=True))
    frames: dict[int, list[Frame]] = {}
    for tick, vlan, host, card, relay, first, last in found.iter_rows():
        frames.setdefault(tick, []).append((vlan, names[host], mac_text(card) or "", relay, first, last))
    for rows in frames.values():
        rows.sort(key=lambda row: (row[4], row[1], row[2], row[3]))
    return frames
