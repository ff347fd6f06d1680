"""Findings as files: JSON Lines with everything, and tables for spreadsheets and databases."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from oddwire.errors import OutputError
from oddwire.records.finding import Finding

if TYPE_CHECKING:
    from os import PathLike

    import polars as pl

__all__ = ["findings_frame", "findings_lines", "read_findings", "write_findings"]


def findings_lines(findings: Sequence[Finding]) -> str:
    """Return one line of JSON a finding; nothing where there is none."""
    return "".join(json.dumps(one.to_dict(), ensure_ascii=False) + "\n" for one in findings)


def write_findings(findings: Sequence[Finding], path: "str | PathLike[str]") -> None:
    """Write one line of JSON a finding; a capture without findings makes an empty file."""
    try:
        Path(path).write_text(findings_lines(findings), encoding="utf-8")
    except OSError as error:
        raise OutputError(error.strerror or str(error), where=str(path)) from None


def read_findings(path: "str | PathLike[str]") -> list[Finding]:
    """Return the findings that a file of JSON Lines holds."""
    from oddwire.records.finding import finding_of

    try:
        text = Path(path).read_text(encoding="utf-8")
        return [finding_of(json.loads(line)) for line in text.splitlines() if line.strip()]
    except OSError as error:
        raise OutputError(error.strerror or str(error), where=str(path)) from None
    except (ValueError, KeyError, TypeError) as error:
        message = f"this is no file of findings: {error}"
        raise OutputError(
            message, where=str(path), hint="write one with `oddwire analyze --findings FILE`"
        ) from None


def findings_frame(findings: Sequence[Finding]) -> "pl.DataFrame":
    """Return the findings as a table: what one searches and sorts by, and the whole line as JSON."""
    import polars as pl

    rows = [_row(one) for one in findings]
    words = ("id", "severity", "kind", "detector", "title", "subject_ip", "subject_mac", "incident", "attack")
    schema = {
        **dict.fromkeys(words[:5], pl.String),
        "score": pl.Float64,
        **dict.fromkeys(("start", "end", "detected_at"), pl.String),
        **dict.fromkeys(words[5:], pl.String),
        "target_count": pl.Int64,
        "packets": pl.Int64,
        "wireshark": pl.String,
        "line": pl.String,
    }
    return pl.DataFrame([[row[name] for name in schema] for row in rows], schema=schema, orient="row")


def _row(one: Finding) -> dict[str, object]:
    line = one.to_dict()
    named = {name: line[name] for name in ("id", "severity", "kind", "detector", "title", "score")}
    return named | {
        "start": line["start"],
        "end": line["end"],
        "detected_at": line["detected_at"],
        "subject_ip": one.subject.ip,
        "subject_mac": one.subject.mac,
        "incident": one.incident,
        "attack": " ".join(one.attack),
        "target_count": one.target_count,
        "packets": sum(part.count for part in one.packets) if one.packets else None,
        "wireshark": one.filters.wireshark,
        "line": json.dumps(line, ensure_ascii=False),
    }
