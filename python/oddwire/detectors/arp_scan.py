"""Scans of the own segment: one host asks by ARP who has one address after the other."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window, mac_text
from oddwire.features.memory import Memory, Track
from oddwire.features.spells import began
from oddwire.features.sweeps import neighbours, stretch
from oddwire.records.evidence import ARP, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ArpScan"]

SECOND = 1_000_000_000
_ARP = "tick frame_src frame_dst sender_mac operation sender target target_mac last"
# The bit of a hardware address by which it means many.
GROUP_BIT = 1 << 40
REQUEST = 1
NOBODY = (1 << 32) - 1
MOST_SHOWN = 16
# Senders that are looked at in one tick; a flood from forged addresses makes many.
MOST_SENDERS = 1_000
MOST_ALIVE = 20_000
# A host speaks for one address, or a few; what speaks for more passes on the traffic of others.
ROUTED = 3
ASKED = "asked"


@dataclass(frozen=True, kw_only=True)
class ArpScanParameters(Parameters):
    """When asking for many addresses is a scan."""

    fast_asked: int = parameter(20, "dead addresses asked for within `fast_s`", "addresses")
    fast_s: int = parameter(30, "what counts as fast", "s")
    slow_asked: int = parameter(36, "dead addresses of one block asked for within `slow_s`", "addresses")
    slow_s: int = parameter(3_600, "how long requests are remembered", "s")
    dead: float = parameter(0.6, "least share of addresses that nobody has", "share")
    whole: int = parameter(
        60, "addresses of a gapless stretch that make a scan even if all live", "addresses"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What one sender asked for in one tick."""

    tick: int
    mac: str
    sender: str | None
    # How many addresses the sender's hardware speaks for.
    speaks_for: int
    targets: list[tuple[int, str]]


class ArpScan(Detector):
    """Counts, for each sender, the addresses that it asked for and that nobody seems to have."""

    name = "arp_scan"
    kind = Kind.ARP_SCAN
    scope = Scope.NETWORK
    needs = frozenset(f"arp.{name}" for name in _ARP.split()) | frozenset(
        f"talks.{name}" for name in ("tick", "src", "dst", "packets_in", "mac_out")
    )
    attack = ("T1018",)
    parameters = ArpScanParameters
    page = Page(
        sees=(
            "One network card asks by ARP for many addresses of its segment within half a minute, or "
            "slowly over "
            "an hour, and most of them belong to nobody; or it asks for a whole range without a gap."
        ),
        matters=(
            "Somebody inside takes stock of the segment: the first step before forging addresses or "
            "spreading."
        ),
        wrong_when=(
            "An inventory tool looks the same. A router asks for many dead addresses when it is scanned "
            "from outside: "
            "that is reported as low."
        ),
        example="10.0.0.66 (02:00:0a:00:00:42) asked by ARP for 254 addresses in 2.7 s; 5 % live",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.memory = Memory(quiet_ns=self.settings.slow_s * SECOND, most_keys=5_000, most_things=2_048)
        # Addresses that somebody has, and when that was seen last.
        self.alive: OrderedDict[str, int] = OrderedDict()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add the requests of each tick, and judge who made new ones."""
        if window.arp.is_empty():
            return
        living = deque(sorted(_living(window).items()))
        for asked in _asked(window):
            while living and living[0][0] <= asked.tick:
                self._note_alive(*living.popleft())
            track = self.memory.at(asked.mac, asked.targets[-1][0])
            fresh = [address for _, address in asked.targets if address not in track.things]
            for time_ns, address in asked.targets:
                track.touch(address, time_ns, ASKED, self.memory.most_things)
            track.sums["speaks_for"] = max(track.sums.get("speaks_for", 0), asked.speaks_for)
            if fresh and (evidence := self._judged(asked, track)):
                yield evidence
        for tick, addresses in living:
            self._note_alive(tick, addresses)

    def _note_alive(self, tick: int, addresses: set[str]) -> None:
        for address in sorted(addresses):
            self.alive.pop(address, None)
            if len(self.alive) >= MOST_ALIVE:
                del self.alive[next(iter(self.alive))]
            self.alive[address] = tick

    def _judged(self, asked: Asked, track: Track) -> Evidence | None:
        """Say that it is a scan, if it is."""
        wanted, now = self.settings, track.end_ns
        if len(track.things) < wanted.fast_asked:
            return None
        track.forget_before(now - wanted.slow_s * SECOND)
        fast = track.since(now - wanted.fast_s * SECOND)
        dead = self._dead(fast)
        if len(dead) >= wanted.fast_asked and len(dead) >= wanted.dead * len(fast):
            return self._evidence(asked, track, fast)
        # A router that has work for a whole segment asks for it too, but takes its time.
        swift = track.since(now - wanted.fast_s * SECOND // 3)
        if len(swift) >= wanted.whole and _is_whole(swift, wanted.whole) and self._dead(swift):
            return self._evidence(asked, track, fast)
        dead = self._dead(track.things)
        near = max(neighbours(dead).values(), default=0)
        if near >= wanted.slow_asked and len(dead) >= wanted.dead * len(track.things):
            return self._evidence(asked, track, track.things)
        return None

    def _dead(self, asked: dict[str, tuple[int, str]]) -> list[str]:
        return [address for address in asked if address not in self.alive]

    def _evidence(self, asked: Asked, track: Track, seen: dict[str, tuple[int, str]]) -> Evidence:
        last = track.end_ns
        first = began(track, min(time_ns for time_ns, _ in seen.values()), last)
        whole = track.since(first)
        count = len(whole) + track.beyond
        live = 1 - len(self._dead(whole)) / len(whole)
        is_router = track.sums["speaks_for"] >= ROUTED
        who = f"{asked.sender} ({asked.mac})" if asked.sender else asked.mac
        words = "none of them" if live == 0 else f"{max(100 * live, 1):.0f} %"
        span = duration_text(max(last - first, 1))
        many = count_text(count, "address", "addresses")
        return Evidence(
            kind=Kind.ARP_SCAN,
            subject=Party(ip=asked.sender, mac=asked.mac),
            title=f"{who} asked by ARP for {many} in {span}; {words} live",
            score=min(0.5 + 0.5 * count / (count + 40), 0.99),
            severity=Severity.LOW if is_router else None,
            start_ns=first,
            end_ns=last,
            at_ns=asked.tick + TICK_NS,
            targets=tuple(Target(ip=address) for address in sorted(whole)[:MOST_SHOWN]),
            target_count=count,
            facts={
                "addresses": count,
                "live": round(live, 4),
                "seconds": round((last - first) / SECOND, 3),
                "router": is_router,
            },
            reasons=(
                Reason(feature="arp_targets", value=float(count), typical=(1.0, 8.0), weight=0.7),
                Reason(feature="arp_dead_ratio", value=round(1 - live, 4), typical=(0.0, 0.2), weight=0.3),
            ),
            selectors=(Selector(a=asked.mac, b=None, from_ns=first, until_ns=last, protocol=ARP),),
        )

    def save(self) -> State:
        """Return the requests and the living addresses remembered."""
        return {"memory": self.memory.save(), "alive": dict(self.alive)}

    def load(self, state: State) -> None:
        """Remember these requests and addresses."""
        self.memory.load(state["memory"])
        self.alive = OrderedDict(state["alive"])

    def merge(self, other: State) -> None:
        """Remember these requests and addresses too."""
        self.memory.merge(other["memory"])
        for address, tick in other["alive"].items():
            self.alive[address] = max(tick, self.alive.get(address, 0))
        newest = sorted(self.alive.items(), key=lambda entry: (entry[1], entry[0]))[-MOST_ALIVE:]
        self.alive = OrderedDict(newest)


def _is_whole(asked: dict[str, tuple[int, str]], least: int) -> bool:
    """Say whether a stretch of addresses was asked for nearly without a gap."""
    blocks = neighbours(asked)
    count, share, _ = stretch(asked, min(blocks, key=lambda name: (-blocks[name], name)))
    return count >= least and share >= 0.9  # noqa: PLR2004  # a few packets may be lost


def _living(window: Window) -> dict[int, set[str]]:
    """Return the addresses that spoke by ARP in each tick, or that sent packets and were asked for."""
    import polars as pl

    arp = window.arp
    spoke = arp.filter(pl.col("sender") != NOBODY).select("tick", "sender").unique()
    wanted = arp.select("tick", pl.col("target").alias("sender")).unique()
    busy = [
        window.talks.filter(sent)
        .select("tick", pl.col(host).alias("sender"))
        .join(wanted, on=["tick", "sender"], how="semi")
        for host, sent in (("src", pl.col("mac_out").is_not_null()), ("dst", pl.col("packets_in") > 0))
    ]
    found = pl.concat([spoke, *busy]).unique()
    names = window.hosts.names(found["sender"].to_list())
    living: dict[int, set[str]] = {}
    for tick, name in zip(found["tick"].to_list(), names, strict=True):
        living.setdefault(tick, set()).add(name)
    return living


def _asked(window: Window) -> Iterator[Asked]:
    """Yield what each sender asked for, tick by tick."""
    import polars as pl

    mac = pl.coalesce("frame_src", "sender_mac")
    requests = window.arp.filter(
        (pl.col("operation") == REQUEST)
        & (pl.col("sender") != pl.col("target"))
        & (pl.col("target") != NOBODY)
        # Whoever asks a host itself knows it already.
        & (pl.col("frame_dst").is_null() | (pl.col("frame_dst") & GROUP_BIT != 0))
    ).with_columns(mac.alias("mac"))
    if requests.is_empty():
        return
    grouped = (
        requests.group_by("tick", "mac", maintain_order=True)
        .agg("target", "last", pl.col("sender").mode().min(), pl.col("sender").n_unique().alias("senders"))
        .filter(pl.int_range(pl.len()).over("tick") < MOST_SENDERS)
        .sort("tick", maintain_order=True)
    )
    grouped = grouped.join(
        _spoken_for(window, grouped), on=["tick", "mac"], how="left", maintain_order="left"
    )
    rows = list(grouped.iter_rows())
    numbers = list({row[4] for row in rows}.union(*(row[2] for row in rows)))
    names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
    for tick, card, targets, times, sender, senders, behind in rows:
        name = names[sender]
        yield Asked(
            tick=tick,
            mac=mac_text(card) or "unknown",
            sender=None if name in {"0.0.0.0", "unnamed"} else name,  # noqa: S104  # an address not given yet
            speaks_for=max(senders, behind or 0),
            targets=sorted((time_ns, names[target]) for target, time_ns in zip(targets, times, strict=True)),
        )


def _spoken_for(window: Window, grouped: "pl.DataFrame") -> "pl.DataFrame":
    """Return of how many addresses packets came from the senders' hardware, tick by tick."""
    import polars as pl

    cards = grouped["mac"].unique().implode()
    sent = window.talks.filter(pl.col("mac_out").is_in(cards))
    return sent.group_by("tick", pl.col("mac_out").alias("mac")).agg(pl.col("src").n_unique().alias("behind"))
