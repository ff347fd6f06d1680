"""Infections: a host fetches a program in the clear, and is not itself afterwards."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.makers import MAKERS
from oddwire.features.open_orders import open_rows
from oddwire.features.orders import ORDERS_NEED, PROGRAMS, WEB_PORTS, Orders, is_disguised
from oddwire.features.seen import local_mask
from oddwire.features.signs import SIGNS, Pair
from oddwire.features.stories import BURST, CONTACT, DOWNLOAD, Step, Stories, Story
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Infection"]

SECOND = 1_000_000_000
TCP, MAIL = 6, 25
SYN_A, SYNACK_B = 1 << 0, 1 << 3
MOST_ROWS, MOST_HOSTS = 400, 2_000
FOREVER = 1 << 62
PROGRAM_SIGNS = frozenset({"staged", "sent_program"})
# Signs of the download itself are no step of their own.
OWN = frozenset(
    {"program", "disguised", "sent_program", "staged", "address_host", "no_agent", "tiny_answers"}
)
_FETCH = (
    "tick src dst dst_port born first message host path agent content_type body_kind address_as_host proxied"
)
_ALSO = {
    "dns": "tick src first code query",
    "talks": "tick src dst dst_port protocol state first last payload_out",
}


@dataclass(frozen=True, kw_only=True)
class InfectionParameters(Parameters):
    """What the steps of a story must weigh together."""

    low: float = parameter(3.5, "what is worth knowing", "points")
    medium: float = parameter(5.0, "what is worth a look today", "points")
    high: float = parameter(7.0, "what is hardly anything else", "points")
    within_s: int = parameter(21_600, "how long after a step another belongs to it", "s")
    silent: int = parameter(25, "hosts tried in vain within a minute", "hosts")
    unknown_names: int = parameter(20, "names asked for within a minute that do not exist", "names")
    mail_servers: int = parameter(6, "mail servers used within a minute", "hosts")


class Infection(Detector):
    """Tells the story of a host from the program that it fetched to what it did then."""

    name = "infection"
    kind = Kind.INFECTION
    scope = Scope.HOST
    needs = (
        ORDERS_NEED
        | frozenset(f"http.{name}" for name in _FETCH.split())
        | frozenset(f"{table}.{name}" for table, names in _ALSO.items() for name in names.split())
    )
    attack = ("T1105", "T1204.002", "T1071.001")
    parameters = InfectionParameters
    page = Page(
        sees=(
            "A program or script fetched over HTTP (heavier: under a false type, from a bare address, from "
            "an odd port, by a client that does not say what it is, several in turn), and then contact with "
            "outside destinations that show signs of command and control, or many hosts, mail servers or "
            "names tried."
        ),
        matters="The host runs somebody else's program, which has begun its work.",
        wrong_when="Software that updates itself from a bare address and then reports there looks the same.",
        example=(
            "10.0.0.12 seems infected, 3 steps in 4 min: fetched a program as image from 203.0.113.9:80; ..."
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.orders = Orders()
        self.stories = Stories(quiet_s=self.settings.within_s)
        # Host -> the tick in which it was known that it had fetched its first program.
        self.since: dict[str, int] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Note downloads, and of the hosts that had one what they did then; judge them tick by tick."""
        steps = [*self._downloads(window), *self._sent(window)]
        fetched: dict[tuple[str, str], int] = {}
        for tick, host, _, step in steps:
            self.since.setdefault(host, tick)
            fetched.setdefault((host, step.server), tick)
        if not self.since:
            self.orders.names.add(window)
            return
        since = self._recent()
        for tick, touched in self.orders.pass_through(window, since):
            for client, server, pair in touched:
                pair.settle()
                is_source = self._is_source(client, server) or fetched.get((client, server), FOREVER) <= tick
                if (contact := _contact(server, pair, is_source=is_source)) is not None:
                    steps.append((tick, client, f"{CONTACT}|{server}", contact))
        steps += self._bursts(window, since)
        steps.sort(key=lambda entry: (entry[0], entry[1], entry[3].start_ns, entry[2]))
        for (tick, host), part in groupby(steps, key=lambda entry: entry[:2]):
            story = None
            for _, _, key, step in part:
                story = self.stories.at(host, step.start_ns) if story is None else story
                story.add(key, replace(step))
            if story is not None and (level := self._level(story)) and _is_news(story, level):
                yield self._evidence(host, story, level, tick)

    def _is_source(self, host: str, server: str) -> bool:
        """Say whether a host is known to have fetched a program from a server."""
        story = self.stories.known.get(host)
        steps = story.steps.values() if story else ()
        return any(step.kind == DOWNLOAD and step.server == server for step in steps)

    def _recent(self) -> dict[str, int]:
        """Return the hosts with a download, the latest few."""
        while len(self.since) > MOST_HOSTS:
            del self.since[next(iter(self.since))]
        return self.since

    def _level(self, story: Story) -> Severity | None:
        points = story.points
        if DOWNLOAD not in {step.kind for step in story.steps.values()}:
            return None
        if points >= self.settings.high:
            return Severity.HIGH
        if points >= self.settings.medium:
            return Severity.MEDIUM
        return Severity.LOW if points >= self.settings.low else None

    def _evidence(self, host: str, story: Story, level: Severity, tick: int) -> Evidence:
        story.told = [int(level), len(story.steps), story.end_ns]
        steps, points = story.in_order, story.points
        told = "; ".join(step.words for step in steps[:3])
        sure = "is infected" if level is Severity.HIGH else "may be infected"
        span = duration_text(max(story.end_ns - story.start_ns, 1))
        targets = dict.fromkeys(Target(ip=step.server, port=step.port, proto="tcp") for step in steps)
        return Evidence(
            kind=Kind.INFECTION,
            subject=Party(ip=host),
            title=f"{host} {sure}, {count_text(len(steps), 'step')} in {span}: {told}",
            score=min(points / 10, 0.98),
            severity=level,
            start_ns=story.start_ns,
            end_ns=story.end_ns,
            at_ns=tick + TICK_NS,
            targets=tuple(one for one in targets if one.ip)[:16],
            target_count=len({step.server for step in steps if step.server}),
            facts={"points": round(points, 2), "steps": [step.words for step in steps]},
            reasons=tuple(
                Reason(feature=kind, value=story.weight_of(kind), typical=(0.0, usual), weight=weight)
                for kind, usual, weight in ((DOWNLOAD, 1.0, 0.4), (CONTACT, 0.0, 0.4), (BURST, 0.0, 0.2))
            ),
            selectors=tuple(
                Selector(a=host, b=step.server or None, from_ns=step.start_ns, until_ns=step.end_ns)
                for step in steps
            ),
        )

    def _downloads(self, window: Window) -> list[tuple[int, str, str, Step]]:
        """Return the programs fetched from outside, and how odd that was."""
        import polars as pl

        table = window.said.get("http")
        if table is None or table.is_empty():
            return []
        found = table.select(_FETCH.split()).filter(
            pl.col("body_kind").is_in(PROGRAMS)
            & ~pl.col("proxied").fill_null(value=False)
            # Updates are steps of no story.
            & ~pl.col("host").str.contains(MAKERS).fill_null(value=False)
        )
        if found.is_empty():
            return []
        found = found.filter(~local_mask(found["dst"], window.hosts))
        found = found.filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)
        hosts, servers = (window.hosts.names(found[end].to_list()) for end in ("src", "dst"))
        steps = []
        for host, server, row in zip(hosts, servers, found.to_dicts(), strict=True):
            key = f"{DOWNLOAD}|{server}|{(row['path'] or '')[:120]}"
            steps.append((row["tick"], host, key, _download(server, row)))
        return steps

    def _sent(self, window: Window) -> Iterator[tuple[int, str, str, Step]]:
        """Yield the programs that came from outside without any protocol around them."""
        rows = [row for row in open_rows(window) if not PROGRAM_SIGNS.isdisjoint(row["signs"])]
        names = window.hosts.names([number for row in rows for number in (row["src"], row["dst"])])
        for at, row in enumerate(rows):
            host, server, port = names[2 * at], names[2 * at + 1], row["dst_port"]
            if not window.hosts.is_local(server):
                words = f"was sent a program by {server}:{port} without any protocol"
                step = Step(DOWNLOAD, row["born"], row["first"], words, server, port, 2.5)
                yield row["tick"], host, f"{DOWNLOAD}|{server}|{port}", step

    def _bursts(self, window: Window, since: Mapping[str, int]) -> list[tuple[int, str, str, Step]]:
        """Return what these hosts did to many others at once, tick by tick."""
        import polars as pl

        numbers = [number for host in since if (number := window.hosts.number(host)) is not None]
        talks = window.talks.filter(pl.col("src").is_in(numbers) & (pl.col("protocol") == TCP))
        vain = (pl.col("state") & SYN_A != 0) & (pl.col("state") & SYNACK_B == 0)
        mails = (pl.col("dst_port") == MAIL) & (pl.col("payload_out") > 0)
        tries = talks.group_by("tick", "src", maintain_order=True).agg(
            pl.col("first").min(),
            pl.col("last").max(),
            pl.col("dst").filter(vain).n_unique().alias("vain"),
            pl.col("dst").filter(mails).n_unique().alias("mails"),
        )
        steps = [*self._many(tries, "vain", window, since), *self._many(tries, "mails", window, since)]
        dns = window.said.get("dns")
        if dns is not None and not dns.is_empty():
            missed = dns.filter(pl.col("src").is_in(numbers) & (pl.col("code") == "NXDOMAIN"))
            asked = missed.group_by("tick", "src", maintain_order=True).agg(
                pl.col("first").min(),
                pl.col("first").max().alias("last"),
                pl.col("query").n_unique().alias("missed"),
            )
            steps += self._many(asked, "missed", window, since)
        return steps

    def _many(
        self, counted: "pl.DataFrame", what: str, window: Window, since: Mapping[str, int]
    ) -> Iterator[tuple[int, str, str, Step]]:
        """Yield the ticks in which there were a third of what there must be in a minute."""
        import polars as pl

        least, words = {
            "vain": (self.settings.silent, "tried {} hosts in vain"),
            "mails": (self.settings.mail_servers, "spoke to {} mail servers"),
            "missed": (self.settings.unknown_names, "asked for {} names that do not exist"),
        }[what]
        found = counted.filter(pl.col(what) >= max(least // 3, 3))
        for host, row in zip(window.hosts.names(found["src"].to_list()), found.to_dicts(), strict=True):
            if row["first"] >= since.get(host, FOREVER):
                weight = min(1.0 + 2.0 * row[what] / least, 4.0)
                step = Step(BURST, row["first"], row["last"], words.format(row[what]), "", 0, weight)
                yield row["tick"], host, f"{BURST}|{what}", step

    def save(self) -> State:
        """Return what is remembered."""
        return {"orders": self.orders.save(), "stories": self.stories.save(), "since": dict(self.since)}

    def load(self, state: State) -> None:
        """Remember this, and nothing else."""
        self.orders.load(state["orders"])
        self.stories.load(state["stories"])
        self.since = dict(state["since"])

    def merge(self, other: State) -> None:
        """Remember this too."""
        self.orders.merge(other["orders"])
        self.stories.merge(other["stories"])
        for host, time_ns in other["since"].items():
            self.since[host] = min(time_ns, self.since.get(host, time_ns))


def _download(server: str, row: Mapping[str, Any]) -> Step:
    """Return the step of a download: one that hides what it is or where it comes from weighs more."""
    is_hidden = is_disguised(row)
    weight = 1.0 + 2.0 * is_hidden + 2.0 * bool(row["address_as_host"])
    weight += 1.0 * (row["agent"] is None) + 1.0 * (row["dst_port"] not in WEB_PORTS)
    what = f"a program ({row['body_kind']})" if row["body_kind"] != "script" else "a script"
    if row["body_kind"] == "script":
        weight -= 0.5
    hidden = " under a false type" if is_hidden else ""
    where = f"{row['host'] or server}:{row['dst_port']}"
    words = f"fetched {what}{hidden} from {where[:120]}"
    return Step(DOWNLOAD, row["born"], row["first"], words, server, row["dst_port"], weight)


def _contact(server: str, pair: Pair, *, is_source: bool) -> Step | None:
    """Return the step of a destination with two signs at least that are not those of a download."""
    names = [name for name in pair.heaviest if not is_source or name not in OWN]
    weight = sum(SIGNS[name].weight for name in names)
    if len(names) < 2 or weight < 2.5:  # noqa: PLR2004  # two signs, and not the lightest ones
        return None
    words = f"went to {server}:{pair.ports[0] if pair.ports else 0}: {SIGNS[names[0]].words}"
    # Games and messengers speak protocols of their own, too.
    step_weight = min(0.7 * weight, 4.0 if pair.spoke else 1.9)
    return Step(CONTACT, pair.start_ns, pair.end_ns, words, server, pair.ports[0], step_weight)


def _is_news(story: Story, level: Severity) -> bool:
    """Say whether there is more to tell than was told."""
    told, steps, end_ns = story.told
    grown = story.end_ns - end_ns >= max(60 * SECOND, (end_ns - story.start_ns) // 4)
    return int(level) > told or len(story.steps) > steps or grown
