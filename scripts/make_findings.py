"""Writes docs/findings.md and docs/finding.schema.json from the schema. Usage: make_findings.py [FOLDER]."""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from oddwire.engine.analysis import analyze
from oddwire.sources.files import Capture
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.packets import ACK, RST, SYN, tcp

DOCS = Path(__file__).resolve().parents[1] / "docs"
SCHEMA = "finding.schema.json"
BEGIN = 1_710_062_400.0  # 2024-03-10 09:20 UTC
HEAD = f"""# Findings

`oddwire analyze FILE --findings findings.jsonl` writes one finding a line, as JSON; nothing found is an empty
file. `oddwire explain ID` tells one to a person, `oddwire carve ID -w OUT.pcap` gives back its packets. The
[schema]({SCHEMA}) is also in the package, as `oddwire/records/{SCHEMA}`.

Two runs over the same captures with the same settings write the same bytes: no finding tells when or where
the run was. Null means unknown. Lists are bounded; the counts beside them tell the truth. Times are UTC and
come from the packets. Written by `scripts/make_findings.py`; change the schema, not this page.

## Fields

| field | type | meaning |
| --- | --- | --- |
"""
EXAMPLE = """
## Incidents

Findings that belong together are one incident: what one host did with pauses of at most an hour; a host
that began to act within six hours after another got hold of it (guessed passwords, broke in, moved on, or
scanned it alone); and hosts that talk to one outside host as its orders, beacons or loot. Context alone makes
no incident. `oddwire analyze` tells the story before its findings and first among what is as grave, `--json`
and the report hold it, and `oddwire explain i-...` tells it step by step:

> 10.0.0.5 looked for hosts and guessed passwords at 10.0.0.9; then 10.0.0.9 moved on to 10.0.0.12; then
> 10.0.0.12 checked in regularly with 203.0.113.7 (in 13 min 30 s)

An incident is as grave as its gravest finding; three kinds of alarms, or alarms of several hosts, make it
`high`.

## Example

A scan of twenty ports, as `oddwire analyze` writes it, here with line breaks:

"""


def page(schema: Mapping[str, Any]) -> str:
    """Return the page."""
    rows = "".join(f"| `{name}` | {kind} | {meaning} |\n" for name, kind, meaning in _fields(schema, ""))
    return f"{HEAD}{rows}{EXAMPLE}```json\n{json.dumps(example(), indent=2)}\n```\n"


def _fields(schema: Mapping[str, Any], before: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and meaning of each field, and of the fields in it."""
    for name, one in schema["properties"].items():
        kind = _type(one)
        yield f"{before}{name}", kind, one["description"].replace("|", "\\|")
        inner = one.get("items", one)
        if "properties" in inner:
            yield from _fields(inner, f"{before}{name}{'[]' if inner is not one else ''}.")


def _type(one: Mapping[str, Any]) -> str:
    if "$ref" in one:
        return "time"
    if "enum" in one or "const" in one:
        return "string"
    kinds = one["type"] if isinstance(one["type"], list) else [one["type"]]
    return " or ".join(kinds)


def example() -> dict[str, Any]:
    """Return a finding of a made scan."""
    packets: list[Timed] = []
    for at in range(20):
        time, port = BEGIN + 0.1 * at, 20 + at
        packets += [
            (time, tcp("10.0.0.5", 40_000 + at, "10.0.0.9", port, SYN)),
            (time + 0.001, tcp("10.0.0.9", port, "10.0.0.5", 40_000 + at, RST | ACK)),
        ]
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "capture.pcap"
        write_pcap(capture, packets)
        found = analyze(Capture(inputs=(str(capture),))).findings
    return next(one for one in found if one.kind == "port_scan").to_dict()


def write(docs: Path) -> None:
    """Write the page and the copy of the schema."""
    text = (files("oddwire.records") / SCHEMA).read_text(encoding="utf-8")
    (docs / SCHEMA).write_text(text, encoding="utf-8")
    (docs / "findings.md").write_text(page(json.loads(text)), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
