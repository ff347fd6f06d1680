"""What one host does on one day, while it is planned: times are seconds of that day."""

from typing import TYPE_CHECKING, Any

from oddwire.testing.simulation.calendar import DAY_NS, DAY_S, MONDAY_NS
from oddwire.testing.simulation.conversations import COLUMNS, conversations

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from oddwire.testing.simulation.office import Office

__all__ = ["Draft", "lookups", "uncached"]

FIRST_PORT, PORTS = 49_152, 16_000
TCP, UDP, QUIC_PORT, TLS_PORT, WEB_PORT = 6, 17, 443, 443, 80
# For so long a host remembers what a name stands for.
REMEMBERED_S = 300.0
# How many programs ask for both kinds of address.
BOTH = 0.5
# Of a conversation over TLS: what the handshakes say at least.
HELLO, SERVER_HELLO = 640, 1_400
NEAR_S, CACHED_S, AWAY_S = 0.000_4, 0.000_9, 0.021


class Draft:
    """Collects conversations of a host; names are looked up before they are used."""

    def __init__(self, office: "Office", seed: int, day: int, address: str, part: int = 0) -> None:
        import numpy as np

        self.office = office
        self.day = day
        self.address = address
        host = int(address.rpartition(".")[2])
        self.dice = np.random.default_rng([seed, day, host, part])
        self._parts: list[dict[str, Any]] = []
        self._wanted: list[tuple[Any, Any, Any, Any]] = []

    def add(self, at: Any, duration: Any = 0.0, **given: Any) -> None:  # noqa: ANN401  # a value, or one a row
        """Add conversations that begin at these times; what is given is one value, or one a row."""
        import numpy as np

        at = np.atleast_1d(np.asarray(at, dtype=np.float64))
        inside = (at >= 0) & (at < DAY_S)
        part: dict[str, Any] = {"at": at[inside], "duration": np.broadcast_to(duration, at.shape)[inside]}
        for name, value in given.items():
            if isinstance(value, np.ndarray):
                part[name] = value[inside]
            else:
                part[name] = np.full(int(inside.sum()), value, dtype=object if _is_text(name) else None)
        if inside.any():
            self._parts.append(part)

    def visit(self, at: Any, sites: Any, duration: Any, **given: Any) -> None:  # noqa: ANN401  # as above
        """Add conversations with names outside: looked up, then over TLS unless something else is given."""
        import numpy as np

        at = np.atleast_1d(np.asarray(at, dtype=np.float64))
        sites = np.broadcast_to(np.asarray(sites), at.shape)
        known = self.office.sites
        moment = self.day * DAY_S + at
        addresses = known.addresses(sites, moment)
        self._wanted.append((at, known.names[sites], addresses, known.addresses(sites, moment, 1)))
        given = {"service": "tls", "dst_port": TLS_PORT, "protocol": TCP, "name": known.names[sites], **given}
        self.add(at, duration, dst=addresses, **given)

    def inside(self, at: Any, role: str, duration: Any, **given: Any) -> None:  # noqa: ANN401  # as above
        """Add conversations with a server of the office, by its name."""
        import numpy as np

        at = np.atleast_1d(np.asarray(at, dtype=np.float64))
        address = self.office.one(role)
        names = np.full(at.shape, self.office.name(address), dtype=object)
        addresses = np.full(at.shape, address, dtype=object)
        self._wanted.append((at, names, addresses, addresses))
        self.add(at, duration, dst=address, **given)

    def missing(self, at: Any, names: Any) -> None:  # noqa: ANN401  # as above
        """Ask for names that do not exist."""
        import numpy as np

        at = np.atleast_1d(np.asarray(at, dtype=np.float64))
        names = np.broadcast_to(np.asarray(names, dtype=object), at.shape)
        gone = np.full(at.shape, "NXDOMAIN", dtype=object)
        self._wanted.append((at, names, gone, gone))

    def sizes(self, median: float, spread: float, count: int, least: float = 0.0) -> "np.ndarray":
        """Return sizes, or pauses, with a heavy tail: their logarithms are normal."""
        import numpy as np

        return np.maximum(least, median * np.exp(spread * self.dice.standard_normal(count)))

    def done(self) -> "pl.DataFrame":
        """Return the plan: with look-ups, and ports as a host counts them."""
        import numpy as np
        import polars as pl

        if self._wanted:
            self._look_up()
        if not self._parts:
            return conversations().clear()
        columns: dict[str, Any] = {}
        for name in ("at", "duration", *(name for name in COLUMNS if any(name in p for p in self._parts))):
            columns[name] = np.concatenate([self._column(name, part) for part in self._parts])
        at, duration = columns.pop("at"), columns.pop("duration")
        base = MONDAY_NS + self.day * DAY_NS
        order = np.argsort(at, kind="stable")
        for name, value in columns.items():
            columns[name] = _list(value[order]) if _is_text(name) else np.rint(value[order]).astype(np.int64)
        ports = FIRST_PORT + (np.arange(len(at)) + int(self.dice.integers(PORTS))) % PORTS
        plan = conversations(
            **{"src_port": ports, **columns},
            start_ns=base + np.rint(at[order] * 1e6).astype(np.int64) * 1_000,
            duration_ns=np.rint(duration[order] * 1e6).astype(np.int64) * 1_000,
            src=self.address,
        )
        # Those without a port of their own, such as pings, have given 0.
        return plan.with_columns(
            pl.when(pl.col("protocol") == 1)
            .then(0)
            .otherwise(pl.col("src_port"))
            .cast(pl.UInt16)
            .alias("src_port")
        )

    @staticmethod
    def _column(name: str, part: dict[str, Any]) -> "np.ndarray":
        import numpy as np

        if name in part:
            return np.asarray(part[name])
        default = COLUMNS[name][1]
        return np.full(len(part["at"]), default, dtype=object if _is_text(name) else None)

    def _look_up(self) -> None:
        import numpy as np

        at, names, first, second = (np.concatenate([one[n] for one in self._wanted]) for n in range(4))
        fresh = uncached(names, at, REMEMBERED_S)
        at, names, first, second = at[fresh], names[fresh], first[fresh], second[fresh]
        answers = np.where(first == second, first, first + "," + second)
        resolver = self.office.resolver_of(self.address)
        before = self.dice.uniform(0.03, 0.09, len(at))
        late = self.dice.uniform(0.6, 2.0, len(at)) * CACHED_S
        lookups(self, at - before, names, answers, dst=resolver, duration=late)
        # Half of the programs ask for the newer kind of address too, and get none.
        both = (self.dice.random(len(at)) < BOTH) & (first != "NXDOMAIN")
        later = at[both] - before[both] + self.dice.uniform(0.000_2, 0.002, int(both.sum()))
        nothing = np.full(int(both.sum()), "", dtype=object)
        lookups(self, later, names[both], nothing, dst=resolver, duration=CACHED_S, verb="AAAA")


def lookups(draft: Draft, at: "np.ndarray", names: "np.ndarray", answers: "np.ndarray", **given: Any) -> None:  # noqa: ANN401
    """Add questions for names, with their answers; `given` says to whom, and what else differs."""
    import numpy as np

    lengths = np.array([len(name) for name in names], dtype=np.int64)
    found = np.array([answer.count(".") // 3 for answer in answers], dtype=np.int64)
    draft.add(
        np.maximum(at, 0.0),
        dst_port=53,
        protocol=UDP,
        service="dns",
        name=np.asarray(names, dtype=object),
        answer=np.asarray(answers, dtype=object),
        payload_out=lengths + 18,
        payload_in=lengths + 18 + 16 * found,
        **{"verb": "A", **given},
    )


def uncached(names: Any, at: Any, remembered: float) -> "np.ndarray":  # noqa: ANN401  # arrays
    """Say which uses of a name need a look-up: those that come long after the one before."""
    import numpy as np

    _, number = np.unique(names.astype(str), return_inverse=True)
    order = np.lexsort((at, number))
    gap = np.diff(at[order], prepend=-np.inf)
    first = np.diff(number[order], prepend=-1) != 0
    fresh = np.empty(len(at), dtype=bool)
    fresh[order] = first | (gap > remembered)
    return fresh


def _is_text(name: str) -> bool:
    return COLUMNS[name][0] == "String" if name in COLUMNS else False


def _list(values: "np.ndarray") -> list[Any]:
    return values.tolist()  # type: ignore[no-any-return]
