"""`oddwire analyze`: the main job; ranked findings with their reasons, and the next command to type."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from oddwire.cli.found import show_analysis
from oddwire.cli.learned import model_options, with_model
from oddwire.cli.options import described_capture, json_option, judged_options, quiet_option
from oddwire.cli.places import store_of, store_option, with_kept
from oddwire.cli.progress import progress
from oddwire.engine.analysis import Analysis, analyze
from oddwire.engine.catalogue import pages
from oddwire.engine.export import export, split_target
from oddwire.engine.registry import all_judges
from oddwire.engine.remarks import quality_remarks
from oddwire.engine.settings import Settings, find_settings
from oddwire.errors import EmptyInput, StoreError, UsageError
from oddwire.records.kinds import Severity
from oddwire.records.units import one_line
from oddwire.sinks.findings import write_findings
from oddwire.sources.files import Capture

__all__ = ["analyze_command"]

SEVERITIES = click.Choice([severity.word for severity in Severity])


@click.command(name="analyze")
@judged_options
@click.option("--findings", type=click.Path(path_type=Path), help="Write the findings as JSON Lines.")
@click.option("--report", type=click.Path(path_type=Path), help="Write one HTML page that needs no network.")
@click.option(
    "--export",
    "exports",
    metavar="FORMAT[:PATH]",
    multiple=True,
    help="Findings as csv, json, parquet or sqlite.",
)
@click.option("--severity", type=SEVERITIES, default="low", show_default=True, help="Leave out what is less.")
@click.option("--fail-on", type=SEVERITIES, help="Exit with 1 when something of this severity is found.")
@click.option("--detectors", metavar="A,B,...", help="Only these detectors; -A,-B for all but these.")
@click.option("--local-net", "local_nets", metavar="CIDR", multiple=True, help="A network that is our own.")
@click.option(
    "--blocklist",
    "blocklists",
    type=click.Path(path_type=Path),
    multiple=True,
    help="File of addresses and networks that nobody should talk with, one a line.",
)
@model_options
@click.option("--config", type=click.Path(), help="Thresholds and rules (see `oddwire detectors --toml`).")
@store_option
@click.option("--no-store", is_flag=True, help="Keep nothing; `explain` and `carve` then need --findings.")
@quiet_option
@json_option
def analyze_command(**given: Any) -> int:  # noqa: ANN401  # click's options
    """Find what is not normal in captures, why, and in which packets.

    Findings are ranked: critical, high and medium want somebody to look; low is worth knowing while looking.

    \b
    Examples:
      oddwire analyze capture.pcap
      oddwire analyze captures/ --report report.html --findings findings.jsonl
      oddwire analyze capture.pcap --severity medium --fail-on high
      oddwire analyze capture.pcap --model models/network_model --budget 5/day
      oddwire analyze - --no-store < capture.pcap
    """
    settings = _settings(given)
    settings = with_kept(with_model(settings, given), given)
    targets = [split_target(one) for one in given["exports"]]
    capture = described_capture(given)
    try:
        with progress(quiet=given["quiet"]) as report:
            found = analyze(capture, settings, progress=report, hashes=given["report"] is not None)
    except EmptyInput:
        # Nothing was found, and whoever waits for the file must see so.
        if given["findings"]:
            write_findings([], given["findings"])
        raise
    least = Severity.of(given["severity"])
    shown = found.cut_at(least)
    written = _write(shown, given, targets)
    remarks = _keep(found, capture, given)
    if given["as_json"]:
        click.echo(json.dumps(_json(shown), indent=2))
    else:
        show_analysis(shown, written, where=_where(given))
    if not given["quiet"]:
        for line in [*_remarks(found), *remarks]:
            print(one_line(line), file=sys.stderr)
    failed = given["fail_on"] is not None and bool(found.at_least(Severity.of(given["fail_on"])))
    sys.stdout.flush()
    return click.get_current_context().exit(1) if failed else 0


def _settings(given: dict[str, Any]) -> Settings:
    """Return the settings: those of the file, changed by what the command line says."""
    settings = find_settings(given.pop("config"))
    names = [name.strip() for name in (given["detectors"] or "").split(",") if name.strip()]
    known = {one.name for one in all_judges()}
    for name in names:
        if name.lstrip("-") not in known:
            raise UsageError(f"there is no detector '{name.lstrip('-')}'", hint="see `oddwire detectors`")
    only = frozenset(name for name in names if not name.startswith("-"))
    off = frozenset(name[1:] for name in names if name.startswith("-"))
    return replace(
        settings,
        only=only or settings.only,
        off=settings.off | off,
        local_nets=given["local_nets"] or settings.local_nets,
        blocklists=(*settings.blocklists, *map(str, given["blocklists"])),
    )


def _write(shown: Analysis, given: dict[str, Any], targets: list[tuple[str, Path]]) -> list[str]:
    """Write what was asked for; return what was written where."""
    written = []
    if given["findings"]:
        write_findings(shown.findings, given["findings"])
        written.append(str(given["findings"]))
    for file_format, path in targets:
        export(shown.findings, file_format, path)
        written.append(str(path))
    if given["report"]:
        from oddwire.sinks.report_page import write_report

        write_report(
            given["report"],
            shown.findings,
            shown.seen,
            shown.suppressed,
            pages=pages(),
            quality=quality_remarks(shown),
            least=shown.least,
            provenance=shown.provenance,
        )
        written.append(str(given["report"]))
    return written


def _keep(found: Analysis, capture: Capture, given: dict[str, Any]) -> list[str]:
    """Keep the findings, so that `explain` and `carve` find them; a failure is a remark only."""
    if given["no_store"] or not found.findings:
        return []
    from oddwire.engine.keeping import keep
    from oddwire.store.workspace import Workspace

    try:
        with Workspace.open(store_of(given["store"]), write=True) as workspace:
            keep(workspace, capture, found)
    except StoreError as error:
        if given["store"] is not None:
            raise
        return [f"the findings were not kept: {error}"]
    return []


def _where(given: dict[str, Any]) -> str | None:
    """Return what `explain` needs to know to find the findings; None when they are nowhere."""
    if given["no_store"]:
        return f" --findings {given['findings']}" if given["findings"] else None
    return f" --store {given['store']}" if given["store"] else ""


def _json(shown: Analysis) -> dict[str, Any]:
    return {
        "incidents": [one.to_dict() for one in shown.incidents],
        "findings": [one.to_dict() for one in shown.findings],
        "suppressed": shown.suppressed,
        "failures": [{"detector": one.detector, "message": one.message} for one in shown.failures],
        "seen": shown.seen,
    }


def _remarks(found: Analysis) -> list[str]:
    lines = quality_remarks(found)
    if not found.seen.get("packets"):
        lines.insert(0, "no packets; there is nothing to judge")
    lines += [f"{count} times suppressed: {reason}" for reason, count in found.suppressed.items()]
    return lines
