"""Names that one name server leads to one address outside, while by all others they are far apart."""

from collections import OrderedDict
from collections.abc import Mapping
from re import compile as pattern
from typing import Any

__all__ = ["SpreadNames"]

ONE_ADDRESS = pattern(r"\d{1,3}(?:\.\d{1,3}){3}")
NOWHERE = ("0.", "127.", "255.")
HOUR_NS = 3_600_000_000_000
MOST_NAMES, MOST_LED, MOST_EACH, MOST_SERVERS, MOST_NAME = 6_000, 3_000, 16, 3, 64
# Domains that have nothing in common, each asked for twice on average.
LEAST_DOMAINS, LEAST_ASKED = 4, 8


class SpreadNames:
    """What each server said last of a name, and which names it led to one address."""

    def __init__(self) -> None:
        # name -> server -> when and what it said last: one address, or nothing where there were several
        self.said: OrderedDict[str, dict[str, list[Any]]] = OrderedDict()
        # server and address -> since when, how often, and a name of each domain
        self.led: OrderedDict[str, list[Any]] = OrderedDict()
        # address -> the only server that spoke of it; empty where there are several
        self.sayers: OrderedDict[str, str] = OrderedDict()
        # What need not be heard twice; forgotten with the run.
        self._heard: set[tuple[str, str]] = set()
        # Keys of `led` with enough domains; those that are gone do no harm.
        self._wide: set[str] = set()

    def add(
        self, server: str, name: str, domain: str, answers: str, time_ns: int
    ) -> list[tuple[str, str, int, int]]:
        """Take an answer; return servers that led names astray, the address, since when, and how many."""
        address = answers if ONE_ADDRESS.fullmatch(answers) and not answers.startswith(NOWHERE) else ""
        name = name[-MOST_NAME:]
        servers = _at(self.said, name, MOST_NAMES, dict)
        servers.pop(server, None)
        servers[server] = [time_ns, address]
        if len(servers) > MOST_SERVERS:
            del servers[next(iter(servers))]
        self._hear(server, answers)
        if address:
            led = _at(self.led, f"{server}|{address}", MOST_LED, list)
            if not led:
                led += [time_ns, 0, {}]
            led[1] += 1
            if domain in led[2] or len(led[2]) < MOST_EACH:
                led[2][domain[-MOST_NAME:]] = name
            if len(led[2]) >= LEAST_DOMAINS:
                self._wide.add(f"{server}|{address}")
        if not self._wide or len(servers) == 1:
            return []
        judged = [(one, where, self._astray(one, where, time_ns)) for one, (_, where) in servers.items()]
        return sorted(
            (one, where, self.led[f"{one}|{where}"][0], many) for one, where, many in judged if many
        )

    def _hear(self, server: str, answers: str) -> None:
        """Note which server speaks of these addresses."""
        if (server, answers) in self._heard:
            return
        if len(self._heard) >= MOST_NAMES:
            self._heard.clear()
        self._heard.add((server, answers))
        for one in answers.split(","):
            if self.sayers.setdefault(one, server) != server:
                self.sayers[one] = ""
        while len(self.sayers) > MOST_NAMES:
            self.sayers.popitem(last=False)

    def _astray(self, server: str, address: str, time_ns: int) -> int:
        """Return how many domains a server leads to an address, each of which is elsewhere for others."""
        key = f"{server}|{address}"
        led = self.led.get(key) if key in self._wide else None
        if led is None or len(led[2]) < LEAST_DOMAINS or led[1] < LEAST_ASKED:
            return 0
        if self.sayers.get(address) != server:
            return 0
        nets, domains = {_net(address)}, 0
        for name in led[2].values():
            said = self.said.get(name, {})
            others = {
                where
                for one, (when, where) in said.items()
                if one != server and where and time_ns - when <= HOUR_NS
            }
            still = said.get(server, [0, ""])[1] == address
            fresh = {_net(where) for where in others} - nets
            if len(others) == 1 and still and fresh:
                nets |= fresh
                domains += 1
        return domains if domains >= LEAST_DOMAINS else 0

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "said": [
                [name, {one: list(last) for one, last in said.items()}] for name, said in self.said.items()
            ],
            "led": [[key, [led[0], led[1], dict(led[2])]] for key, led in self.led.items()],
            "sayers": [list(entry) for entry in self.sayers.items()],
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.said, self.led, self.sayers = OrderedDict(), OrderedDict(), OrderedDict()
        self._wide = set()
        self.merge(state)

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        self._merge_said(state["said"])
        for key, (since, count, names) in state["led"]:
            led = _at(self.led, key, MOST_LED, list)
            if not led:
                led += [since, 0, {}]
            led[0], led[1] = min(led[0], since), led[1] + count
            led[2] = dict([*led[2].items(), *names.items()][:MOST_EACH])
            if len(led[2]) >= LEAST_DOMAINS:
                self._wide.add(key)
        for address, server in state["sayers"]:
            if self.sayers.setdefault(address, server) != server:
                self.sayers[address] = ""
        while len(self.sayers) > MOST_NAMES:
            self.sayers.popitem(last=False)
        self._heard.clear()

    def _merge_said(self, state: list[list[Any]]) -> None:
        for name, said in state:
            mine = _at(self.said, name, MOST_NAMES, dict)
            for server, last in said.items():
                if server in mine:
                    mine[server] = max(mine[server], list(last))
                elif len(mine) < MOST_SERVERS:
                    mine[server] = list(last)


def _net(address: str) -> str:
    """Return the first half of an address: who is that near to another may be the same place."""
    return ".".join(address.split(".")[:2])


def _at(known: OrderedDict[str, Any], key: str, most: int, make: type) -> Any:  # noqa: ANN401  # of either table
    """Return what is known by a key, which becomes the latest; of too many the oldest goes."""
    found = known.get(key)
    if found is None:
        if len(known) >= most:
            known.popitem(last=False)
        found = known[key] = make()
    else:
        known.move_to_end(key)
    return found
