"""What changed between two captures."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any

from oddwire import native
from oddwire.engine.analysis import STANDARD_INPUT, local_test
from oddwire.engine.one_side import Service, Side, side_of
from oddwire.engine.settings import Settings
from oddwire.errors import UsageError
from oddwire.records.finding import Finding
from oddwire.sources.files import Capture

__all__ = ["Change", "Difference", "Moved", "compare", "compare_captures"]

# A change of volume is worth a line when it is so many times and at least so much.
LEAST_FACTOR = 3.0
LEAST_BYTES = 102_400
# Captures of nearly the same length are compared as they are.
NEARLY = 1.1
SHORTEST_NS = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A hardware address that has another address now."""

    mac: str
    base: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a host sent by one protocol; `base` is scaled where the captures differ in length."""

    ip: str
    protocol: str
    base: float
    new: int

    @property
    def factor(self) -> float | None:
        """Return how many times as much it is; None from nothing."""
        return self.new / self.base if self.base else None

    @property
    def difference(self) -> float:
        """Return how many bytes more it is."""
        return self.new - self.base


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """All that came, went and changed, the largest first."""

    base: Side
    new: Side
    scale: float | None
    findings_new: Sequence[Finding]
    findings_gone: Sequence[Finding]
    findings_same: Sequence[Finding]
    hosts_new: Sequence[str]
    hosts_gone: Sequence[str]
    moved: Sequence[Moved]
    macs_new: Sequence[str]
    macs_gone: Sequence[str]
    services_new: Sequence[Service]
    services_gone: Sequence[Service]
    protocols_new: Sequence[str]
    protocols_gone: Sequence[str]
    volumes: Sequence[Change]

    @property
    def is_none(self) -> bool:
        """Say whether nothing changed that is worth a line."""
        lists = (
            *(self.findings_new, self.findings_gone, self.hosts_new, self.hosts_gone, self.moved),
            *(self.macs_new, self.macs_gone, self.services_new, self.services_gone),
            *(self.protocols_new, self.protocols_gone, self.volumes),
        )
        return not any(lists)

    def to_dict(self) -> dict[str, Any]:
        """Return everything with the names of its parts, for `--json`."""
        return {
            "base": _side_dict(self.base),
            "new": _side_dict(self.new),
            "base_scaled_by": self.scale,
            "findings": {
                "new": [_finding_dict(one) for one in self.findings_new],
                "gone": [_finding_dict(one) for one in self.findings_gone],
                "same": [_finding_dict(one) for one in self.findings_same],
            },
            "hosts": {
                "new": [_host_dict(ip, self.new) for ip in self.hosts_new],
                "gone": [_host_dict(ip, self.base) for ip in self.hosts_gone],
                "moved": [asdict(one) for one in self.moved],
            },
            "macs": {"new": list(self.macs_new), "gone": list(self.macs_gone)},
            "services": {
                "new": [_service_dict(one, self.new) for one in self.services_new],
                "gone": [_service_dict(one, self.base) for one in self.services_gone],
            },
            "protocols": {"new": list(self.protocols_new), "gone": list(self.protocols_gone)},
            "volumes": [asdict(one) | {"factor": one.factor} for one in self.volumes],
        }


def compare_captures(
    base: str, new: str, settings: Settings, progress: native.Progress | None = None
) -> Difference:
    """Read two captures, or folders of them, and compare them."""
    if STANDARD_INPUT in {base, new}:
        message = "standard input can be read only once, and a comparison reads more often"
        raise UsageError(message, hint="write it to a file first")
    sides = [side_of(name, Capture(inputs=(name,)), settings, progress) for name in (base, new)]
    return compare(sides[0], sides[1], local_test(settings.local_nets))


def compare(base: Side, new: Side, is_local: Callable[[str], bool]) -> Difference:
    """Compare two sides; `is_local` says which addresses are of our own networks."""
    scale = scale_of(base, new)
    moved = _moved(base, new, is_local)
    were, are = {one.base for one in moved}, {one.new for one in moved}
    found = _ranked(base.findings), _ranked(new.findings)
    return Difference(
        base=base,
        new=new,
        scale=scale,
        findings_new=[one for key, one in found[1].items() if key not in found[0]],
        findings_gone=[one for key, one in found[0].items() if key not in found[1]],
        findings_same=[one for key, one in found[1].items() if key in found[0]],
        hosts_new=_hosts(new.hosts, base.hosts.keys() | are, is_local),
        hosts_gone=_hosts(base.hosts, new.hosts.keys() | were, is_local),
        moved=moved,
        macs_new=sorted(new.macs.keys() - base.macs.keys()),
        macs_gone=sorted(base.macs.keys() - new.macs.keys()),
        services_new=_services(new, base, is_local),
        services_gone=_services(base, new, is_local),
        protocols_new=[name for name in _by_size(new.protocols) if name not in base.protocols],
        protocols_gone=[name for name in _by_size(base.protocols) if name not in new.protocols],
        volumes=_volumes(base, new, scale or 1.0),
    )


def scale_of(base: Side, new: Side) -> float | None:
    """Return by what the volumes of the base are multiplied; None where they are compared as they are."""
    if min(base.span_ns, new.span_ns) < SHORTEST_NS:
        return None
    scale = new.span_ns / base.span_ns
    return None if 1 / NEARLY <= scale <= NEARLY else scale


def _by_size(sizes: Mapping[str, int]) -> list[str]:
    return sorted(sizes, key=lambda name: (-sizes[name], name))


def _key(one: Finding) -> tuple[str, str, str]:
    return one.detector, str(one.kind), one.subject.name


def _hosts(mine: Mapping[str, int], others: AbstractSet[str], is_local: Callable[[str], bool]) -> list[str]:
    """Return the hosts that the others lack: our own first, and the largest first."""
    only = [ip for ip in _by_size(mine) if ip not in others]
    return sorted(only, key=lambda ip: not is_local(ip))


def _ranked(findings: Sequence[Finding]) -> dict[tuple[str, str, str], Finding]:
    """Return the findings by what makes them the same, the worst first; of several alike the worst."""
    ranked: dict[tuple[str, str, str], Finding] = {}
    for one in sorted(findings, key=lambda one: (-one.severity, -one.score, one.id)):
        ranked.setdefault(_key(one), one)
    return ranked


def _moved(base: Side, new: Side, is_local: Callable[[str], bool]) -> list[Moved]:
    """Return the cards that spoke for one local address before and speak for one other now."""
    found = []
    for mac in sorted(base.macs.keys() & new.macs.keys()):
        for version in (4, 6):
            before, now = (_of_version(side.macs[mac], version) for side in (base, new))
            if len(before) != 1 or len(now) != 1 or before == now:
                continue
            was, is_now = before[0], now[0]
            there = was in new.hosts or is_now in base.hosts
            if not there and is_local(was) and is_local(is_now):
                found.append(Moved(mac=mac, base=was, new=is_now))
    return found


def _of_version(ips: frozenset[str], version: int) -> list[str]:
    return [ip for ip in ips if ip_address(ip).version == version]


def _services(mine: Side, others: Side, is_local: Callable[[str], bool]) -> list[Service]:
    """Return what answered here and not there; first that of our own hosts, then of hosts known to both."""
    only = [one for one in mine.services if one not in others.services]
    return sorted(
        only,
        key=lambda one: (
            not is_local(one[0]),
            one[0] not in others.hosts,
            ip_address(one[0]).packed,
            one[1:],
        ),
    )


def _volumes(base: Side, new: Side, scale: float) -> list[Change]:
    """Return the large changes of hosts that both sides have, the largest first."""
    both = base.hosts.keys() & new.hosts.keys()
    changes = [
        Change(ip=ip, protocol=what, base=base.volumes.get((ip, what), 0) * scale, new=sent)
        for (ip, what), sent in _with_gone(base, new).items()
        if ip in both
    ]
    large = [one for one in changes if _is_large(one)]
    return sorted(large, key=lambda one: (-abs(one.difference), one.ip, one.protocol))


def _with_gone(base: Side, new: Side) -> dict[tuple[str, str], int]:
    return {key: new.volumes.get(key, 0) for key in [*base.volumes, *new.volumes]}


def _is_large(one: Change) -> bool:
    low, high = sorted((one.base, float(one.new)))
    return high >= LEAST_FACTOR * low and high - low >= LEAST_BYTES


def _side_dict(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "packets": side.packets,
        "bytes": side.bytes,
        "span_ns": side.span_ns,
        "hosts": len(side.hosts),
        "findings": len(side.findings),
        "left_out": side.left_out,
    }


def _finding_dict(one: Finding) -> dict[str, Any]:
    line = one.to_dict()
    return {name: line[name] for name in ("detector", "kind", "severity", "title", "subject", "start", "end")}


def _host_dict(ip: str, side: Side) -> dict[str, Any]:
    return {"ip": ip, "bytes": side.hosts[ip]}


def _service_dict(one: Service, side: Side) -> dict[str, Any]:
    return {"ip": one[0], "port": one[1], "proto": one[2], "service": side.services[one]}
