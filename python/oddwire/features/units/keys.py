"""Who is who across runs: hosts and places by hashes of their names, which numbers of a run are not."""

from collections.abc import Mapping
from hashlib import blake2b
from ipaddress import ip_address
from typing import TYPE_CHECKING

from oddwire.base.window import Hosts

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["GROUP", "INSIDE", "OUTSIDE", "Book", "hash_of", "mixed"]

OUTSIDE, INSIDE, GROUP = 0, 1, 2
MOST_CALLED = 200_000
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
        # Side and hash of each number of the run, where they are known.
        self._sides = np.zeros(0, dtype=np.uint8)
        self._known = np.zeros(0, dtype=bool)
        # What addresses were called; the longest unheard is forgotten first.
        self.called: dict[str, int] = {}

    def sides(self, numbers: "pl.Series") -> "np.ndarray":
        """Return for each number whether it is inside, outside or a group."""
        import numpy as np

        wanted = numbers.to_numpy()
        if wanted.size:
            size = int(wanted.max()) + 1
            if size > self._known.size:
                more = max(size, 2 * self._known.size) - self._known.size
                self._sides = np.concatenate([self._sides, np.zeros(more, np.uint8)])
                self._known = np.concatenate([self._known, np.zeros(more, bool)])
            fresh = np.unique(wanted[~self._known[wanted]])
            names = self.hosts.names(fresh.tolist())
            self._sides[fresh] = [self._side(name) for name in names]
            self._known[fresh] = True
        found: np.ndarray = self._sides[wanted]
        return found

    def _side(self, name: str) -> int:
        if self.hosts.is_local(name) and not name.endswith(".255"):
            return INSIDE
        return GROUP if _is_group(name) else OUTSIDE

    def places(self, numbers: "pl.Series") -> "np.ndarray":
        """Return for each number the hash of the place that it stands for now."""
        import numpy as np

        each, back = np.unique(numbers.to_numpy(), return_inverse=True)
        sides = self.sides(numbers)
        inside = np.zeros(each.size, bool)
        inside[back] = sides != OUTSIDE
        names = self.hosts.names(each.tolist())
        hashes = [
            hash_of(name) if own else self.called.get(name) or hash_of(_network(name))
            for name, own in zip(names, inside, strict=True)
        ]
        return np.array(hashes, dtype=np.uint64)[back]

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


def _is_group(name: str) -> bool:
    """Say whether an address is nobody's own: multicast, broadcast, unspecified, or of no known host."""
    if name.endswith(".255") or name == "0.0.0.0":  # noqa: S104  # an address that was seen, nothing is bound
        return True
    first, dot, _ = name.partition(".")
    if dot and first.isdigit():
        # As a spoofed flood shows a million of them, an address of IPv4 is not parsed.
        return 224 <= int(first) < 240  # noqa: PLR2004  # multicast
    try:
        address = ip_address(name)
    except ValueError:
        return True
    return address.is_multicast or address.is_unspecified


def _network(name: str) -> str:
    if ":" in name:
        return ":".join(ip_address(name).exploded.split(":")[:3])
    return name.rpartition(".")[0]
