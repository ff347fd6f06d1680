"""How what happens fits the past: what is new or strange is told once the past is known."""

from typing import TYPE_CHECKING

from oddwire.features.units.familiar import HOUR_NS, Familiar
from oddwire.features.units.pair_rows import KEYS

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["extend", "flows_with_past", "hours_with_past", "learn", "pairs_with_past", "without_keys"]

NEWS = ("new_outside", "strange_out", "strange_in", "strange_contacts")


def pairs_with_past(pairs: "pl.DataFrame", familiar: Familiar) -> "pl.DataFrame":
    """Add to rows of pairs, hours in their order, what is strange about them; keys stay."""
    import numpy as np
    import polars as pl

    strange = familiar.strange(pairs["pair"].to_numpy())
    others = familiar.hosts_of(pairs["place_port"].to_numpy())
    hours = np.zeros(pairs.height, dtype=np.float32)
    keys, windows = pairs["key"].to_numpy(), pairs["window"].to_numpy()
    for window in np.unique(windows):
        mine = windows == window
        hours[mine] = familiar.hours_of(keys[mine], int(window) // HOUR_NS)
    return pairs.with_columns(
        pl.Series("hours_of_day", hours),
        pl.Series("others", others.astype(np.float32)),
        pl.Series("strange", strange.astype(np.float32)),
        pl.Series("strange_to_all", (strange & (others == 0)).astype(np.float32)),
        pl.Series("port_use", familiar.pairs_of(pairs["port_key"].to_numpy()).astype(np.float32)),
        pl.Series("new", familiar.first_of(pairs["pair"].to_numpy())),
    )


def hours_with_past(hours: "pl.DataFrame", pairs: "pl.DataFrame") -> "pl.DataFrame":
    """Add to rows of hosts in hours what their pairs, which know their past, had of new and strange."""
    import polars as pl

    strange = pl.col("strange")
    told = (
        pairs.filter(pl.col("outside"))
        .group_by("window", "host")
        .agg(
            pl.col("new").sum().cast(pl.Float32).alias("new_outside"),
            (pl.col("payload_out") * strange).sum().alias("strange_out"),
            (pl.col("payload_in") * strange).sum().alias("strange_in"),
            (pl.col("contacts") * strange).sum().alias("strange_contacts"),
        )
    )
    made = hours.join(told, on=["window", "host"], how="left", maintain_order="left")
    return made.with_columns(pl.col(*NEWS).fill_null(0.0))


def flows_with_past(flows: "pl.DataFrame", familiar: Familiar) -> "pl.DataFrame":
    """Add to rows of flows how common their port is."""
    import numpy as np
    import polars as pl

    used = familiar.pairs_of(flows["port_key"].to_numpy()).astype(np.float32)
    return flows.with_columns(pl.Series("port_use", used))


def learn(familiar: Familiar, pairs: "pl.DataFrame") -> None:
    """Make all of these pairs familiar, and nothing else."""
    familiar.learn(*(pairs[name].to_numpy() for name in KEYS), services=_services(pairs))


def extend(familiar: Familiar, pairs: "pl.DataFrame") -> None:
    """Make these pairs familiar as well."""
    familiar.extend(*(pairs[name].to_numpy() for name in KEYS), services=_services(pairs))


def _services(pairs: "pl.DataFrame") -> "np.ndarray":
    """Return the keys of the local services among pairs."""
    import polars as pl

    return pairs.filter(~pl.col("outside") & (pl.col("contacts") > 0))["key"].to_numpy()


def without_keys(table: "pl.DataFrame") -> "pl.DataFrame":
    """Return a table without the hashes and marks that only the past needs."""
    return table.drop(*KEYS, "new", *(["outside"] if "key" in table.columns else []), strict=False)
