"""Who is who across runs: hosts and places by hashes of their names, which numbers of a run are not."""

from collections.abc import Mapping
from hashlib import blake2b
from socket import AF_INET6, inet_pton
from typing import TYPE_CHECKING

from oddwire.base.window import Hosts

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import polars as pl

__all__ = ["GROUP", "INSIDE", "OUTSIDE", "Book", "hash_of", "mixed"]

OUTSIDE, INSIDE, GROUP = 0, 1, 2
MOST_CALLED = 200_000
# How IPv4 addresses of groups begin, and those of everybody and of nobody.
GROUPS = frozenset(f"{first}." for first in range(224, 240))
NOBODY = frozenset({"0.0.0.0", "255.255.255.255"})  # noqa: S104
# Odd numbers with well-spread bits, by which two hashes become one.
_SPREAD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)


class Book:
    """The hosts of a run: on which side they are, and for which place they stand.

    A host outside stands for a place: the registered domain by which it was last called, else its network
    (the first three bytes of IPv4, six of IPv6). So another address of the same service is no news.
    """

    def __init__(self, hosts: Hosts) -> None:
        import numpy as np

        self.hosts = hosts
        # Side of each number of the run, where it is known, and hash of its own name or network, or 0.
        self._sides = np.zeros(0, dtype=np.uint8)
        self._known = np.zeros(0, dtype=bool)
        self._hashes = np.zeros(0, dtype=np.uint64)
        # What addresses were called; the longest unheard is forgotten first.
        self.called: dict[str, int] = {}

    def sides(self, numbers: "pl.Series") -> "np.ndarray":
        """Return for each number whether it is inside, outside or a group."""
        return self._sides_of(numbers.to_numpy())

    def places(self, numbers: "pl.Series") -> "np.ndarray":
        """Return for each number the hash of the place that it stands for now."""
        import numpy as np

        each, back = np.unique(numbers.to_numpy(), return_inverse=True)
        sides = self._sides_of(each)
        hashes = self._hashes[each]
        fresh = hashes == 0
        if fresh.any():
            names = self.hosts.names(each[fresh].tolist())
            hashes[fresh] = [
                hash_of(_network(name) if side == OUTSIDE else name)
                for name, side in zip(names, sides[fresh].tolist(), strict=True)
            ]
            self._hashes[each[fresh]] = hashes[fresh]
        if self.called:
            away = np.flatnonzero(sides == OUTSIDE)
            for at, name in zip(away.tolist(), self.hosts.names(each[away].tolist()), strict=True):
                if domain := self.called.get(name):
                    hashes[at] = domain
        found: np.ndarray = hashes[back]
        return found

    def _sides_of(self, wanted: "np.ndarray") -> "np.ndarray":
        import numpy as np

        if wanted.size:
            more = int(wanted.max()) + 1 - self._known.size
            if more > 0:
                more = max(more, self._known.size)
                self._sides = np.concatenate([self._sides, np.zeros(more, np.uint8)])
                self._known = np.concatenate([self._known, np.zeros(more, bool)])
                self._hashes = np.concatenate([self._hashes, np.zeros(more, np.uint64)])
            fresh = np.unique(wanted[~self._known[wanted]])
            if fresh.size:
                is_local = self.hosts.is_local
                self._sides[fresh] = [_side(name, is_local) for name in self.hosts.names(fresh.tolist())]
                self._known[fresh] = True
        found: np.ndarray = self._sides[wanted]
        return found

    def call(self, said: Mapping[str, "pl.DataFrame"]) -> None:
        """Take by which names addresses are called: from answers of DNS, and hellos of TLS and QUIC."""
        import polars as pl

        from oddwire import native

        parts = []
        dns = said.get("dns")
        if dns is not None and not dns.is_empty():
            told = dns.filter(pl.col("answers").is_not_null() & (pl.col("answers") != ""))
            told = told.select("tick", name="query", address=pl.col("answers").str.split(",").list.head(16))
            parts.append(told.explode("address"))
        for protocol in ("tls", "quic"):
            rows = said.get(protocol)
            if rows is None or rows.is_empty():
                continue
            rows = rows.filter(pl.col("sni").is_not_null()).unique("dst", keep="last", maintain_order=True)
            addresses = pl.Series("address", self.hosts.names(rows["dst"].to_list()), dtype=pl.String)
            parts.append(rows.select("tick", name="sni").with_columns(addresses))
        if not parts:
            return
        told = pl.concat(parts).drop_nulls().sort("tick", "address", "name")
        told = told.unique("address", keep="last", maintain_order=True)
        names = told["name"].to_list()
        domains = native.registered_domains(names)
        for name, domain, address in zip(names, domains, told["address"].to_list(), strict=True):
            self.called.pop(address, None)
            if len(self.called) >= MOST_CALLED:
                del self.called[next(iter(self.called))]
            self.called[address] = hash_of(domain or name)


def mixed(*parts: "np.ndarray") -> "np.ndarray":
    """Return one hash of several numbers, row by row."""
    import numpy as np

    total = np.zeros(parts[0].shape, dtype=np.uint64)
    for part, spread in zip(parts, _SPREAD, strict=False):
        total = (total ^ part.astype(np.uint64)) * np.uint64(spread)
        total ^= total >> np.uint64(29)
    return total


def hash_of(text: str) -> int:
    """Return a number for a text that is the same in every run, and never 0."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") or 1


def _side(name: str, is_local: "Callable[[str], bool]") -> int:
    if _is_group(name):
        return GROUP
    if not is_local(name):
        return OUTSIDE
    # The last address of a network of ours calls all of it; elsewhere it may be anybody's.
    return GROUP if name.endswith(".255") else INSIDE


def _is_group(name: str) -> bool:
    """Say whether an address is nobody's own: multicast, broadcast, unspecified, or of no known host."""
    if ":" in name:
        return name == "::" or name.startswith("ff")
    # By the text alone: a flood has a million of them.
    return name[:4] in GROUPS or name in NOBODY or not name[:1].isdecimal()


def _network(name: str) -> str:
    if ":" in name:
        return inet_pton(AF_INET6, name)[:6].hex(":", 2)
    return name.rpartition(".")[0]
