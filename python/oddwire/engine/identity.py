"""Who the hosts of findings are: hardware addresses and names, as leases, announcements and answers say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from oddwire.records.evidence import Party, Target
from oddwire.records.finding import Finding

__all__ = ["Identified", "with_names"]

# Hardware address, name, and how the name became known.
Identified: TypeAlias = tuple[str | None, str | None, str | None]
Host = TypeVar("Host", Party, Target)


def with_names(
    found: Sequence[Finding], identify: Callable[[Sequence[str]], Sequence[Identified]]
) -> list[Finding]:
    """Return the findings with what is known of their hosts; what a detector said itself stands."""
    addresses = sorted({one.ip for finding in found for one in _hosts(finding) if one.ip})
    known = dict(zip(addresses, identify(addresses), strict=True))
    return [
        replace(
            one,
            subject=_named(one.subject, known),
            targets=tuple(_named(target, known) for target in one.targets),
        )
        for one in found
    ]


def _hosts(finding: Finding) -> list[Party | Target]:
    return [finding.subject, *finding.targets]


def _named(host: Host, known: Mapping[str, Identified]) -> Host:
    mac, name, _ = known.get(host.ip or "", (None, None, None))
    return replace(host, mac=host.mac or mac, hostname=name)
