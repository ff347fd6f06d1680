"""Who sends mail to how many servers, under which names, how that goes, and who is a mail server itself."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.seen import local_mask

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MAIL_NEED", "Mailer", "Mailings"]

_TALKS = ("tick", "src", "dst", "dst_port", "protocol", "syn_out", "payload_in", "first", "last")
_SAID = (
    *("tick", "src", "dst", "dst_port", "first", "helo", "mail_from", "mails", "recipients"),
    *("recipients_refused", "last_code", "errors"),
)
_ASKED = ("tick", "src", "dst", "first", "query", "query_type")
MAIL_NEED = frozenset(
    f"{table}.{name}"
    for table, names in (("talks", _TALKS), ("smtp", _SAID), ("dns", _ASKED))
    for name in names
)
SECOND = 1_000_000_000
TCP, MAIL = 6, 25
# Where mail is handed over or fetched: whoever answers there is a mail server.
SERVED = (25, 110, 143, 465, 587, 993, 995, 2525)
# After so long without mail it begins anew; for so long a server is known as one.
PAUSE_NS, SERVES_NS = 600 * SECOND, 86_400 * SECOND
MOST_MAILERS, MOST_SERVERS, MOST_NAMES, MOST_TEXT, MOST_IN_TICK = 500, 256, 32, 64, 2_000
MOST_ROLES = 5_000
REFUSED = 400


@dataclass(slots=True)
class Mailer:
    """What one host did as a sender of mail, since it last paused."""

    first: int
    last: int
    # Servers: when last, and whether they ever spoke.
    servers: dict[str, tuple[int, bool]] = field(default_factory=dict)
    helos: dict[str, int] = field(default_factory=dict)
    domains: dict[str, int] = field(default_factory=dict)
    senders: dict[str, int] = field(default_factory=dict)
    # Domains whose mail servers it asked for.
    asked: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)
    # When it first called a server.
    began: int = 0
    told: int = 0
    told_ns: int = 0

    def meet(self, server: str, time_ns: int, *, spoke: bool) -> None:
        """Note that it called a server."""
        _, before = self.servers.pop(server, (0, False))
        if len(self.servers) >= MOST_SERVERS:
            del self.servers[next(iter(self.servers))]
        self.servers[server] = (time_ns, before or spoke)
        self.last = max(self.last, time_ns)

    def hear(self, row: Mapping[str, Any]) -> None:
        """Add what was said in one session."""
        refused = bool(row["errors"]) or (row["last_code"] or 0) >= REFUSED
        for name, amount in (
            ("sessions", 1),
            ("refused_sessions", int(refused)),
            ("mails", row["mails"] or 0),
            ("recipients", row["recipients"] or 0),
            ("refused", row["recipients_refused"] or 0),
        ):
            self.sums[name] = self.sums.get(name, 0) + amount
        sender = (row["mail_from"] or "").lower()[:MOST_TEXT]
        _note(self.helos, (row["helo"] or "").lower()[:MOST_TEXT])
        _note(self.senders, sender)
        _note(self.domains, sender.rpartition("@")[2])
        self.last = max(self.last, row["first"])

    @property
    def silent(self) -> float:
        """Return the share of servers that never said a word."""
        return sum(not spoke for _, spoke in self.servers.values()) / max(len(self.servers), 1)

    @property
    def networks(self) -> int:
        """Return in how many networks the servers are: those of a sweep lie side by side."""
        return len({_network(server) for server in self.servers})

    @property
    def has_odd_names(self) -> bool:
        """Say whether it calls itself by many names, or by none that a mail server has."""
        bare = sum("." not in helo or helo.startswith("[") for helo in self.helos)
        return len(self.helos) >= 3 or (bool(self.helos) and bare == len(self.helos))  # noqa: PLR2004  # many


def _network(address: str) -> str:
    return ":".join(address.split(":")[:2]) if ":" in address else address.rsplit(".", 2)[0]


def _note(names: dict[str, int], name: str) -> None:
    if name and (name in names or len(names) < MOST_NAMES):
        names[name] = names.get(name, 0) + 1


class Mailings:
    """Senders by host, and by host and relay; of too many the longest untouched goes."""

    def __init__(self) -> None:
        self.mailers: OrderedDict[str, Mailer] = OrderedDict()
        self.roles: OrderedDict[str, int] = OrderedDict()

    def add(self, window: Window) -> Iterator[tuple[int, list[str]]]:
        """Add what hosts sent, and yield each tick with those who did."""
        events = [(row["tick"], 0, row) for row in _served(window)]
        events += [(row["tick"], 1, row) for row in _calls(window)]
        events += [(row["tick"], 2, row) for row in _sessions(window)]
        events += [(row["tick"], 3, row) for row in _askings(window)]
        events.sort(key=lambda event: event[:2])
        tick: int | None = None
        touched: dict[str, None] = {}
        for at, what, row in events:
            if tick is not None and at != tick:
                yield tick, list(touched)
                touched = {}
            tick = at
            if what == 0:
                self._serve(row)
            elif what == 3:  # noqa: PLR2004  # a question
                _note(self._at(row["client"], row["first"]).asked, row["query"].lower()[:MOST_TEXT])
            else:
                touched.update(dict.fromkeys(self._send(row, is_said=what == 2)))  # noqa: PLR2004  # a session
        if tick is not None:
            yield tick, list(touched)

    def serves(self, host: str, time_ns: int) -> bool:
        """Say whether a host was seen as a mail server itself."""
        return time_ns - self.roles.get(host, -SERVES_NS - 1) <= SERVES_NS

    def _serve(self, row: Mapping[str, Any]) -> None:
        self.roles.pop(row["server"], None)
        if len(self.roles) >= MOST_ROLES:
            self.roles.popitem(last=False)
        self.roles[row["server"]] = row["last"]

    def _send(self, row: Mapping[str, Any], *, is_said: bool) -> list[str]:
        """Add a call or a session; return the keys of those it tells of."""
        keys = [row["client"]] if row["direct"] else []
        if is_said:
            keys.append(f"{row['client']}|{row['server']}")
        for key in keys:
            mailer = self._at(key, row["first"])
            mailer.began = min(mailer.began or row["first"], row["first"])
            if is_said:
                mailer.hear(row)
            else:
                mailer.meet(row["server"], row["last"], spoke=row["payload_in"] > 0)
        return keys

    def _at(self, key: str, time_ns: int) -> Mailer:
        mailer = self.mailers.pop(key, None)
        if mailer is None or time_ns - mailer.last > PAUSE_NS:
            mailer = Mailer(first=time_ns, last=time_ns)
            if len(self.mailers) >= MOST_MAILERS:
                self.mailers.popitem(last=False)
        mailer.last = max(mailer.last, time_ns)
        self.mailers[key] = mailer
        return mailer

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "roles": dict(self.roles),
            "mailers": {
                key: {
                    "times": [one.first, one.last, one.began, one.told, one.told_ns],
                    "servers": {name: list(seen) for name, seen in one.servers.items()},
                    "helos": dict(one.helos),
                    "domains": dict(one.domains),
                    "senders": dict(one.senders),
                    "asked": dict(one.asked),
                    "sums": dict(one.sums),
                }
                for key, one in self.mailers.items()
            },
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.roles = OrderedDict(state["roles"])
        self.mailers = OrderedDict((key, _mailer(saved)) for key, saved in state["mailers"].items())

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved; of a sender that both saw, what was seen more of."""
        for host, time_ns in state["roles"].items():
            self.roles[host] = max(time_ns, self.roles.get(host, 0))
        for key, saved in state["mailers"].items():
            theirs, mine = _mailer(saved), self.mailers.get(key)
            if mine is None or _much(theirs) > _much(mine):
                self.mailers[key] = theirs
        while len(self.roles) > MOST_ROLES:
            self.roles.popitem(last=False)
        while len(self.mailers) > MOST_MAILERS:
            self.mailers.popitem(last=False)


def _much(mailer: Mailer) -> int:
    return len(mailer.servers) + mailer.sums.get("sessions", 0)


def _mailer(saved: Mapping[str, Any]) -> Mailer:
    first, last, began, told, told_ns = saved["times"]
    return Mailer(
        first=first,
        last=last,
        servers={name: (time_ns, spoke) for name, (time_ns, spoke) in saved["servers"].items()},
        helos=dict(saved["helos"]),
        domains=dict(saved["domains"]),
        senders=dict(saved["senders"]),
        asked=dict(saved["asked"]),
        sums=dict(saved["sums"]),
        began=began,
        told=told,
        told_ns=told_ns,
    )


def _named(rows: "pl.DataFrame", window: Window) -> list[dict[str, Any]]:
    """Return rows with the names of both ends."""
    found = rows.to_dicts()
    names = window.hosts.names(rows["src"].to_list() + rows["dst"].to_list())
    for row, client, server in zip(found, names, names[len(found) :], strict=False):
        row["client"], row["server"] = client, server
    return found


def _served(window: Window) -> list[dict[str, Any]]:
    """Return which inside hosts answered as mail servers in each tick."""
    import polars as pl

    rows = window.talks.select(_TALKS).filter(
        pl.col("dst_port").is_in(SERVED) & (pl.col("protocol") == TCP) & (pl.col("payload_in") > 0)
    )
    if rows.is_empty():
        return []
    rows = rows.filter(local_mask(rows["dst"], window.hosts))
    rows = rows.group_by("tick", "dst", maintain_order=True).agg(pl.col("src").first(), pl.col("last").max())
    return _named(rows.sort("tick", maintain_order=True), window) if len(rows) else []


def _calls(window: Window) -> list[dict[str, Any]]:
    """Return which outside mail servers inside hosts called in each tick."""
    import polars as pl

    rows = window.talks.select(_TALKS).filter(
        (pl.col("dst_port") == MAIL)
        & (pl.col("protocol") == TCP)
        & ((pl.col("syn_out") > 0) | (pl.col("payload_in") > 0))
    )
    if rows.is_empty():
        return []
    rows = rows.filter(local_mask(rows["src"], window.hosts) & ~local_mask(rows["dst"], window.hosts))
    rows = (
        rows.group_by("tick", "src", "dst", maintain_order=True)
        .agg(pl.col("payload_in").sum(), pl.col("first").min(), pl.col("last").max())
        .sort("tick", "first", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_IN_TICK)
        .with_columns(pl.lit(value=True).alias("direct"))
    )
    return _named(rows, window) if len(rows) else []


def _sessions(window: Window) -> list[dict[str, Any]]:
    """Return what inside hosts said to mail servers, in order."""
    import polars as pl

    table = window.said.get("smtp")
    if table is None or table.is_empty():
        return []
    rows = table.select(_SAID).filter(local_mask(table["src"], window.hosts))
    if rows.is_empty():
        return []
    rows = (
        rows.with_columns(
            (~local_mask(rows["dst"], window.hosts) & (pl.col("dst_port") == MAIL)).alias("direct")
        )
        .sort("tick", "first", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_IN_TICK)
    )
    return _named(rows, window)


def _askings(window: Window) -> list[dict[str, Any]]:
    """Return for which mail servers inside hosts asked."""
    import polars as pl

    table = window.said.get("dns")
    if table is None or table.is_empty():
        return []
    rows = table.select(_ASKED).filter((pl.col("query_type") == "MX") & pl.col("query").is_not_null())
    if rows.is_empty():
        return []
    rows = (
        rows.filter(local_mask(rows["src"], window.hosts))
        .sort("tick", "first", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_IN_TICK)
    )
    return _named(rows, window) if len(rows) else []
