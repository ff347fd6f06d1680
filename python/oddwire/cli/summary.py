"""`oddwire summary`: what a capture holds, in figures, without judging."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from oddwire.cli.options import capture_options, described_capture, json_option, quiet_option
from oddwire.cli.progress import progress
from oddwire.cli.screen import print_table
from oddwire.engine.inspection import Host, Inspection, inspect, sample, summary_quality
from oddwire.errors import UsageError
from oddwire.records.units import bytes_text, count_text, duration_text, one_line, time_text

__all__ = ["show", "summary"]

TCP, UDP = 6, 17
BAR = 30
STEPS = 24
NAMES = 3


@click.command(name="summary")
@capture_options
@click.option(
    "--top", type=click.IntRange(1, 1000), default=20, show_default=True, help="Length of the rankings."
)
@click.option(
    "--sample",
    "samples",
    type=click.IntRange(0),
    default=0,
    help="Show the first N packets of TCP and of UDP.",
)
@click.option("--describe", is_flag=True, help="Show missing values and quartiles of the packet columns.")
@click.option("--report", type=click.Path(path_type=Path), help="Write the same as one HTML page.")
@quiet_option
@json_option
def summary(**given: Any) -> None:  # noqa: ANN401  # click's options
    """Show protocols, top talkers, volume over time, packet lengths, quality and damage.

    \b
    Examples:
      oddwire summary capture.pcap
      oddwire summary capture.pcap --sample 5 --describe
      oddwire summary captures/*.pcap.gz --json
    """
    capture = described_capture(given)
    if given["samples"] and "-" in capture.inputs:
        raise UsageError(
            "samples need a second look, and standard input can be read only once", hint="save it to a file"
        )
    with progress(quiet=given["quiet"]) as report:
        seen = inspect(capture, top=given["top"], describe=given["describe"], progress=report)
    samples = {
        name: sample(capture, number, given["samples"])
        for name, number in (("TCP", TCP), ("UDP", UDP))
        if given["samples"]
    }
    if given["report"]:
        from oddwire.sinks.summary_page import write_page

        write_page(given["report"], seen.to_dict(), summary_quality(seen))
    if given["as_json"]:
        click.echo(json.dumps({**seen.to_dict(), "samples": samples}, indent=2))
    else:
        show(seen, samples, top=given["top"])
    if not given["quiet"]:
        _remark(seen, given["report"])


def show(seen: Inspection, samples: Mapping[str, Sequence[Mapping[str, Any]]], *, top: int) -> None:
    """Print a summary."""
    _show_header(seen)
    _show_quality(seen)
    if not seen.packets:
        return
    figures = seen.figures
    _show_counts("Protocol", figures["protocols"][:top], seen.packets)
    if figures["services"]:
        _show_counts("Service by port", figures["services"][:top], seen.packets)
    _show_spoken(figures["spoken"], top)
    _show_hosts("Top sources by packets", seen.hosts("sources_by_packets"), "out")
    _show_hosts("Top sources by bytes", seen.hosts("sources_by_bytes"), "out")
    _show_hosts("Top destinations by packets", seen.hosts("destinations_by_packets"), "in")
    _show_hosts("Top destinations by bytes", seen.hosts("destinations_by_bytes"), "in")
    _show_volume(figures)
    _show_lengths(figures)
    for name, packets in samples.items():
        _show_samples(name, packets)
    if figures["describe"]:
        _show_description(figures["describe"])


def _remark(seen: Inspection, report: Path | None) -> None:
    """Say on stderr what was written, and that there was nothing to count."""
    if not seen.packets:
        print(f"{_title(_names(seen))}: no packets in it", file=sys.stderr)
    if report is not None:
        print(f"{report}: written", file=sys.stderr)


def _names(seen: Inspection) -> Sequence[str]:
    return [one_line(one["name"]) for one in seen.seen["inputs"]]


def _show_header(seen: Inspection) -> None:
    click.secho(_title(_names(seen)), bold=True)
    if not seen.packets:
        click.echo("No packets.")
        return
    span = duration_text(seen.span_ns)
    hosts = count_text(seen.figures["hosts"], "host") if seen.figures["hosts"] else "no IP hosts"
    click.echo(f"{count_text(seen.packets, 'packet')}, {bytes_text(seen.bytes)}, {span}, {hosts}")
    click.echo(_shares(seen.figures["transports"], seen.packets))
    click.echo(f"{time_text(seen.seen['first_ns'])} to {time_text(seen.seen['last_ns'])} UTC")
    links = ", ".join(name for name, _ in seen.figures["links"])
    click.echo(f"Link type: {links}")


def _shares(counts: Sequence[tuple[str, int, int]], total: int) -> str:
    """Return the packets of TCP, of UDP and of the rest on one line."""
    names = {"tcp": "TCP", "udp": "UDP"}
    return ", ".join(
        f"{names.get(name, name)} {packets:,} ({100 * packets / total:.1f} %)" for name, packets, _ in counts
    )


def _title(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    more = ", ..." if len(names) > NAMES else ""
    return f"{len(names)} inputs: {', '.join(names[:NAMES])}{more}"


def _heading(text: str) -> None:
    click.echo()
    click.secho(text, bold=True)


def _show_counts(heading: str, counts: Sequence[tuple[str, int, int]], total: int) -> None:
    _heading(heading)
    rows = [
        [name, f"{packets:,}", f"{100 * packets / total:.1f} %", bytes_text(size), _bar(packets, total)]
        for name, packets, size in counts
    ]
    print_table(["name", "packets", "share", "bytes", ""], rows, [False, True, True, True, False])


def _show_spoken(spoken: Mapping[str, Any], top: int) -> None:
    """Show what was said: services by content, domains, fingerprints of clients."""
    if spoken["services"]:
        _heading("Services by what was said, where that is known")
        rows = [
            [name, f"{flows:,}", f"{sure:,}", bytes_text(size)]
            for name, flows, sure, size in spoken["services"][:top]
        ]
        print_table(["service", "flows", "by content", "bytes"], rows, [False, True, True, True])
    if spoken["domains"]:
        _heading(f"Top domains of {spoken['domain_count']:,}")
        rows = [[one_line(name), *(f"{count:,}" for count in counts)] for name, *counts in spoken["domains"]]
        print_table(["domain", "questions", "connections", "hosts"], rows, [False, True, True, True])
    if spoken["fingerprints"]:
        _heading(f"Top fingerprints of clients of {spoken['fingerprint_count']:,}")
        rows = [
            [kind, one_line(value), *(f"{count:,}" for count in counts)]
            for kind, value, *counts in spoken["fingerprints"]
        ]
        print_table(["kind", "fingerprint", "sessions", "hosts"], rows, [False, False, True, True])


def _bar(part: int, whole: int) -> str:
    return "#" * max(round(BAR * part / whole), 1 if part else 0) if whole else ""


def _show_hosts(heading: str, hosts: Sequence[Host], way: str) -> None:
    if not hosts:
        return
    _heading(heading)
    rows = [
        [host.ip, f"{getattr(host, f'packets_{way}'):,}", bytes_text(getattr(host, f"bytes_{way}"))]
        for host in hosts
    ]
    print_table(["host", "packets", "bytes"], rows, [False, True, True])


def _show_volume(figures: Mapping[str, Any]) -> None:
    """Show the volume in at most so many steps, put together from the finer ones."""
    from oddwire.features.volume import coarser

    steps, width_s = coarser(figures["volume"], figures["volume_step_s"], STEPS)
    _heading(f"Volume over time, steps of {duration_text(width_s * 1_000_000_000)}")
    most = max(packets for _, packets, _ in steps)
    rows = [
        [time_text(start)[:19], f"{packets:,}", bytes_text(size), _bar(packets, most)]
        for start, packets, size in steps
    ]
    print_table(["start (UTC)", "packets", "bytes", ""], rows, [False, True, True, False])


def _show_lengths(figures: Mapping[str, Any]) -> None:
    lengths = figures["lengths"]
    _heading("Packet length in bytes")
    click.echo(
        f"mean {lengths['mean']:,.1f}, deviation {lengths['std']:,.1f}; smallest {lengths['min']:,}, "
        f"quartiles {lengths['q1']:,} / {lengths['median']:,} / {lengths['q3']:,}, largest {lengths['max']:,}"
    )
    bounds = figures["length_classes"]
    names = [f"{low}-{high}" for low, high in zip([0, *[b + 1 for b in bounds]], bounds, strict=False)]
    names.append(f"over {bounds[-1]}")
    total = lengths["count"]
    rows = [
        [name, f"{count:,}", f"{100 * count / total:.1f} %", _bar(count, total)]
        for name, count in zip(names, figures["length_histogram"], strict=True)
    ]
    print_table(["bytes", "packets", "share", ""], rows, [True, True, True, False])


def _show_samples(name: str, packets: Sequence[Mapping[str, Any]]) -> None:
    _heading(f"First {name} packets")
    if not packets:
        click.echo(f"No {name} packets.")
        return
    rows = [
        [
            str(packet["number"]),
            time_text(packet["time"]),
            f"{packet['src_ip']} {packet['src_port']}",
            f"{packet['dst_ip']} {packet['dst_port']}",
            str(packet["length"]),
            packet["flags"] or "-",
            packet["app"],
        ]
        for packet in packets
    ]
    headings = ["number", "time", "source", "destination", "length", "flags", "app"]
    print_table(headings, rows, [True, False, False, False, True, False, False])


def _show_description(columns: Sequence[Mapping[str, Any]]) -> None:
    _heading("Columns of the packet table")
    names = ("count", "missing", "mean", "std", "min", "q1", "median", "q3", "max")

    rows = [[column["column"], *(_figure(column.get(name)) for name in names)] for column in columns]
    print_table(["column", *names], rows, [False, *([True] * len(names))])


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else "-"


def _show_quality(seen: Inspection) -> None:
    _heading("Quality")
    for line in summary_quality(seen) or ["Nothing damaged, cut, dropped or out of order."]:
        click.echo(one_line(line))
