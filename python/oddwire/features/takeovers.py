"""Hosts that make others run things: services, tasks and processes by remote calls, programs written."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.seen import local_mask

if TYPE_CHECKING:
    import polars as pl

__all__ = ["TAKEOVERS_NEED", "Act", "Deeds", "Takeovers", "acts"]

_NAMED = "tick src dst first"
_COLUMNS = {
    "smb": f"{_NAMED} event user auth login status share name action",
    "dcerpc": f"{_NAMED} interface operations",
    "http": f"{_NAMED} dst_port method path status",
}
TAKEOVERS_NEED = frozenset(f"{table}.{name}" for table, names in _COLUMNS.items() for name in names.split())
MOST_CLIENTS, MOST_SERVERS, MOST_ACTS_IN_TICK, MOST_TEXT, MOST_LENGTH = 500, 64, 2_000, 64, 16
# What writes a file, of all that opening one does.
WRITTEN = ("created", "overwritten", "superseded")
WINRM = (5985, 47001)
# Operations that make something run, or run once it starts: what they are called in the table.
_OPERATIONS = {
    "svcctl": ("service", "CreateService|ChangeServiceConfig"),
    "atsvc": ("task", "NetrJobAdd"),
    "ITaskSchedulerService": ("task", "SchRpcRegisterTask"),
    "IWbemServices": ("process", "ExecMethod"),
    "winreg": ("registry", "SetValue"),
}
# A service that is there already is started by administrators, too.
_STARTED = "StartService|SchRpcRun"
# What a host does to another one, in words.
WORDS = {
    "service": "services made",
    "task": "tasks set",
    "process": "processes begun",
    "started": "services started",
    "registry": "registry written",
    "pipe": "services or tasks addressed",
    "shell": "remote shells",
    "wrote": "programs written",
}
SURE = ("service", "task", "process")


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One thing that a client did to a server: when it began, and until when it was seen."""

    tick: int
    client: str
    server: str
    what: str
    time_ns: int
    detail: str = ""


@dataclass(slots=True)
class Deeds:
    """What a client did to a server: each thing when first, and with which name."""

    first: int
    last: int
    until: int
    done: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def began(self) -> int:
        """Return when the first thing was done that is more than to come in; 0 if nothing was."""
        return min((time_ns for what, (time_ns, _) in self.done.items() if what in WORDS), default=0)

    @property
    def is_sure(self) -> bool:
        """Say whether something was made to run."""
        return any(what in self.done for what in SURE) or ("pipe" in self.done and "wrote" in self.done)

    @property
    def is_likely(self) -> bool:
        """Say whether something may have been made to run."""
        return (
            self.is_sure
            or any(what in self.done for what in ("started", "shell"))
            or ("pipe" in self.done and "admin" in self.done)
            or ("registry" in self.done and "wrote" in self.done)
        )

    @property
    def words(self) -> list[str]:
        """Return what was done, in words."""
        return [words for what, words in WORDS.items() if what in self.done]


class Takeovers:
    """Who did what to whom inside; of too many clients and servers the longest untouched goes."""

    def __init__(self) -> None:
        self.clients: OrderedDict[str, dict[str, Deeds]] = OrderedDict()

    def add(self, act: Act, until_ns: int, forget_ns: int) -> bool:
        """Remember what was done; say whether it is something new."""
        servers = self.clients.pop(act.client, None)
        if servers is None:
            servers = {}
            if len(self.clients) >= MOST_CLIENTS:
                self.clients.popitem(last=False)
        self.clients[act.client] = servers
        deeds = servers.pop(act.server, None)
        if deeds is None or act.time_ns - deeds.last > forget_ns:
            deeds = Deeds(first=act.time_ns, last=act.time_ns, until=until_ns)
            if len(servers) >= MOST_SERVERS:
                del servers[next(iter(servers))]
        servers[act.server] = deeds
        deeds.first, deeds.last = min(deeds.first, act.time_ns), max(deeds.last, act.time_ns)
        if act.what in deeds.done:
            return False
        deeds.until = max(deeds.until, until_ns)
        deeds.done[act.what] = (act.time_ns, act.detail[:MOST_TEXT])
        return True

    def ran_by(self, client: str, since_ns: int) -> dict[str, Deeds]:
        """Return the hosts to which a client did something for the first time since then."""
        return {
            server: deeds
            for server, deeds in self.clients.get(client, {}).items()
            if (deeds.began or deeds.first) >= since_ns
        }

    def before(self, client: str, since_ns: int) -> int:
        """Return at how many hosts a client made things run already before."""
        return sum(
            deeds.is_likely and deeds.began < since_ns for deeds in self.clients.get(client, {}).values()
        )

    def chain(self, client: str, ran: list[str], span_ns: int) -> list[tuple[str, str, Deeds]]:
        """Return by whom a client was taken, and whom it took then; nothing if it took nobody after that."""
        servers = self.clients.get(client, {})
        path, links = [client], [(client, name, servers[name]) for name in sorted(ran)]
        time_ns = max((deeds.began for _, _, deeds in links), default=0)
        while links and len(path) < MOST_LENGTH:
            ways = [
                (deeds.began, other)
                for other, taken in self.clients.items()
                if other not in path
                and (deeds := taken.get(path[0]))
                and (deeds.is_likely or "wrote" in deeds.done)
                and time_ns - span_ns <= deeds.began < time_ns
            ]
            if not ways:
                break
            time_ns, other = min(ways)
            links.insert(0, (other, path[0], self.clients[other][path[0]]))
            path.insert(0, other)
        if len(path) == 1:
            return []
        # Whom it took before it was taken itself, and who took it, are no part of the chain.
        taken_ns = next(deeds.began for _, server, deeds in links if server == client)
        return [
            (one, other, deeds)
            for one, other, deeds in links
            if one != client or (deeds.began > taken_ns and other not in path)
        ]

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            client: {
                server: [
                    deeds.first,
                    deeds.last,
                    deeds.until,
                    {what: list(when) for what, when in deeds.done.items()},
                ]
                for server, deeds in servers.items()
            }
            for client, servers in self.clients.items()
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.clients = OrderedDict(
            (client, {server: _deeds(saved) for server, saved in servers.items()})
            for client, servers in state.items()
        )

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        for client, servers in state.items():
            mine = self.clients.setdefault(client, {})
            for server, saved in servers.items():
                theirs = _deeds(saved)
                if known := mine.get(server):
                    theirs.first, theirs.last = min(theirs.first, known.first), max(theirs.last, known.last)
                    theirs.until = max(theirs.until, known.until)
                    for what, when in known.done.items():
                        theirs.done[what] = min(when, theirs.done.get(what, when))
                mine[server] = theirs
            while len(mine) > MOST_SERVERS:
                del mine[next(iter(mine))]
        while len(self.clients) > MOST_CLIENTS:
            self.clients.popitem(last=False)


def _deeds(saved: list[Any]) -> Deeds:
    first, last, until, done = saved
    return Deeds(
        first=first,
        last=last,
        until=until,
        done={what: (time_ns, detail) for what, (time_ns, detail) in done.items()},
    )


def acts(window: Window) -> list[Act]:
    """Return what inside hosts did to each other, in order, a bounded number of each tick."""
    import polars as pl

    found = [part for part in (_shares(window), _calls(window), _shells(window)) if part is not None]
    if not found:
        return []
    rows = pl.concat(found)
    if rows.is_empty():
        return []
    inside = local_mask(rows["src"], window.hosts) & local_mask(rows["dst"], window.hosts)
    rows = (
        rows.filter(inside & (rows["src"] != rows["dst"]))
        .sort("tick", "first", "what", "detail")
        .unique(["tick", "src", "dst", "what", "detail"], keep="first", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_ACTS_IN_TICK)
    )
    clients, servers = (window.hosts.names(rows[end].to_list()) for end in ("src", "dst"))
    return [
        Act(tick=tick, client=client, server=server, what=what, time_ns=first, detail=detail or "")
        for (tick, first, what, detail), client, server in zip(
            rows.select("tick", "first", "what", "detail").iter_rows(), clients, servers, strict=True
        )
    ]


def _told(rows: "pl.DataFrame", what: "pl.Expr", detail: "pl.Expr") -> "pl.DataFrame":
    """Return rows of one form, without those that are nothing."""
    import polars as pl

    return (
        rows.select("tick", "src", "dst", "first", what.alias("what"), detail.alias("detail"))
        .filter(pl.col("what").is_not_null())
        .cast({"what": pl.String, "detail": pl.String})
    )


def _shares(window: Window) -> "pl.DataFrame | None":
    """Return programs written, administrators' shares and pipes of services opened, and log-ins."""
    import polars as pl

    table = window.said.get("smb")
    if table is None or table.is_empty():
        return None
    granted = pl.col("status").is_null() | (pl.col("status") == "STATUS_SUCCESS")
    is_share = pl.col("share").str.contains(r"(?i)\\(admin|[a-z])\$$")
    is_refused = (pl.col("status") == "STATUS_ACCESS_DENIED") & (pl.col("event") == "tree") & is_share
    rows = table.filter((granted | is_refused) & pl.col("event").is_in(["open", "tree", "login"]))
    is_open, is_tree = pl.col("event") == "open", pl.col("event") == "tree"
    name = pl.col("name").str.to_lowercase().str.split("\\").list.last()
    known = pl.col("user").is_not_null() & (pl.col("login") == "success")
    what = (
        pl.when(is_open & name.is_in(["svcctl", "atsvc", "tsch"]))
        .then(pl.lit("pipe"))
        .when(is_open & pl.col("action").is_in(WRITTEN) & name.str.contains(".", literal=True))
        .then(pl.lit("wrote"))
        .when(is_refused)
        .then(pl.lit("refused"))
        .when(is_tree & is_share)
        .then(pl.lit("admin"))
        .when(known & pl.col("auth").is_in(["ntlm", "kerberos"]) & ~pl.col("user").str.ends_with("$"))
        .then(pl.lit("login"))
    )
    return _told(rows, what, pl.when(is_open).then(name).otherwise(pl.col("user")))


def _calls(window: Window) -> "pl.DataFrame | None":
    """Return remote calls that make something run."""
    import polars as pl

    table = window.said.get("dcerpc")
    if table is None or table.is_empty():
        return None
    rows = table.filter(pl.col("interface").is_in(list(_OPERATIONS)) & pl.col("operations").is_not_null())
    what: Any = pl
    for interface, (name, pattern) in _OPERATIONS.items():
        meant = (pl.col("interface") == interface) & pl.col("operations").str.contains(pattern)
        what = what.when(meant).then(pl.lit(name))
    what = what.when(pl.col("operations").str.contains(_STARTED)).then(pl.lit("started"))
    return _told(rows, what, pl.lit(None))


def _shells(window: Window) -> "pl.DataFrame | None":
    """Return requests that open shells; events that are reported go another way."""
    import polars as pl

    table = window.said.get("http")
    if table is None or table.is_empty():
        return None
    rows = table.filter(
        pl.col("dst_port").is_in(WINRM)
        & (pl.col("method") == "POST")
        & (pl.col("path").str.strip_chars_end("/") == "/wsman")
        & (pl.col("status").is_null() | (pl.col("status") < 400))  # noqa: PLR2004  # refused
    )
    return _told(rows, pl.lit("shell"), pl.lit(None))
