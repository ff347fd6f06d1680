"""Names that a name server turned to an address inside, which are somewhere else by what was said before."""

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from oddwire.features.babble import top_level
from oddwire.features.memory import Memory, Track

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Turned", "TurnedNames"]

PRIVATE = r"^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)[\d.]+$"
HOUR_NS = 3_600_000_000_000
MOST_NAMES, MOST_DOMAINS, MOST_ASKED = 8_000, 64, 5_000


class Turned(NamedTuple):
    """That a server turned one more name inside: how many domains by now, and how many it did not."""

    tick: int
    server: str
    address: str
    client: str
    time_ns: int
    start_ns: int
    domains: int
    others: int
    example: str


class TurnedNames:
    """Where names were, by the last answer from outside; and which of them a server turned inside since."""

    def __init__(self) -> None:
        # name -> the server that said that it is outside, and when
        self.outside: OrderedDict[str, tuple[str, int]] = OrderedDict()
        # server and address -> registered domains that it turned there, and lately what else it said
        self.turned = Memory(quiet_ns=HOUR_NS, most_keys=500, most_things=MOST_DOMAINS)
        self.others = Memory(quiet_ns=HOUR_NS, most_keys=500, most_things=MOST_DOMAINS)
        # client and domain -> when it asked
        self.asked: OrderedDict[str, int] = OrderedDict()

    def add(self, rows: "pl.DataFrame") -> list[Turned]:
        """Take answers; return where a server turned a name inside."""
        import polars as pl

        asked = rows.filter(pl.col("domain").is_not_null() & (pl.col("message") != "response"))
        first = asked.unique(["client", "domain"], keep="first", maintain_order=True)
        for client, domain, time_ns in first.select("client", "domain", "first").iter_rows():
            self._note(f"{client}|{domain}", time_ns)
        is_inside = pl.col("answers").str.contains(PRIVATE)
        told = (
            asked.filter(
                (pl.col("query_type") == "A")
                & pl.col("answers").is_not_null()
                & pl.col("domain").str.extract(r"([^.]*)$", 1).is_in(list(top_level()))
            )
            .unique(["tick", "server", "name", "answers"], keep="first", maintain_order=True)
            .select(
                "tick",
                "client",
                "server",
                "name",
                "domain",
                "answers",
                "answered_ns",
                is_inside.alias("inside"),
            )
        )
        found: list[Turned] = []
        for tick, client, server, name, domain, answers, time_ns, inside in told.iter_rows():
            if not inside:
                self._keep(server, name, domain, time_ns)
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
        """Note that a name is outside."""
        self.outside.pop(name, None)
        if len(self.outside) >= MOST_NAMES:
            self.outside.popitem(last=False)
        self.outside[name[-64:]] = (server, time_ns)
        if self.turned.tracks and any(key.startswith(f"{server}|") for key in self.turned.tracks):
            self.others.touch(server, [domain], time_ns)

    def _turn(self, server: str, address: str, name: str, domain: str, time_ns: int) -> Track | None:
        """Note that a server says that a name is inside, if it was outside not long ago."""
        seen = self.outside.get(name[-64:])
        if seen is None or time_ns - seen[1] > HOUR_NS:
            return None
        return self.turned.touch(f"{server}|{address}", [domain], time_ns)

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "outside": [[name, *seen] for name, seen in self.outside.items()],
            "asked": [list(entry) for entry in self.asked.items()],
            "turned": self.turned.save(),
            "others": self.others.save(),
        }

    def load(self, state: Any) -> None:  # noqa: ANN401  # what was saved
        """Remember what was saved, and nothing else."""
        self.outside = OrderedDict((name, (server, time_ns)) for name, server, time_ns in state["outside"])
        self.asked = OrderedDict((key, time_ns) for key, time_ns in state["asked"])
        self.turned.load(state["turned"])
        self.others.load(state["others"])

    def merge(self, state: Any) -> None:  # noqa: ANN401  # what was saved
        """Remember also what another saved."""
        outside = [(name, seen) for name, seen in self.outside.items()]
        outside += [(name, (server, time_ns)) for name, server, time_ns in state["outside"]]
        asked = [*self.asked.items(), *((key, time_ns) for key, time_ns in state["asked"])]
        outside.sort(key=lambda entry: (entry[1][1], entry[0]))
        asked.sort(key=lambda entry: (entry[1], entry[0]))
        self.outside = OrderedDict(dict(outside[-MOST_NAMES:]))
        self.asked = OrderedDict(dict(asked[-MOST_ASKED:]))
        self.turned.merge(state["turned"])
        self.others.merge(state["others"])
