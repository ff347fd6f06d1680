"""Slow denial of service: one client holds a service's connections open with next to nothing to say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.held import Conn, Hold, merged_hold, plain_hold, read_hold
from oddwire.features.tries import ACK_A, SYN_A
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import bytes_text, count_text, duration_text

__all__ = ["SlowDos"]

SECOND = 1_000_000_000
TCP = 6
FIN_OR_RESET = 0b1111 << 4
# Services over TLS, where a handshake comes before the silence.
TLS_PORTS = (443, 465, 636, 853, 993, 995, 4443, 8443)
HANDSHAKE_BYTES = 8_192
# Services that take what they are sent and never answer.
COLLECTORS = (514, 601, 1514, 2003, 2004, 5044, 5140, 6514, 8125, 9092, 9200, 10514, 12201, 24224)
MOST_HOLDS = 256
QUIET_NS = 300 * SECOND
# Connections that a pair begins in a tick, from which on it is followed.
BEGUN_A_TICK = 4

# Requests that differ by no more are of one making.
ALIKE_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class SlowDosParameters(Parameters):
    """When idle connections are an attack."""

    connections: int = parameter(40, "connections of one client to one service held open", "connections")
    held_s: int = parameter(20, "how long each has been held", "s")
    trickling: float = parameter(
        0.5, "least share of them in which the client adds a few bytes now and then", "share"
    )
    mute_connections: int = parameter(150, "connections where it adds nothing", "connections")
    mute_s: int = parameter(30, "how long these have been held", "s")
    tls_connections: int = parameter(60, "connections over TLS", "connections")
    request_bytes: int = parameter(8_192, "most that the client says in each", "bytes")
    dribble_bytes: int = parameter(600, "most that it lets the service send at a time", "bytes")


class SlowDos(Detector):
    """Follows the connections of clients that begin several at once, and counts those that get nowhere."""

    name = "slow_dos"
    kind = Kind.SLOW_DOS
    scope = Scope.PAIR
    needs = frozenset(
        f"talks.{name}"
        for name in [
            "tick",
            "src",
            "dst",
            "src_port",
            "dst_port",
            "protocol",
            "state",
            "born",
            "first",
            "last",
            "packets_in",
            "payload_out",
            "payload_in",
        ]
    )
    attack = ("T1499.002",)
    parameters = SlowDosParameters
    page = Page(
        sees=(
            "One client holds tens of connections to one service for 20 s or longer and never "
            "completes a request "
            "(Slowloris, slow POST): a few bytes now and then, no answer. Or it lets all the "
            "answers dribble (slow "
            "read)."
        ),
        matters="A service has room for so many connections; when they are all held, nobody else is served.",
        wrong_when=(
            "A proxy in front of a service that hangs holds many unanswered requests too; then "
            "the service is the "
            "trouble, and the finding ends with it."
        ),
        example=(
            "10.0.0.9 held 150 connections to 10.0.0.5 port 80 for 1 min 10 s without completing a request"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.holds: dict[str, Hold] = {}
        # Numbers of hosts hold for one run only, so they are no state.
        self._numbers: dict[str, tuple[int, int]] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Follow the connections tick by tick."""
        begun = _begun(window)
        rows_by_tick = self._followed(window, begun)
        if not rows_by_tick and not self.holds:
            return
        fresh: dict[int, set[str]] = {}
        for row in begun:
            fresh.setdefault(row["tick"], set()).add(row["key"])
        for tick in window.talks["tick"].unique().sort().to_list():
            touched = set()
            for row in rows_by_tick.get(tick, ()):
                hold = self.holds.get(row["key"])
                if hold is None:
                    if row["key"] not in fresh.get(tick, ()):
                        continue
                    hold = self._new(row)
                hold.add(row)
                touched.add(row["key"])
            self._forget(tick, touched)
            if tick not in window.quality.one_sided:
                yield from self._judge(tick, touched)

    def _followed(self, window: Window, begun: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
        """Return the rows of all pairs that are, or may come to be, followed; by tick."""
        import polars as pl

        self._numbers |= {row["key"]: (row["src"], row["dst"]) for row in begun}
        if self.holds.keys() - self._numbers.keys():
            self._look_up(window)
        wanted = {
            key: self._numbers[key]
            for key in {*self.holds, *(row["key"] for row in begun)}
            if key in self._numbers
        }
        self._numbers = dict(wanted)
        if not wanted:
            return {}
        pairs = pl.DataFrame(
            {
                "src": [src for src, _ in wanted.values()],
                "dst": [dst for _, dst in wanted.values()],
                "dst_port": [int(key.rpartition("|")[2]) for key in wanted],
                "key": list(wanted),
            },
            schema={"src": pl.UInt32, "dst": pl.UInt32, "dst_port": pl.UInt16, "key": pl.String},
        )
        state = pl.col("state")
        rows = (
            window.talks.lazy()
            .filter((pl.col("protocol") == TCP) & pl.col("src").is_in(pairs["src"].unique().to_list()))
            .join(pairs.lazy(), on=["src", "dst", "dst_port"], how="inner", maintain_order="left")
            .select(
                "key",
                "tick",
                "src_port",
                "born",
                "last",
                "payload_out",
                "payload_in",
                (state & FIN_OR_RESET != 0).alias("is_closed"),
                ((pl.col("born") == pl.col("first")) & (state & SYN_A != 0)).alias("is_begun"),
            )
            .collect()
        )
        found: dict[int, list[dict[str, Any]]] = {}
        for row in rows.iter_rows(named=True):
            found.setdefault(row["tick"], []).append(row)
        return found

    def _look_up(self, window: Window) -> None:
        """Find the numbers that hosts have in this run, after a state was loaded."""
        pairs = window.talks.select("src", "dst", "dst_port").unique().sort("src", "dst", "dst_port")
        names = dict(zip(pairs["src"], window.hosts.names(pairs["src"].to_list()), strict=True))
        names |= dict(zip(pairs["dst"], window.hosts.names(pairs["dst"].to_list()), strict=True))
        for src, dst, port in pairs.iter_rows():
            key = f"{names[src]}|{names[dst]}|{port}"
            if key in self.holds:
                self._numbers[key] = (src, dst)

    def _new(self, row: Mapping[str, Any]) -> Hold:
        if len(self.holds) >= MOST_HOLDS:
            oldest = min(self.holds, key=lambda key: (self.holds[key].seen_ns, key))
            del self.holds[oldest]
        hold = self.holds[row["key"]] = Hold(start_ns=row["born"], seen_ns=row["last"])
        return hold

    def _judge(self, tick: int, touched: set[str]) -> Iterator[Evidence]:
        """Judge the clients that were heard of, and those whose silence has not been told yet."""
        for key in sorted(self.holds):
            hold = self.holds[key]
            if len(hold.conns) < self.settings.connections or (hold.is_raised and key not in touched):
                continue
            if evidence := self._judged(key, tick):
                yield evidence

    def _forget(self, tick: int, touched: set[str]) -> None:
        """Forget the clients that nothing was heard of, and connections that are over or busy."""
        for key in [key for key, hold in self.holds.items() if tick - hold.seen_ns > QUIET_NS]:
            del self.holds[key]
        for key in touched & self.holds.keys():
            self.holds[key].tidy(most_out=self.settings.request_bytes, most_back=8 * HANDSHAKE_BYTES)

    def _judged(self, key: str, tick: int) -> Evidence | None:
        hold, wanted = self.holds[key], self.settings
        now = tick + TICK_NS
        held = hold.older(wanted.held_s * SECOND, now)
        if len(held) < wanted.connections:
            return None
        port = int(key.rpartition("|")[2])
        how = self._how(hold, held, now, port)
        if how is None:
            return None
        hold.is_raised = True
        words, conns = how
        return _evidence(key, words, conns, tick)

    def _how(self, hold: Hold, held: list[Conn], now: int, port: int) -> tuple[str, list[Conn]] | None:
        """Return in which way a client holds its connections, and those that it holds so."""
        wanted = self.settings
        asking = [conn for conn in held if conn.out > 0 and conn.back == 0]
        if len(asking) >= wanted.connections:
            if sum(conn.late_out > 0 for conn in asking) >= wanted.trickling * len(asking):
                return "without completing a request", asking
            mute = [
                conn for conn in hold.older(wanted.mute_s * SECOND, now) if conn.out > 0 and conn.back == 0
            ]
            if len(mute) >= wanted.mute_connections and _at_once(mute):
                return "without an answer to any", mute
        sealed = [conn for conn in held if conn.out > 0 and conn.late_back == 0 and conn.late_out > 1]
        if port in TLS_PORTS and len(sealed) >= wanted.tls_connections:
            return "without completing a request", sealed
        dribbling = [
            conn
            for conn in held
            if conn.late_back > 1
            and conn.late_out == 0
            and conn.late_back_bytes <= conn.late_back * wanted.dribble_bytes
        ]
        said = [conn.out for conn in dribbling]
        # A tool asks for the same each time, but for a number or name of its own.
        is_alike = bool(said) and max(said) - min(said) <= ALIKE_BYTES and _at_once(dribbling)
        if len(dribbling) >= wanted.connections and is_alike:
            return "and let the answers dribble", dribbling
        return None

    def save(self) -> State:
        """Return the connections followed."""
        return {"holds": {key: plain_hold(hold) for key, hold in self.holds.items()}}

    def load(self, state: State) -> None:
        """Follow these connections, and no others."""
        self.holds = {key: read_hold(saved) for key, saved in state["holds"].items()}
        self._numbers = {}

    def merge(self, other: State) -> None:
        """Follow these connections too."""
        for key, saved in other["holds"].items():
            theirs, mine = read_hold(saved), self.holds.get(key)
            self.holds[key] = theirs if mine is None else merged_hold([mine, theirs])
        latest = sorted(self.holds, key=lambda key: (self.holds[key].seen_ns, key))[-MOST_HOLDS:]
        self.holds = {key: self.holds[key] for key in latest}


def _at_once(conns: list[Conn]) -> bool:
    """Say whether most of them began within a short time, as a tool begins them."""
    births = sorted(conn.born_ns for conn in conns)
    return bool(births) and births[len(births) * 9 // 10] - births[0] <= 15 * SECOND


def _begun(window: Window) -> list[dict[str, Any]]:
    """Return by tick the pairs that began several connections which were left open and unanswered in it."""
    import polars as pl

    state = pl.col("state")
    few_back = pl.when(pl.col("dst_port").is_in(list(TLS_PORTS))).then(HANDSHAKE_BYTES).otherwise(2_000)
    rows = window.talks.lazy().filter(
        (pl.col("protocol") == TCP)
        & (state & (SYN_A | ACK_A | FIN_OR_RESET) == SYN_A | ACK_A)
        & (pl.col("born") == pl.col("first"))
        & (pl.col("payload_in") <= few_back)
        & (pl.col("payload_out") <= HANDSHAKE_BYTES)
        & (pl.col("packets_in") > 0)
        & (pl.col("src") != pl.col("dst"))
        & ~pl.col("dst_port").is_in(list(COLLECTORS))
    )
    pairs = (
        rows.group_by("tick", "src", "dst", "dst_port", maintain_order=True)
        .agg(pl.len().alias("begun"))
        .filter(pl.col("begun") >= BEGUN_A_TICK)
        .sort("tick", maintain_order=True)
        .collect()
        .to_dicts()
    )
    names = window.hosts.names([row["src"] for row in pairs] + [row["dst"] for row in pairs])
    for row, src, dst in zip(pairs, names, names[len(pairs) :], strict=False):
        row["key"] = f"{src}|{dst}|{row['dst_port']}"
    return pairs


def _evidence(key: str, words: str, conns: list[Conn], tick: int) -> Evidence:
    src, dst, port = key.split("|")
    start_ns, end_ns = min(conn.born_ns for conn in conns), max(conn.last_ns for conn in conns)
    said = sum(conn.out for conn in conns)
    held_s = sorted((tick + TICK_NS - conn.born_ns) / SECOND for conn in conns)[len(conns) // 2]
    span = duration_text(max(end_ns - start_ns, 1))
    return Evidence(
        kind=Kind.SLOW_DOS,
        subject=Party(ip=src),
        part=f"{dst}|{port}",
        title=f"{src} held {count_text(len(conns), 'connection')} to {dst} port {port} for {span} {words}",
        score=round(min(0.6 + 0.39 * len(conns) / (len(conns) + 60), 0.99), 4),
        start_ns=start_ns,
        end_ns=end_ns,
        at_ns=tick + TICK_NS,
        targets=(Target(ip=dst, port=int(port), proto="tcp"),),
        target_count=1,
        facts={
            "role": "source",
            "connections": len(conns),
            "held_s": round(held_s, 1),
            "bytes_said": said,
            "said_in_each": bytes_text(said / len(conns)),
        },
        reasons=(
            Reason(feature="connections_held", value=float(len(conns)), typical=(1.0, 12.0), weight=0.6),
            Reason(
                feature="bytes_a_connection",
                value=round(said / len(conns), 1),
                typical=(500.0, 100_000.0),
                weight=0.4,
            ),
        ),
        selectors=(Selector(a=src, b=dst, from_ns=start_ns, until_ns=end_ns, protocol=TCP, port=int(port)),),
    )
