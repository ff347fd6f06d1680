"""Writes docs/detectors/ and docs/configuration.md from the detectors. Usage: make_detectors.py [FOLDER]."""

import sys
from collections.abc import Sequence
from pathlib import Path

from oddwire.engine.catalogue import Entry, entries
from oddwire.engine.settings import default_toml

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "Written by `scripts/make_detectors.py`; change the detector, not this page."
LIST = f"""# Detectors

What is looked for. Each page says what the detector sees, when it is wrong and which thresholds it has;
`oddwire detectors NAME` shows the same. Thresholds are changed in the [configuration](../configuration.md);
what a finding holds is on the page of [findings](../findings.md).
{MADE}

| detector | raises | severity | ATT&CK | what it sees |
| --- | --- | --- | --- | --- |
"""
CONFIGURATION = f"""# Configuration

Everything has a default; a file holds only what you change. It is read from `--config FILE`, else from
`./oddwire.toml`, else from `oddwire/oddwire.toml` in your configuration folder. A name that does not exist is
refused, with the nearest one that does.
`oddwire detectors --toml` prints all of it, as below.
{MADE}

## Suppression

What is known need not be raised. A rule is kept with `oddwire suppress`, beside the findings, or written into
the file as a table `[[suppress]]`:

| condition | holds when |
| --- | --- |
| `subject` | who does it has this address or hardware address, or lies in this network |
| `target` | every target that the finding names has this address or lies in this network |
| `detector` | this detector says it |
| `kind` | the finding would be of this kind |
| `port` | every target that the finding names has this port |

All conditions of a rule must hold, and a rule needs at least one. `until` ends a rule, in the time of the
packets, so that an old capture is judged as it was then; `reason` says why, and is shown with what the rule
held back.

```toml
[[suppress]]
subject = "10.0.0.5"
kind = "port_scan"
until = "2030-01-01"
reason = "our vulnerability scanner"
```

A detector is switched off with `enabled = false`; the severity of a kind is set under `[severity]`. A
detector may still raise strong evidence higher than its kind, or weak evidence lower.

## Everything, with its default

"""


def pages() -> dict[str, str]:
    """Return the pages by their path below docs."""
    found = entries()
    made = {f"detectors/{one.name}.md": _page(one) for one in found}
    rows = "".join(_row(one) for one in found)
    configuration = f"{CONFIGURATION}```toml\n{default_toml()}```\n"
    return {**made, "detectors/README.md": LIST + rows, "configuration.md": configuration}


def _row(one: Entry) -> str:
    cells = [f"[{one.name}]({one.name}.md)", _code(one.kinds), one.severity, ", ".join(one.attack)]
    return f"| {' | '.join([*cells, _cell(one.first_sentence)])} |\n".replace("  ", " ")


def _page(one: Entry) -> str:
    attack = ", ".join(_technique(name) for name in one.attack) or "none"
    lines = [
        f"# {one.name}",
        "",
        f"Raises {_code(one.kinds)}, by default {one.severity}. Judges each {one.cadence}, by {one.scope}.",
        f"ATT&CK: {attack}.",
        MADE,
        "",
    ]
    for heading, text in (
        ("What it sees", one.sees),
        ("Why it matters", one.matters),
        ("When it is wrong", one.wrong_when),
        ("What it says", f"> {one.example}"),
    ):
        lines += [f"## {heading}", "", text, ""]
    if one.parameters:
        lines += [
            "## Thresholds",
            "",
            f"In the [configuration](../configuration.md), under `[detectors.{one.name}]`.",
            "",
            "| name | default | unit | meaning |",
            "| --- | --- | --- | --- |",
        ]
        for parameter, (name, default, _) in zip(one.parameters, one.thresholds(), strict=True):
            lines.append(f"| `{name}` | `{default}` | {parameter.unit} | {_cell(parameter.meaning)} |")
        lines.append("")
    return "\n".join(lines)


def _technique(name: str) -> str:
    return f"[{name}](https://attack.mitre.org/techniques/{name.replace('.', '/')}/)"


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def write(docs: Path) -> None:
    """Write the pages, and remove those of detectors that are gone."""
    made = pages()
    (docs / "detectors").mkdir(parents=True, exist_ok=True)
    for old in (docs / "detectors").glob("*.md"):
        if f"detectors/{old.name}" not in made:
            old.unlink()
    for name, text in made.items():
        (docs / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
