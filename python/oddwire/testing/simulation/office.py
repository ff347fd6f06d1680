"""The simulated office: its hosts, what each is for, and what everybody there has in common."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from oddwire.errors import UsageError
from oddwire.testing.simulation.calendar import DAY_S, Calendar
from oddwire.testing.simulation.sites import Sites, sites_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DOMAIN", "SERVERS", "Office"]

DOMAIN = "office.example"
# The servers, by the last number of their address.
SERVERS: dict[str, int] = {
    "resolver": 2,
    "fileserver": 3,
    "monitoring": 5,
    "backup": 6,
    "automation": 7,
    "printer": 9,
}
CAMERA, THERMOSTAT, FIRST_DESK, FIRST_GUEST = 12, 13, 21, 180
LEAST_HOSTS, MOST_HOSTS = 8, 150
UPSTREAM = ("9.142.17.53", "149.112.7.53")


@dataclass(frozen=True, kw_only=True)
class Office:
    """An office: how its people behave depends on its seed, what they do on a day on the day as well."""

    seed: int
    desks: int
    network: str = "10.20.30"
    # Where the file server is reached, and how; a migration changes it.
    moved: "Mapping[str, int]" = field(default_factory=dict)

    @classmethod
    def make(cls, seed: int, hosts: int = 12) -> "Office":
        """Return an office of so many computers: six servers, the rest at desks; two devices on top."""
        if not LEAST_HOSTS <= hosts <= MOST_HOSTS:
            raise UsageError(f"an office of {hosts} hosts", hint=f"ask for {LEAST_HOSTS} to {MOST_HOSTS}")
        return cls(seed=seed, desks=hosts - len(SERVERS))

    @cached_property
    def roles(self) -> dict[str, str]:
        """Return what each address is for."""
        fixed = {role: role for role in SERVERS}
        numbers = {self.at({**SERVERS, **self.moved}[role]): role for role in fixed}
        devices = {self.at(CAMERA): "camera", self.at(THERMOSTAT): "camera", self.at(1): "router"}
        return {**devices, **numbers, **dict.fromkeys(self.workstations, "workstation")}

    @property
    def workstations(self) -> list[str]:
        """Return the addresses at desks."""
        return [self.at(FIRST_DESK + desk) for desk in range(self.desks)]

    @property
    def sites(self) -> Sites:
        """Return the Internet as it looks from here."""
        return sites_of(self.seed)

    @property
    def calendar(self) -> Calendar:
        """Return the calendar."""
        return Calendar(seed=self.seed)

    @property
    def upstream(self) -> tuple[str, str]:
        """Return the resolvers outside that the office's own one asks."""
        return UPSTREAM

    def at(self, number: int) -> str:
        """Return an address of the office."""
        return f"{self.network}.{number}"

    def one(self, role: str) -> str:
        """Return the address of the host that has a role."""
        return next(address for address, known in self.roles.items() if known == role)

    def name(self, address: str) -> str:
        """Return the name of a host of the office."""
        role = self.roles.get(address, "guest")
        number = address.rpartition(".")[2]
        word = {"fileserver": "files", "resolver": "directory", "workstation": f"desk{number}"}.get(
            role, role
        )
        return f"{word}.{DOMAIN}"

    def clouds(self, day: int) -> dict[str, str]:
        """Return where files are stored outside, by name, with an address that each has on a day."""
        numbers = [self.sites.service(what) for what in ("storage", "drive")]
        found = self.sites.addresses(numbers, [day * DAY_S + DAY_S // 2] * len(numbers))
        return {
            str(self.sites.names[number]): str(address)
            for number, address in zip(numbers, found, strict=True)
        }

    def resolver_of(self, address: str) -> str:
        """Return whom a host asks for names; the resolver itself asks outside."""
        own = self.one("resolver")
        return self.upstream[0] if address == own else own

    def with_desks(self, more: int) -> "Office":
        """Return the office with more people."""
        return replace(self, desks=self.desks + more)

    def with_moved(self, role: str, number: int) -> "Office":
        """Return the office with a server at another address."""
        return replace(self, moved={**self.moved, role: number})
