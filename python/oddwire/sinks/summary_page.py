"""The summary as one HTML page: no network access, no script, everything escaped."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from oddwire.records.units import bytes_text, count_text, duration_text, time_text

__all__ = ["page", "write_page"]

TEMPLATES = Path(__file__).parent / "templates"
WIDTH, HEIGHT, SHOWN = 960, 160, 15


def write_page(path: str | PathLike[str], facts: Mapping[str, Any], quality: Sequence[str]) -> None:
    """Write the page to a file."""
    Path(path).write_text(page(facts, quality), encoding="utf-8")


def page(facts: Mapping[str, Any], quality: Sequence[str]) -> str:
    """Return the page as text."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"size": bytes_text, "time": time_text, "duration": duration_text}
    seen = facts["seen"]
    first, last = seen["first_ns"], seen["last_ns"]
    return environment.get_template("summary.html.j2").render(
        facts=facts,
        seen=seen,
        quality=quality,
        shown=SHOWN,
        packets=count_text(facts["total"]["packets"], "packet"),
        span_ns=0 if first is None else last - first,
        bars=_bars(facts["volume"], facts["volume_step_s"]),
        width=WIDTH,
        height=HEIGHT,
        classes=_classes(facts),
    )


def _bars(steps: Sequence[tuple[int, int, int]], width_s: int) -> list[Mapping[str, Any]]:
    """Return the bars of the drawing: place, height and what they stand for."""
    if not steps:
        return []
    step_ns = width_s * 1_000_000_000
    first = steps[0][0]
    count = (steps[-1][0] - first) // step_ns + 1
    most = max(packets for _, packets, _ in steps)
    each = WIDTH / count
    return [
        {
            "x": round((start - first) // step_ns * each, 2),
            "width": round(max(each * 0.9, 0.5), 2),
            "height": round(max(packets / most * HEIGHT, 1), 2),
            "says": f"{time_text(start)[:19]} UTC: {count_text(packets, 'packet')}, {bytes_text(size)}",
        }
        for start, packets, size in steps
    ]


def _classes(facts: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the classes of packet lengths with their counts."""
    bounds = facts["length_classes"]
    names = [
        f"{low}-{high}" for low, high in zip([0, *(bound + 1 for bound in bounds)], bounds, strict=False)
    ]
    return list(zip([*names, f"over {bounds[-1]}"], facts["length_histogram"], strict=True))
