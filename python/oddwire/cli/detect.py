"""`oddwire detect`: what is not as it was learned, with the figures behind each anomaly."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from oddwire.cli.found import header, show_line
from oddwire.cli.learned import MODEL, budget_option, nine_lines, with_model
from oddwire.cli.options import described_capture, json_option, judged_options, quiet_option
from oddwire.cli.places import store_of, store_option, with_kept
from oddwire.cli.progress import progress
from oddwire.engine.analysis import Analysis
from oddwire.engine.detecting import Detection, detect
from oddwire.engine.remarks import quality_remarks
from oddwire.engine.settings import find_settings
from oddwire.errors import UsageError
from oddwire.records.units import count_text, one_line
from oddwire.sinks.findings import write_findings
from oddwire.sources.files import Capture

__all__ = ["detect_command"]

PATH = click.Path(path_type=Path)
SHORT_ID = 8


@click.command(name="detect")
@judged_options
@click.option(
    "--model", type=PATH, default=MODEL, show_default=True, help="The model that `oddwire train` wrote."
)
@budget_option
@click.option(
    "--contamination",
    type=click.FloatRange(0, 0.5, min_open=True),
    help="Name this share of all rows instead of keeping a budget; findings are low then.",
)
@click.option("--top-n", type=click.IntRange(1, 100_000), help="Show only the oddest N. [default: 12]")
@click.option("--findings", type=PATH, help="Write the findings as JSON Lines.")
@click.option(
    "--output", "-o", "output", type=PATH, help="Write a CSV with anomaly_score and anomaly_flag a row."
)
@click.option("--only-anomalies", is_flag=True, help="Only flagged rows in that CSV.")
@click.option("--local-net", "local_nets", metavar="CIDR", multiple=True, help="A network that is our own.")
@click.option("--config", type=click.Path(), help="Settings, as for analyze.")
@store_option
@click.option("--no-store", is_flag=True, help="Keep nothing; `explain` and `carve` then need --findings.")
@quiet_option
@json_option
def detect_command(**given: Any) -> None:  # noqa: ANN401  # click's options
    """Judge captures by what a model learned: the type is the model's own.

    With a budget what is found is an alarm (medium), and there are at most so many false ones a day. Without
    enough calibration, or with --contamination, findings are low: a ranking, no alarm.

    \b
    Examples:
      oddwire detect new.pcap
      oddwire detect new.pcap --model office.oddwire --budget 1/day
      oddwire detect new.pcap --output anomalies.csv --only-anomalies --top-n 20
    """
    if given["budget"] and given["contamination"]:
        raise UsageError("a budget and a contamination contradict each other", hint="say one of them")
    settings = find_settings(given.pop("config"))
    settings = replace(with_model(settings, given), local_nets=given["local_nets"] or settings.local_nets)
    settings = with_kept(settings, given)
    capture = described_capture(given)
    with progress(quiet=given["quiet"]) as report:
        found = detect(capture, settings, report, keep_rows=given["output"] is not None)
    written = _write(found, given)
    remarks = _keep(found, capture, given)
    if given["as_json"]:
        click.echo(json.dumps(_json(found, given["top_n"]), indent=2))
    else:
        _show(found, given, written)
    if not given["quiet"]:
        for line in [*_remarks(found.analysis), *remarks]:
            print(one_line(line), file=sys.stderr)


def _write(found: Detection, given: dict[str, Any]) -> list[str]:
    written = []
    if given["findings"]:
        write_findings(found.analysis.findings, given["findings"])
        written.append(str(given["findings"]))
    if given["output"]:
        import polars as pl

        from oddwire.engine.export import write_rows

        rows = found.rows.filter(pl.col("anomaly_flag")) if given["only_anomalies"] else found.rows
        write_rows(rows, given["output"])
        written.append(str(given["output"]))
    return written


def _keep(found: Detection, capture: Capture, given: dict[str, Any]) -> list[str]:
    if given["no_store"] or not found.analysis.findings:
        return []
    from oddwire.engine.keeping import keep
    from oddwire.errors import StoreError
    from oddwire.store.workspace import Workspace

    try:
        with Workspace.open(store_of(given["store"]), write=True) as workspace:
            keep(workspace, capture, found.analysis)
    except StoreError as error:
        if given["store"] is not None:
            raise
        return [f"the findings were not kept: {error}"]
    return []


def _json(found: Detection, top: int | None) -> dict[str, Any]:
    return {
        "model": {"type": found.trained.type, "digest": found.trained.digest},
        "budget_per_day": found.budget,
        "threshold": found.threshold,
        "findings": [one.to_dict() for one in _oddest(found)[:top]],
        "seen": found.analysis.seen,
    }


def _oddest(found: Detection) -> list[Any]:
    return sorted(found.analysis.findings, key=lambda one: (-one.score, one.start_ns, one.id))


def _show(found: Detection, given: dict[str, Any], written: list[str]) -> None:
    header(found.analysis.seen)
    click.echo()
    findings = _oddest(found)
    top = given["top_n"] or 12
    click.secho(f"{_verdict(found, len(findings))} {_measure(found)}", bold=True)
    for one in findings[:top]:
        show_line(one)
        for line in nine_lines(one):
            click.echo(f"             {line}")
    if len(findings) > top:
        click.echo(
            f"  and {count_text(len(findings) - top, 'more anomaly', 'more anomalies')}; more with --top-n N"
        )
    if written:
        click.echo()
        click.echo(f"Written: {', '.join(written)}")
    if findings and not given["no_store"]:
        where = f" --store {given['store']}" if given["store"] else ""
        click.echo(f"Next: oddwire explain {findings[0].id[:SHORT_ID]}{where}")


def _remarks(found: Analysis) -> list[str]:
    lines = quality_remarks(found)
    if not found.seen.get("packets"):
        lines.insert(0, "no packets; there is nothing to judge")
    return [*lines, *(f"{count} times suppressed: {reason}" for reason, count in found.suppressed.items())]


def _verdict(found: Detection, count: int) -> str:
    if not count:
        return f"Nothing is unlike what the model ({found.trained.type}) learned."
    return (
        f"{count_text(count, 'anomaly', 'anomalies')} unlike what the model ({found.trained.type}) learned."
    )


def _measure(found: Detection) -> str:
    if found.budget is None:
        return "No budget is kept: this is a ranking, no alarm."
    return f"Budget: {found.budget:.3g} false alarms a day."
