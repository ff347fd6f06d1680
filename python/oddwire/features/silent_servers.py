"""Name servers that answer nobody: what they leave unanswered says nothing about the names."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

__all__ = ["SilentServers"]

# Answers nearer to each other than this are one sign of life.
APART_NS = 10_000_000_000
MOST_SERVERS, MOST_SIGNS, MOST_GAPS, MOST_CLIENTS = 500, 32, 6, 8
# So many unanswered questions of a client between two answers may be those of a server that is slow.
FEW = 3


class SilentServers:
    """When servers answered anybody, and who was left without an answer between two such times."""

    def __init__(self) -> None:
        # server -> times at which it answered, oldest first; since it left a first question unanswered
        self.signs: OrderedDict[str, list[int]] = OrderedDict()
        # server -> time of the answer before -> client -> questions left unanswered since
        self.losers: dict[str, dict[str, dict[str, int]]] = {}

    def knows(self, server: str) -> bool:
        """Say whether this server left a question unanswered."""
        return server in self.signs

    def answered(self, server: str, time_ns: int) -> None:
        """Note that a server answered somebody."""
        signs = self.signs.get(server)
        if signs is None or (signs and time_ns - signs[-1] < APART_NS):
            return
        signs.append(time_ns)
        del signs[:-MOST_SIGNS]

    def lost(self, server: str, client: str, time_ns: int) -> bool:
        """Note a question without an answer; say whether others had none either: then it says nothing."""
        signs = self.signs.setdefault(server, [])
        self.signs.move_to_end(server)
        before = max((sign for sign in signs if sign <= time_ns), default=0)
        gaps = self.losers.setdefault(server, {})
        losers = gaps.setdefault(str(before), {})
        if len(gaps) > MOST_GAPS:
            del gaps[next(iter(gaps))]
        if client in losers or len(losers) < MOST_CLIENTS:
            losers[client] = losers.get(client, 0) + 1
        if len(self.signs) > MOST_SERVERS:
            gone, _ = self.signs.popitem(last=False)
            self.losers.pop(gone, None)
        return len(losers) > 1 and losers.get(client, FEW + 1) > FEW

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "signs": {server: list(signs) for server, signs in self.signs.items()},
            "losers": {
                server: {before: dict(losers) for before, losers in gaps.items()}
                for server, gaps in self.losers.items()
            },
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.signs, self.losers = OrderedDict(), {}
        self.merge(state)

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        for server, signs in state["signs"].items():
            mine = self.signs.get(server, [])
            self.signs[server] = sorted({*mine, *signs})[-MOST_SIGNS:]
        for server, gaps in state["losers"].items():
            known = self.losers.setdefault(server, {})
            for before, losers in gaps.items():
                here = known.setdefault(before, {})
                for client, count in losers.items():
                    if client in here or len(here) < MOST_CLIENTS:
                        here[client] = max(here.get(client, 0), count)
            for before in list(known)[:-MOST_GAPS]:
                del known[before]
        while len(self.signs) > MOST_SERVERS:
            gone, _ = self.signs.popitem(last=False)
            self.losers.pop(gone, None)
