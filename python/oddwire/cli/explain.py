"""`oddwire explain`: one finding for a person: what is wrong, who, why, the proof, what to do."""

import json
import shlex
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from oddwire.cli.options import json_option
from oddwire.cli.places import findings_option, severity_mark, store_of, store_option
from oddwire.cli.told import show_incident
from oddwire.engine.evidence import INCIDENT, Located, incident, locate
from oddwire.engine.registry import all_judges
from oddwire.records.evidence import Reason, Target
from oddwire.records.units import count_text, duration_text, one_line, time_text

__all__ = ["explain"]

WIDTH = 80
BAR = 32
MOST_SHOWN = 8
ATTACK = "https://attack.mitre.org/techniques/"


@click.command(name="explain")
@click.argument("finding", metavar="ID")
@findings_option
@store_option
@json_option
def explain(finding: str, *, findings: Path | None, store: Path | None, as_json: bool) -> None:
    """Explain a finding: what is wrong, who, why, in which packets, and when it is a false alarm.

    The first characters of its id are enough, at least four. Of an incident (i-...) the story is told.

    \b
    Examples:
      oddwire explain 8f3c
      oddwire explain 8f3c --findings findings.jsonl
      oddwire explain i-4d2b10f3a9c1
    """
    if finding.strip().lower().startswith(INCIDENT):
        one = incident(finding, store=store_of(store), findings=findings)
        if as_json:
            click.echo(json.dumps({"incident": one.to_dict()}, indent=2))
        else:
            show_incident(one, shlex.join(["", *_places(findings, store)]).removeprefix("''"))
        return
    located = locate(finding, store=store_of(store), findings=findings)
    about = _about(located)
    commands = _commands(located, findings, store)
    if as_json:
        run = None if located.run is None else asdict(located.run)
        told = {"finding": located.line, "run": run, "about": about, "next": commands}
        click.echo(json.dumps(told, indent=2))
        return
    _show_what(located)
    _show_why(located)
    _show_proof(located)
    if about["wrong_when"]:
        _heading("When this is a false alarm")
        _wrapped(about["wrong_when"])
    _heading("What to do")
    if about["matters"]:
        _wrapped(about["matters"])
    for does, command in commands.items():
        click.echo(f"  {does:18}{command}")
    for technique in located.finding.attack:
        click.echo(f"  {'ATT&CK ' + technique:18}{ATTACK}{technique.replace('.', '/')}/")


def _about(located: Located) -> dict[str, str | None]:
    """Return what the detector's page says; nothing of a detector that is not here."""
    for one in all_judges():
        if one.name == located.finding.detector:
            return {"sees": one.page.sees, "matters": one.page.matters, "wrong_when": one.page.wrong_when}
    return {"sees": None, "matters": None, "wrong_when": None}


def _commands(located: Located, findings: Path | None, store: Path | None) -> dict[str, str]:
    """Return what one types next."""
    short = located.finding.id[:8]
    kept = ["--store", str(store)] if store is not None else []
    more = _places(findings, store)
    subject = located.finding.subject.ip or located.finding.subject.mac
    rule = [*(["--subject", subject] if subject else []), "--kind", str(located.finding.kind)]
    return {
        "see its packets": shlex.join(["oddwire", "carve", short, "-w", f"{short}.pcap", *more]),
        "if it is ordinary": shlex.join(["oddwire", "suppress", *rule, *kept]),
    }


def _places(findings: Path | None, store: Path | None) -> list[str]:
    """Return the words that say where findings are, as they were said."""
    places = [("--findings", findings), ("--store", store)]
    return [word for name, path in places if path is not None for word in (name, str(path))]


def _heading(text: str) -> None:
    click.echo()
    click.secho(text, bold=True)


def _wrapped(text: str) -> None:
    click.echo(textwrap.fill(one_line(text), WIDTH, initial_indent="  ", subsequent_indent="  "))


def _show_what(located: Located) -> None:
    finding = located.finding
    told = f"{finding.detector}, score {finding.score:.2f}, id {finding.id}"
    click.echo(f"{severity_mark(finding.severity.word)}  {one_line(told)}")
    click.secho(textwrap.fill(one_line(finding.title), WIDTH), bold=True)
    _heading("Who")
    host = finding.subject
    names = [part for part in (host.ip, host.hostname, host.mac) if part]
    role = " (the victim)" if finding.facts.get("role") == "victim" else ""
    _wrapped(f"Subject: {one_line(', '.join(names)) or 'unknown'}{role}")
    if finding.targets:
        shown = finding.targets[:MOST_SHOWN]
        more = f"; {finding.target_count:,} in all" if finding.target_count > len(shown) else ""
        _wrapped(f"Targets: {_targets(shown)}{more}")
    lasted = duration_text(finding.end_ns - finding.start_ns)
    start, end = (time_text(time).removesuffix(".000000") for time in (finding.start_ns, finding.end_ns))
    _wrapped(f"When: {start} to {end} UTC ({lasted})")
    after = duration_text(max(finding.detected_ns - finding.start_ns, 0))
    _wrapped(f"Raised {after} after it began.")
    if finding.incident:
        _wrapped(
            f"Part of incident {finding.incident}; `oddwire explain {finding.incident}` tells its story."
        )
    if finding.previous:
        _wrapped(f"Goes on from finding {finding.previous}.")


def _targets(targets: Sequence[Target]) -> str:
    """Return targets with the ports of each host together."""
    hosts: dict[str, list[str]] = {}
    for one in targets:
        name = " ".join(part for part in (_host(one), one.proto) if part)
        hosts.setdefault(name, []).extend([str(one.port)] if one.port is not None else [])
    return "; ".join(" ".join([name, ", ".join(ports)]).strip() for name, ports in hosts.items())


def _host(one: Target) -> str:
    address = one.ip or one.mac or ""
    return f"{address} ({one_line(one.hostname)})" if one.hostname else address


def _show_why(located: Located) -> None:
    finding = located.finding
    _heading("Why")
    for reason in sorted(finding.reasons, key=lambda one: -one.weight):
        for line in _bars(reason):
            click.echo(f"  {line}")
    facts = [f"{name.replace('_', ' ')} {_fact(value)}" for name, value in finding.facts.items()]
    if facts:
        _wrapped(f"Seen: {', '.join(facts)}.")


def _bars(reason: Reason) -> Sequence[str]:
    """Return what it was and what is typical, as bars of one scale."""
    low, high = reason.typical
    most = max(abs(reason.value), abs(low), abs(high)) or 1
    name = one_line(reason.feature.replace("_", " "))
    filled = "#" * max(round(BAR * abs(reason.value) / most), 1 if reason.value else 0)
    begin, end = (round(BAR * abs(bound) / most) for bound in (low, high))
    usual = " " * min(begin, BAR - 1) + "-" * max(end - begin, 1)
    return (
        f"{name:26} {_number(reason.value):>14}  {filled}".rstrip(),
        f"{'  typical':26} {f'{_number(low)} to {_number(high)}':>14}  {usual}".rstrip(),
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"


def _fact(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "unknown"}[value]
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _show_proof(located: Located) -> None:
    finding = located.finding
    _heading("Proof")
    for one in finding.packets:
        counted = count_text(one.count, "packet")
        _wrapped(f"{one.input}: {counted}, numbers {one.first:,} to {one.last:,}")
    filters = finding.filters
    if filters.why_not:
        _wrapped(f"No filters: {filters.why_not}.")
    if filters.wireshark:
        click.echo(f"  Wireshark: {one_line(filters.wireshark)}")
    if filters.bpf:
        exact = "" if filters.bpf_exact else " (and maybe more: it knows no time)"
        click.echo(f"  BPF{exact}: {one_line(filters.bpf)}")
    if finding.flow_ids:
        more = ", ..." if len(finding.flow_ids) > MOST_SHOWN else ""
        _wrapped(f"Flows: {', '.join(finding.flow_ids[:MOST_SHOWN])}{more}")
