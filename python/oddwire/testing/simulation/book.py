"""Who is who in a simulation: numbers, hardware addresses and hops of all addresses of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["Book", "book_of"]

OWN_CARD = 0x0200 << 32
WINDOWS_HOPS, OTHER_HOPS = 128, 64


@dataclass(frozen=True, kw_only=True)
class Book:
    """The addresses of a plan in the order of their first appearance; arrays have one entry an address."""

    names: Sequence[str]
    is_inside: "np.ndarray"
    # Of the host itself, and of the router that stands before it.
    card: "np.ndarray"
    router: "np.ndarray"
    hops: "np.ndarray"
    version: "np.ndarray"

    def numbers(self, addresses: "pl.Series") -> "np.ndarray":
        """Return the numbers of addresses."""
        import numpy as np
        import polars as pl

        book = pl.Series(self.names, dtype=pl.String)
        order = pl.DataFrame({"name": book, "number": np.arange(len(self.names), dtype=np.int64)})
        asked = pl.DataFrame({"name": addresses})
        return asked.join(order, on="name", how="left", maintain_order="left")["number"].to_numpy()


def book_of(plan: "pl.DataFrame") -> Book:
    """Return the book of a plan."""
    import numpy as np
    import polars as pl

    both = plan.select(pl.concat_list("src", "dst").alias("name")).explode("name")["name"]
    names = both.unique(maintain_order=True).to_list()
    facts = [_facts(name) for name in names]
    inside, card, router, hops, version = zip(*facts, strict=True) if facts else ((),) * 5
    return Book(
        names=names,
        is_inside=np.array(inside, dtype=bool),
        card=np.array(card, dtype=np.int64),
        router=np.array(router, dtype=np.int64),
        hops=np.array(hops, dtype=np.int64),
        version=np.array(version, dtype=np.int64),
    )


def _facts(name: str) -> tuple[bool, int, int, int, int]:
    """Return whether it is inside, its card, its router's, the hops that show, and its version."""
    address = ip_address(name)
    number = int(address)
    is_inside = address.is_private or address.is_link_local
    mixed = number * 2_654_435_761 % 2**32
    starts = WINDOWS_HOPS if mixed % 5 < 3 else OTHER_HOPS  # noqa: PLR2004  # three of five
    hops = starts if is_inside else OTHER_HOPS - 7 - mixed % 11
    low = number % 2**32
    return is_inside, OWN_CARD | low, OWN_CARD | (low & ~0xFF) | 1, hops, address.version
