"""`oddwire diff`: what changed between two captures."""

import json
import shlex
import sys
from collections.abc import Sequence
from typing import Any

import click

from oddwire.cli.options import json_option, quiet_option
from oddwire.cli.progress import progress
from oddwire.engine.difference import Change, Difference, compare_captures
from oddwire.engine.one_side import MOST, Service, Side
from oddwire.engine.settings import find_settings
from oddwire.records.units import bytes_text, count_text, duration_text, one_line

__all__ = ["diff_command"]


@click.command(name="diff")
@click.argument("base", metavar="BASE")
@click.argument("new", metavar="NEW")
@click.option("--top", type=click.IntRange(min=1), default=5, show_default=True, help="Lines a list.")
@click.option("--config", type=click.Path(), help="Thresholds and rules, as for analyze.")
@quiet_option
@json_option
def diff_command(base: str, new: str, top: int, config: str | None, **given: Any) -> None:  # noqa: ANN401  # click's options
    """Tell what changed from one capture to another: findings, hosts, services, volume, protocols.

    Each side is a capture or a folder of them. Where they differ in length, volumes are compared by rate.

    \b
    Examples:
      oddwire diff monday.pcap tuesday.pcap
      oddwire diff before/ after/ --json
    """
    settings = find_settings(config)
    with progress(quiet=given["quiet"]) as report:
        found = compare_captures(base, new, settings, report)
    if given["as_json"]:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        _show(found, top)
    if not given["quiet"]:
        for line in _remarks(found):
            print(one_line(line), file=sys.stderr)


def _show(found: Difference, top: int) -> None:
    _side("Base", found.base)
    _side("New ", found.new)
    if found.scale is not None:
        click.echo(f"The lengths differ: volumes of the base are shown times {found.scale:.3g}.")
    click.echo()
    if found.is_none:
        click.secho("Nothing changed that is worth a line.", bold=True)
    _findings(found, top)
    _hosts(found, top)
    _list("New services", [_service(one, found.new) for one in found.services_new], top)
    _list("Services gone", [_service(one, found.base) for one in found.services_gone], top)
    _list("Volume sent", [_change(one) for one in found.volumes], top)
    if found.protocols_new:
        _list("New protocols", [", ".join(found.protocols_new)], top)
    if found.protocols_gone:
        _list("Protocols gone", [", ".join(found.protocols_gone)], top)
    click.echo(one_line(f"Next: {_next(found)}"))


def _side(title: str, side: Side) -> None:
    amounts = (
        count_text(side.packets, "packet"),
        bytes_text(side.bytes),
        duration_text(side.span_ns),
        count_text(len(side.hosts), "host"),
        count_text(len(side.findings), "finding"),
    )
    click.echo(one_line(f"{title}  {side.name}: {', '.join(amounts)}"))


def _findings(found: Difference, top: int) -> None:
    new = [f"{one.severity.word}  {one.title}" for one in found.findings_new]
    gone = [f"{one.severity.word}  {one.title}" for one in found.findings_gone]
    _list("New findings", new, top)
    _list("Findings gone", gone, top)
    if found.findings_same:
        click.echo(f"{count_text(len(found.findings_same), 'finding')} in both.")


def _hosts(found: Difference, top: int) -> None:
    _list("New hosts", [_host(ip, found.new) for ip in found.hosts_new], top)
    _list("Hosts gone", [_host(ip, found.base) for ip in found.hosts_gone], top)
    moved = [f"{one.base} is {one.new} now ({one.mac})" for one in found.moved]
    _list("Hosts with another address", moved, top)
    _list("New hardware addresses", [_card(mac, found.new) for mac in found.macs_new], top)
    _list("Hardware addresses gone", [_card(mac, found.base) for mac in found.macs_gone], top)


def _list(title: str, lines: Sequence[str], top: int) -> None:
    if not lines:
        return
    counted = f" ({len(lines):,})" if len(lines) > 1 else ""
    click.secho(f"{title}{counted}", bold=True)
    for line in lines[:top]:
        click.echo(one_line(f"  {line}"))
    if len(lines) > top:
        click.echo(f"  and {len(lines) - top:,} more; all with --json")


def _host(ip: str, side: Side) -> str:
    return f"{ip}  sent {bytes_text(side.hosts[ip])}"


def _card(mac: str, side: Side) -> str:
    ips = sorted(side.macs[mac])
    return f"{mac}  {ips[0]}" if len(ips) == 1 else f"{mac}  {count_text(len(ips), 'address', 'addresses')}"


def _service(one: Service, side: Side) -> str:
    ip, port, transport = one
    place = f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
    what = side.services[one]
    return f"{place}/{transport}" + ("" if what == transport else f"  {what}")


def _change(one: Change) -> str:
    how = f"{bytes_text(one.base)} to {bytes_text(one.new)}"
    if not one.base:
        return f"{one.ip}  {one.protocol}  {bytes_text(one.new)}, none before"
    if not one.new:
        return f"{one.ip}  {one.protocol}  none, {bytes_text(one.base)} before"
    times = one.new / one.base
    many = f"{times:.3g} times" if times > 1 else f"1/{1 / times:.3g}"
    return f"{one.ip}  {one.protocol}  {how} ({many})"


def _next(found: Difference) -> str:
    """Return the command that shows more of the first change."""
    name = shlex.quote(found.new.name)
    if found.findings_new:
        return f"oddwire analyze {name}"
    subjects = [*found.hosts_new, *(one[0] for one in found.services_new), *(one.ip for one in found.volumes)]
    if subjects:
        ip = subjects[0]
        return f"oddwire flows {name} --filter 'src_ip == {ip} or dst_ip == {ip}'"
    return f"oddwire summary {name}"


def _remarks(found: Difference) -> list[str]:
    lines = []
    for side in (found.base, found.new):
        lines += [f"{side.name}: {line}" for line in side.failures]
        if side.left_out:
            many = count_text(side.left_out, "entry", "entries")
            lines.append(f"{side.name}: {many} beyond the {MOST:,} that are kept were left out")
    return lines
