"""What is known and need not be raised: rules by address, network, port, detector and kind, with an end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from oddwire.errors import UsageError
from oddwire.records.evidence import Evidence
from oddwire.records.kinds import Kind
from oddwire.records.units import parse_time_ns

__all__ = ["Rule", "rule_of", "suppressed_by"]

CONDITIONS = ("subject", "target", "detector", "kind", "port")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: every condition that is given must hold. `until` ends it, in the time of the packets."""

    subject: str | None = None
    target: str | None = None
    detector: str | None = None
    kind: str | None = None
    port: int | None = None
    until: str | None = None
    reason: str = ""

    @cached_property
    def _subject(self) -> "IPv4Network | IPv6Network | str | None":
        return _place(self.subject)

    @cached_property
    def _target(self) -> "IPv4Network | IPv6Network | str | None":
        return _place(self.target)

    @cached_property
    def _until_ns(self) -> int | None:
        return None if self.until is None else parse_time_ns(self.until)

    def covers(self, detector: str, evidence: Evidence) -> bool:
        """Say whether a rule covers what a detector says; a target rule must cover every target named."""
        if self._until_ns is not None and evidence.start_ns >= self._until_ns:
            return False
        if self.detector not in {None, detector} or self.kind not in {None, str(evidence.kind)}:
            return False
        subject, targets = evidence.subject, evidence.targets
        if self._subject is not None and not (
            _lies(subject.ip, self._subject) or _lies(subject.mac, self._subject)
        ):
            return False
        if self._target is not None and not (targets and all(_lies(one.ip, self._target) for one in targets)):
            return False
        return self.port is None or (bool(targets) and all(one.port == self.port for one in targets))


def rule_of(table: Mapping[str, Any]) -> Rule:
    """Return the rule that a table of TOML holds."""
    known = (*CONDITIONS, "until", "reason")
    if unknown := sorted(set(table) - set(known)):
        raise UsageError(f"suppress: '{unknown[0]}' is no condition", hint=f"use {', '.join(known)}")
    if not any(name in table for name in CONDITIONS):
        raise UsageError("suppress: a rule without a condition would hide everything")
    if "kind" in table and table["kind"] not in set(Kind):
        raise UsageError(f"suppress: '{table['kind']}' is no kind of finding")
    port = table.get("port", 0)
    if not isinstance(port, int) or isinstance(port, bool):
        raise UsageError(f"suppress: a port is a number, not {port!r}")
    given: dict[str, Any] = {name: value if name == "port" else str(value) for name, value in table.items()}
    rule = Rule(**given)
    # What is wrong in a rule is said when it is read, not when it is first needed.
    _ = (rule._subject, rule._target, rule._until_ns)  # noqa: SLF001  # its own module
    return rule


def suppressed_by(rules: Iterable[Rule], detector: str, evidence: Evidence) -> Rule | None:
    """Return the first rule that covers what a detector says."""
    return next((rule for rule in rules if rule.covers(detector, evidence)), None)


def _place(text: str | None) -> "IPv4Network | IPv6Network | str | None":
    """Return a network, or a hardware address in small letters."""
    if text is None:
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        mac = text.lower().replace("-", ":")
        if len(mac.split(":")) == 6:  # noqa: PLR2004  # the octets of a hardware address
            return mac
        raise UsageError(f"'{text}' is no address and no network") from None


def _lies(address: str | None, place: "IPv4Network | IPv6Network | str") -> bool:
    if address is None:
        return False
    if isinstance(place, str):
        return address.lower() == place
    try:
        return ip_address(address) in place
    except ValueError:
        return False
