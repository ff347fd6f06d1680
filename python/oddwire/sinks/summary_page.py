"""The summary as one HTML page: no network access, no script, everything escaped."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from oddwire.features.volume import coarser
from oddwire.records.units import bytes_text, count_text, duration_text, one_line, time_text

__all__ = ["page", "write_page"]

TEMPLATES = Path(__file__).parent / "templates"
WIDTH, HEIGHT, SHOWN, NAMES = 960, 160, 15, 3
STEPS, NS = 120, 1_000_000_000


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
    volume = [(step["start_ns"], step["packets"], step["bytes"]) for step in facts["volume"]]
    steps, step_s = coarser(volume, facts["volume_step_s"], STEPS)
    return environment.get_template("summary.html.j2").render(
        facts=facts,
        seen=seen,
        quality=quality,
        shown=SHOWN,
        title=_title([one["name"] for one in seen["inputs"]]),
        spoken=_spoken(facts["spoken"]),
        most=count_text(max((packets for _, packets, _ in steps), default=0), "packet"),
        span_ns=0 if first is None else last - first,
        bars=_bars(steps),
        step_ns=step_s * NS,
        width=WIDTH,
        height=HEIGHT,
    )


def _spoken(spoken: Mapping[str, Any]) -> Mapping[str, list[tuple[str, ...]]]:
    """Return the rows of what was said, as they are shown."""
    return {
        "services": [
            (one["name"], f"{one['flows']:,}", f"{one['by_content']:,}", bytes_text(one["bytes"]))
            for one in spoken["services"]
        ],
        "domains": [
            (one["domain"], f"{one['queries']:,}", f"{one['connections']:,}", f"{one['hosts']:,}")
            for one in spoken["domains"]
        ],
        "fingerprints": [
            (f"{one['kind']} {one['fingerprint']}", f"{one['sessions']:,}", f"{one['hosts']:,}")
            for one in spoken["fingerprints"]
        ],
    }


def _title(names: Sequence[str]) -> str:
    """Return what was read, on a line: a capture's own strings keep nothing that changes how it reads."""
    shown = [one_line(name) for name in names[:NAMES]]
    if len(names) == 1:
        return shown[0]
    more = ", ..." if len(names) > NAMES else ""
    return f"{len(names)} captures: {', '.join(shown)}{more}"


def _bars(steps: Sequence[tuple[int, int, int]]) -> list[Mapping[str, Any]]:
    """Return the bars of the drawing: place, height and what they stand for."""
    most = max((packets for _, packets, _ in steps), default=0)
    each = WIDTH / max(len(steps), 1)
    return [
        {
            "x": round(place * each, 2),
            "width": round(each * 0.85, 2),
            "height": round(max(packets / most * HEIGHT, 1), 2),
            "says": f"{time_text(start)[:19]} UTC: {count_text(packets, 'packet')}, {bytes_text(size)}",
        }
        for place, (start, packets, size) in enumerate(steps)
        if packets
    ]
