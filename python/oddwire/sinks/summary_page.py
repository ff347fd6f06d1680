"""The summary as one HTML page: no network access, no script, everything escaped."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from oddwire.records.units import bytes_text, count_text, duration_text, one_line, time_text

__all__ = ["page", "write_page"]

TEMPLATES = Path(__file__).parent / "templates"
WIDTH, HEIGHT, SHOWN, NAMES = 960, 160, 15, 3


def write_page(path: str | PathLike[str], facts: Mapping[str, Any], quality: Sequence[str]) -> None:
    """Write the page to a file."""
    Path(path).write_text(page(facts, quality), encoding="utf-8")


def page(facts: Mapping[str, Any], quality: Sequence[str]) -> str:
    """Return the page as text."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {
        "size": bytes_text,
        "time": time_text,
        "duration": duration_text,
        "line": one_line,
    }
    seen = facts["seen"]
    first, last = seen["first_ns"], seen["last_ns"]
    return environment.get_template("summary.html.j2").render(
        facts=facts,
        seen=seen,
        quality=quality,
        shown=SHOWN,
        title=_title([one["name"] for one in seen["inputs"]]),
        most=count_text(max((step["packets"] for step in facts["volume"]), default=0), "packet"),
        span_ns=0 if first is None else last - first,
        bars=_bars(facts["volume"], facts["volume_step_s"]),
        width=WIDTH,
        height=HEIGHT,
    )


def _title(names: Sequence[str]) -> str:
    """Return what was read, on a line: a capture's own strings keep nothing that changes how it reads."""
    shown = [one_line(name) for name in names[:NAMES]]
    if len(names) == 1:
        return shown[0]
    more = ", ..." if len(names) > NAMES else ""
    return f"{len(names)} captures: {', '.join(shown)}{more}"


def _bars(steps: Sequence[Mapping[str, int]], width_s: int) -> list[Mapping[str, Any]]:
    """Return the bars of the drawing: place, height and what they stand for."""
    if not steps:
        return []
    step_ns = width_s * 1_000_000_000
    first = steps[0]["start_ns"]
    count = (steps[-1]["start_ns"] - first) // step_ns + 1
    most = max(step["packets"] for step in steps)
    each = WIDTH / count
    return [
        {
            "x": round((step["start_ns"] - first) // step_ns * each, 2),
            "width": round(max(each * 0.9, 0.5), 2),
            "height": round(max(step["packets"] / most * HEIGHT, 1), 2),
            "says": f"{time_text(step['start_ns'])[:19]} UTC: {count_text(step['packets'], 'packet')}, "
            f"{bytes_text(step['bytes'])}",
        }
        for step in steps
    ]
