"""Slow changes of an office that are no incident: growth, a new service, a server that moves, new people."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.testing.simulation.calendar import DAY_NS
from oddwire.testing.simulation.conversations import conversations, joined
from oddwire.testing.simulation.draft import HELLO, SERVER_HELLO, Draft
from oddwire.testing.simulation.people import HOUR

if TYPE_CHECKING:
    import polars as pl

    from oddwire.testing.simulation.office import Office

__all__ = ["DRIFTS", "Drift", "Growth", "Hires", "Migration", "NewService"]

WEEK = 7
MOVED_TO, NEW_PORT = 4, 443
# Added conversations have ports of their own, out of the way of those that a host counts.
COPY_PORTS, COPIES = 33_000, 15_000
NEW_APPLICATION = "books"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """A change that begins on a day; what its strength means, each kind says. This one changes nothing."""

    strength: float
    from_day: int = 0

    def office(self, office: "Office", day: int) -> "Office":
        """Return the office as it is on a day."""
        _ = day
        return office

    def changed(self, plan: "pl.DataFrame", office: "Office", day: int) -> "pl.DataFrame":
        """Return the plan of a day as it is after the change."""
        _ = office, day
        return plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Growth(Drift):
    """Everything becomes more by this share a week: half of it in sizes, half in conversations."""

    def changed(self, plan: "pl.DataFrame", office: "Office", day: int) -> "pl.DataFrame":
        """Return the plan with larger and more conversations."""
        import numpy as np
        import polars as pl

        if day < self.from_day:
            return plan
        factor = (1 + self.strength) ** ((day - self.from_day) / WEEK / 2)
        spoken = pl.col("protocol").is_in([6, 17]) & ~pl.col("service").is_in(
            ["dns", "ntp", "snmp"]
        ).fill_null(value=False)
        grown = [
            pl.when(spoken)
            .then((pl.col(name) * factor).round().cast(pl.Int64))
            .otherwise(pl.col(name))
            .alias(name)
            for name in ("payload_out", "payload_in", "packets_out", "packets_in")
        ]
        dice = np.random.default_rng([office.seed, 4_000, day])
        drawn = pl.Series(dice.random(plan.height) < factor - 1)
        later = pl.Series(dice.integers(5 * 10**9, 900 * 10**9, plan.height))
        ports = pl.Series(COPY_PORTS + dice.integers(0, COPIES, plan.height))
        ends = (plan["start_ns"].min() or 0) // DAY_NS * DAY_NS + DAY_NS  # type: ignore[operator]
        copies = plan.with_columns(
            start_ns=pl.col("start_ns") + later,
            src_port=pl.when(pl.col("src_port") > 0).then(ports).otherwise(0).cast(pl.UInt16),
        ).filter(drawn & (pl.col("protocol") == 6) & (pl.col("start_ns") < ends))  # noqa: PLR2004  # TCP
        return joined([plan.with_columns(grown), copies])


@dataclass(frozen=True, kw_only=True, slots=True)
class NewService(Drift):
    """This share of the desks begins to use a service outside that nobody has used before."""

    def changed(self, plan: "pl.DataFrame", office: "Office", day: int) -> "pl.DataFrame":
        """Return the plan with visits to the new service, while people are there."""
        import numpy as np
        import polars as pl

        if day < self.from_day or not office.calendar.is_working(day):
            return plan
        users = office.workstations[: round(self.strength * office.desks)]
        plans = [plan]
        for address in users:
            # Whoever opened no page that day is not there.
            if plan.filter((pl.col("src") == address) & (pl.col("service") == "quic")).is_empty():
                continue
            draft = Draft(office, office.seed, day, address, part=7)
            count = 5 + int(draft.dice.poisson(25))
            at = np.sort(draft.dice.uniform(9 * HOUR, 17 * HOUR, count))
            draft.visit(
                at,
                office.sites.service(NEW_APPLICATION),
                draft.sizes(25, 0.9, count),
                payload_out=HELLO + draft.sizes(4_000, 0.9, count),
                payload_in=SERVER_HELLO + draft.sizes(90_000, 1.1, count),
            )
            ports = pl.Series(COPY_PORTS + np.arange(len(draft_plan := draft.done())), dtype=pl.UInt16)
            plans.append(draft_plan.with_columns(ports.alias("src_port")))
        return joined(plans)


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration(Drift):
    """This share of the hosts finds its files on a new server; from a half on, in another way: over TLS."""

    def changed(self, plan: "pl.DataFrame", office: "Office", day: int) -> "pl.DataFrame":
        """Return the plan with the new server in the place of the old one."""
        import polars as pl

        if day < self.from_day:
            return plan
        hosts = sorted(office.roles)
        moved = hosts[: round(self.strength * len(hosts))]
        old, new = office.one("fileserver"), office.at(MOVED_TO)
        is_file = (pl.col("dst") == old) & (pl.col("service") == "smb") & pl.col("src").is_in(moved)
        values: dict[str, object] = {"dst": new}
        if self.strength >= 0.5:  # noqa: PLR2004  # a half
            values |= {
                "service": "tls",
                "dst_port": NEW_PORT,
                "name": f"cloud.{office.name(old).partition('.')[2]}",
            }
        types = conversations().schema
        return plan.with_columns(
            pl.when(is_file).then(pl.lit(value, dtype=types[name])).otherwise(pl.col(name)).alias(name)
            for name, value in values.items()
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Hires(Drift):
    """So many people come, each with a new computer."""

    def office(self, office: "Office", day: int) -> "Office":
        """Return the office with more desks."""
        return office.with_desks(round(self.strength)) if day >= self.from_day else office


DRIFTS: dict[str, type[Drift]] = {
    "growth": Growth,
    "new service": NewService,
    "migration": Migration,
    "hires": Hires,
}
