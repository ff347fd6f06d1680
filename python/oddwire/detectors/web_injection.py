"""Syntax of attacks in requests to web servers: one odd request is nothing, many tries are an attack."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.memory import Memory, Track
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["WebInjection"]

SECOND = 1_000_000_000
TCP = 6
SPAN_NS = 600 * SECOND
MOST_TRIES, MOST_IN_TICK, LONGEST = 256, 300, 60
_COLUMNS = "tick src dst dst_port first path query_bytes status referrer attack_signs"
WORDS = {
    "sql": "SQL injection",
    "traversal": "path traversal",
    "script": "script injection",
    "command": "command injection",
    "template": "template injection",
}


@dataclass(frozen=True, kw_only=True)
class WebInjectionParameters(Parameters):
    """How many odd requests are an attack; all within ten minutes."""

    tries: int = parameter(5, "different requests of one kind that no page led to", "requests")
    linked_tries: int = parameter(20, "the same where pages led to most of them", "requests")
    kinds: int = parameter(2, "kinds of attacks, in three requests at least", "kinds")
    many_kinds: int = parameter(3, "kinds for a high finding, in ten requests at least", "kinds")
    many_tries: int = parameter(50, "different requests for a high finding", "requests")
    servers: int = parameter(4, "servers that got such a request each", "servers")


class WebInjection(Detector):
    """Counts the different requests with the syntax of attacks that a client sends."""

    name = "web_injection"
    kind = Kind.WEB_ATTACK
    scope = Scope.HOST
    needs = frozenset(f"http.{name}" for name in _COLUMNS.split())
    attack = ("T1190", "T1595.002")
    parameters = WebInjectionParameters
    page = Page(
        sees=(
            "Requests over clear HTTP hold what no address or search does: pieces of SQL, steps out of the "
            "folder, scripts, commands or templates. One alone is low; many different ones, several kinds, "
            "or the same at several servers are an attack. What is sent in bodies or over HTTPS is not seen."
        ),
        matters="One that works gives away the data of the site, or the server itself.",
        wrong_when="Tests of one's own site look the same; a forum about such attacks may.",
        example="10.0.0.7 sent 214 requests with SQL injection to 10.0.0.80:80 in 3 min",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # 500 clients with 256 requests of 120 characters each: 20 MiB at most.
        self.memory = Memory(quiet_ns=SPAN_NS, most_keys=500, most_things=MOST_TRIES)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Note the odd requests of each tick, and judge who sent them."""
        import polars as pl

        rows = window.said.get("http")
        if rows is None or rows.is_empty():
            return
        rows = rows.filter(pl.col("attack_signs").is_not_null())
        if rows.is_empty():
            return
        grouped = _grouped(rows)
        names = window.hosts.names(grouped["src"].to_list() + grouped["dst"].to_list())
        fresh: dict[str, dict[str, Any]] = {}
        tick = 0
        for row, client, server in zip(
            grouped.iter_rows(named=True), names, names[grouped.height :], strict=False
        ):
            if row["tick"] != tick:
                yield from self._judged(fresh)
                fresh, tick = {}, row["tick"]
            row["server"] = server
            self._note(client, row)
            fresh[client] = row
        yield from self._judged(fresh)

    def _note(self, client: str, row: dict[str, Any]) -> None:
        track = self.memory.at(client, row["first"])
        path = str(row["path"] or "")[:LONGEST]
        thing = f"{row['server']}|{row['dst_port']}|{row['attack_signs']}|{row['query_bytes'] or 0}|{path}"
        if thing not in track.things:
            track.add(tries=1, linked=int(row["linked"]), taken=int(row["taken"]))
            track.touch(thing, row["first"], "", MOST_TRIES)
        track.end_ns = max(track.end_ns, row["last"])

    def _judged(self, fresh: dict[str, dict[str, Any]]) -> Iterator[Evidence]:
        for client, row in fresh.items():
            track = self.memory.find(client)
            if track is None:
                continue
            recent = track.since(row["last"] - SPAN_NS)
            ends: dict[str, dict[str, int]] = {}
            for thing in recent:
                server, port, signs, _ = thing.split("|", 3)
                kinds = ends.setdefault(f"{server}|{port}", {})
                for kind in signs.split(","):
                    kinds[kind] = kinds.get(kind, 0) + 1
            here = f"{row['server']}|{row['dst_port']}"
            tries = sum(thing.startswith(here + "|") for thing in recent)
            severity = self._severity(track, ends, here, tries)
            if self._is_news(track, here, tries, severity):
                first = min(at for thing, (at, _) in recent.items() if thing.startswith(here + "|"))
                yield _evidence(client, row, ends, (tries, first), severity)

    def _severity(self, track: Track, ends: dict[str, dict[str, int]], here: str, tries: int) -> Severity:
        wanted, kinds = self.settings, len(ends[here])
        is_linked = 2 * track.sums.get("linked", 0) > track.sums["tries"]
        if not is_linked and (
            tries >= wanted.many_tries or (kinds >= wanted.many_kinds and tries >= 2 * wanted.tries)
        ):
            return Severity.HIGH
        is_many = tries >= (wanted.linked_tries if is_linked else wanted.tries)
        is_varied = kinds >= wanted.kinds and tries >= 3 and not is_linked  # noqa: PLR2004  # not one request of two kinds
        is_spread = len(ends) >= wanted.servers and not is_linked
        return Severity.MEDIUM if is_many or is_varied or is_spread else Severity.LOW

    @staticmethod
    def _is_news(track: Track, here: str, tries: int, severity: Severity) -> bool:
        """Say whether there is more to tell than before; if so, take it as told."""
        name, level = f"told {here}", f"level {here}"
        if tries < 2 * track.sums.get(name, 0) and severity <= track.sums.get(level, 0):
            return False
        if len(track.sums) > 4 * MOST_TRIES:
            track.sums = {name: track.sums[name] for name in ("tries", "linked", "taken")}
        track.sums[name], track.sums[level] = tries, int(severity)
        return True

    def save(self) -> State:
        """Return what was tried."""
        return {"memory": self.memory.save()}

    def load(self, state: State) -> None:
        """Remember what was tried."""
        self.memory.load(state["memory"])

    def merge(self, other: State) -> None:
        """Remember this too."""
        self.memory.merge(other["memory"])


def _grouped(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Return the different requests of each tick."""
    import polars as pl

    return (
        rows.sort("tick", "first", maintain_order=True)
        .group_by(
            "tick", "src", "dst", "dst_port", "attack_signs", "path", "query_bytes", maintain_order=True
        )
        .agg(
            pl.col("first").min(),
            pl.col("first").max().alias("last"),
            pl.col("referrer").is_not_null().all().alias("linked"),
            (pl.col("status") < 300).any().fill_null(value=False).alias("taken"),  # noqa: PLR2004  # success
        )
        .filter(pl.int_range(pl.len()).over("tick") < MOST_IN_TICK)
    )


def _evidence(
    client: str,
    row: dict[str, Any],
    ends: dict[str, dict[str, int]],
    tally: tuple[int, int],
    severity: Severity,
) -> Evidence:
    server, port = row["server"], row["dst_port"]
    tries, first = tally
    kinds = ends[f"{server}|{port}"]
    named = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
    what = " and ".join(WORDS.get(kind, kind) for kind in named[:2])
    more = f", {len(named)} kinds of attacks in all" if len(named) > 2 else ""  # noqa: PLR2004  # two are named
    last = row["last"]
    span = duration_text(max(last - first, 1))
    score = {Severity.LOW: 0.35, Severity.MEDIUM: 0.75, Severity.HIGH: 0.92}[severity]
    return Evidence(
        kind=Kind.WEB_ATTACK,
        subject=Party(ip=client),
        part=f"{server}|{port}",
        title=f"{client} sent {count_text(tries, 'request')} with {what} to {server}:{port} in {span}{more}",
        score=score,
        severity=severity,
        start_ns=first,
        end_ns=last,
        at_ns=row["tick"] + TICK_NS,
        targets=(Target(ip=server, port=port, proto="tcp"),),
        target_count=1,
        facts={
            "why": "syntax",
            "kinds": named,
            "requests": tries,
            "servers": len(ends),
            "example": str(row["path"] or "")[:LONGEST],
        },
        reasons=(
            Reason(feature="odd_requests", value=float(tries), typical=(0.0, 1.0), weight=0.6),
            Reason(feature="kinds_of_attacks", value=float(len(named)), typical=(0.0, 1.0), weight=0.4),
        ),
        selectors=(Selector(a=client, b=server, from_ns=first, until_ns=last, protocol=TCP, port=port),),
    )
