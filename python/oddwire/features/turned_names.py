"""Names that a name server leads to one address, which are elsewhere by what was said of them before."""

from collections import OrderedDict
from itertools import islice
from re import compile as pattern
from typing import TYPE_CHECKING, Any, NamedTuple

from oddwire.features.babble import top_level
from oddwire.features.memory import Memory, Track
from oddwire.features.spread_names import SpreadNames

if TYPE_CHECKING:
    import polars as pl

    from oddwire.base.window import Window

__all__ = ["Turned", "TurnedNames"]

PRIVATE = pattern(r"(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)[\d.]+")
HOUR_NS = 3_600_000_000_000
MOST_NAMES, MOST_DOMAINS, MOST_ASKED, MOST_NAME = 8_000, 64, 5_000, 64
# Of documentation, where it stands for any; names that end otherwise are at home somewhere.
RESERVED = "example"


class Turned(NamedTuple):
    """That a server led one more name to an address: how many domains by now, and how many elsewhere."""

    tick: int
    server: str
    address: str
    client: str
    time_ns: int
    start_ns: int
    domains: int
    others: int
    example: str
    is_inside: bool = True


class TurnedNames:
    """Where names were, by the last answer from outside; and which of them a server turned since."""

    def __init__(self) -> None:
        # name, and `@` with its domain -> the last two servers that said that it is outside, and when
        self.outside: OrderedDict[str, dict[str, int]] = OrderedDict()
        # server and address -> registered domains that it turned there, and lately what else it said
        self.turned = Memory(quiet_ns=HOUR_NS, most_keys=500, most_things=MOST_DOMAINS)
        self.others = Memory(quiet_ns=HOUR_NS, most_keys=500, most_things=MOST_DOMAINS)
        self.spread = SpreadNames()
        # client and domain -> when it asked
        self.asked: OrderedDict[str, int] = OrderedDict()
        self._turning: set[str] = set()

    def add(self, rows: "pl.DataFrame", window: "Window") -> list[Turned]:
        """Take answers; return where a server turned a name."""
        import polars as pl

        columns = ("tick", "src", "dst", "name", "domain", "answers", "answered_ns")
        asked = rows.select(*columns, "first", "message", "query_type").filter(
            pl.col("domain").is_not_null() & (pl.col("message") != "response")
        )
        numbers = pl.concat([asked["src"], asked["dst"]]).unique().to_list()
        names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
        first = asked.group_by("src", "domain").agg(pl.col("first").min()).sort("first", "domain", "src")
        for src, domain, time_ns in first.iter_rows():
            self._note(f"{names[src]}|{domain}", time_ns)
        told = (
            asked.filter((pl.col("query_type") == "A") & pl.col("answers").is_not_null())
            .select(columns)
            .sort("tick", "answered_ns", "name", "answers", maintain_order=True)
            .unique(["tick", "dst", "name", "answers"], keep="first", maintain_order=True)
        )
        found: list[Turned] = []
        endings = top_level()
        for tick, src, dst, name, domain, answers, time_ns in told.iter_rows():
            ending = domain.rpartition(".")[2]
            if ending not in endings and ending != RESERVED:
                continue
            client, server = names[src], names[dst]
            if not PRIVATE.fullmatch(answers):
                self._keep(server, name, domain, time_ns)
                for one, address, start_ns, many in self.spread.add(server, name, domain, answers, time_ns):
                    found.append(
                        Turned(tick, one, address, client, time_ns, start_ns, many, 0, name, is_inside=False)
                    )
            elif track := self._turn(server, answers, name, domain, time_ns):
                others = self.others.find(server)
                since = 0 if others is None else len(others.since(track.start_ns))
                many, first_ns = len(track.things), track.start_ns
                found.append(Turned(tick, server, answers, client, time_ns, first_ns, many, since, name))
        return found

    def was_asked(self, client: str, domain: str, time_ns: int) -> bool:
        """Say whether a client had asked for names in a domain by then."""
        return self.asked.get(f"{client}|{domain}", time_ns) < time_ns

    def _note(self, key: str, time_ns: int) -> None:
        if key not in self.asked:
            if len(self.asked) >= MOST_ASKED:
                self.asked.popitem(last=False)
            self.asked[key] = time_ns

    def _keep(self, server: str, name: str, domain: str, time_ns: int) -> None:
        """Note that a name is outside, and so is its domain."""
        for key in (name[-MOST_NAME:], f"@{domain[-MOST_NAME:]}"):
            servers = self.outside.get(key)
            if servers is None:
                if len(self.outside) >= MOST_NAMES:
                    self.outside.popitem(last=False)
                self.outside[key] = {server: time_ns}
                continue
            self.outside.move_to_end(key)
            servers.pop(server, None)
            servers[server] = time_ns
            if len(servers) > 2:  # noqa: PLR2004  # one of two is another than the one that turns it
                del servers[next(iter(servers))]
        if server in self._turning:
            self.others.touch(server, [domain], time_ns)

    def _turn(self, server: str, address: str, name: str, domain: str, time_ns: int) -> Track | None:
        """Note that a server says that a name is inside, if it was outside not long ago.

        Of names that were not asked for before, their domains tell, by what another server said.
        """
        since = time_ns - HOUR_NS
        seen = self.outside.get(name[-MOST_NAME:], {})
        near = self.outside.get(f"@{domain[-MOST_NAME:]}", {})
        is_known = any(when >= since for when in seen.values())
        if not is_known and not any(when >= since for one, when in near.items() if one != server):
            return None
        self._turning.add(server)
        return self.turned.touch(f"{server}|{address}", [domain], time_ns)

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "outside": [[name, dict(seen)] for name, seen in self.outside.items()],
            "asked": [list(entry) for entry in self.asked.items()],
            "turned": self.turned.save(),
            "others": self.others.save(),
            "spread": self.spread.save(),
        }

    def load(self, state: Any) -> None:  # noqa: ANN401  # what was saved
        """Remember what was saved, and nothing else."""
        self.outside = OrderedDict((name, dict(seen)) for name, seen in state["outside"])
        self.asked = OrderedDict((key, time_ns) for key, time_ns in state["asked"])
        self.turned.load(state["turned"])
        self.others.load(state["others"])
        self.spread.load(state["spread"])
        self._remember_turning()

    def merge(self, state: Any) -> None:  # noqa: ANN401  # what was saved
        """Remember also what another saved."""
        outside = {name: dict(seen) for name, seen in self.outside.items()}
        for name, seen in state["outside"]:
            both = outside.pop(name, {})
            for server, time_ns in seen.items():
                both[server] = max(time_ns, both.get(server, 0))
            latest = sorted(both.items(), key=lambda entry: (entry[1], entry[0]))[-2:]
            outside[name] = dict(latest)
        ordered = sorted(outside.items(), key=lambda entry: (max(entry[1].values()), entry[0]))
        self.outside = OrderedDict(ordered[-MOST_NAMES:])
        asked = [*self.asked.items(), *((key, time_ns) for key, time_ns in state["asked"])]
        asked.sort(key=lambda entry: (entry[1], entry[0]))
        first: dict[str, int] = {}
        for key, time_ns in asked:
            first.setdefault(key, time_ns)
        self.asked = OrderedDict(islice(first.items(), max(len(first) - MOST_ASKED, 0), None))
        self.turned.merge(state["turned"])
        self.others.merge(state["others"])
        self.spread.merge(state["spread"])
        self._remember_turning()

    def _remember_turning(self) -> None:
        self._turning = {key.rpartition("|")[0] for key in self.turned.tracks}
