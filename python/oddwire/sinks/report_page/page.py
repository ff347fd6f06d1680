"""The page as a whole: what is wrong first, then the proof, then how it was made."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from oddwire.errors import OutputError
from oddwire.records.finding import SCHEMA, Finding
from oddwire.records.kinds import Severity
from oddwire.records.units import count_text, one_line
from oddwire.sinks.report_page.cards import anchor, card, hosts, row
from oddwire.sinks.report_page.drawing import Span, timeline
from oddwire.sinks.report_page.story import grouped
from oddwire.sinks.report_page.verdict import amounts, second_text, title, verdict
from oddwire.sinks.report_page.words import clipped

if TYPE_CHECKING:
    import jinja2
    import markupsafe

__all__ = ["report", "write_report"]

TEMPLATES = Path(__file__).parents[1] / "templates"
Pages = Mapping[str, Mapping[str, str]]
Part = TypeVar("Part")
# The page stays below 3 MB whatever was found; what is left out is counted on it.
MOST_CARDS, CARDS_BYTES = 500, 1_900_000
MOST_ROWS, ROWS_BYTES = 2_000, 550_000
MOST_LINES = 100


def write_report(
    path: str | PathLike[str],
    findings: Sequence[Finding],
    seen: Mapping[str, Any],
    suppressed: Mapping[str, int],
    *,
    pages: Pages | None = None,
    quality: Sequence[str] | None = None,
    least: Severity = Severity.LOW,
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Write the page to a file; see `report`."""
    text = report(
        findings, seen, suppressed, pages=pages, quality=quality, least=least, provenance=provenance
    )
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(error.strerror or str(error), where=str(path)) from None


def report(
    findings: Sequence[Finding],
    seen: Mapping[str, Any],
    suppressed: Mapping[str, int],
    *,
    pages: Pages | None = None,
    quality: Sequence[str] | None = None,
    least: Severity = Severity.LOW,
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Return the page as text; `findings` come ranked, as the analysis gives them.

    `pages` holds what each detector says of itself (`sees`, `matters`, `wrong_when`); `quality` what was not
    as it should be, None where nobody looked; `least` the severity below which findings were left out.
    `provenance` is for a page without findings; otherwise that of the first finding stands.
    """
    environment = _environment()
    pages = pages or {}
    links, cards = _cards(environment, findings, pages)

    def listed(one: Finding) -> "markupsafe.Markup":
        return _rendered(environment, "report_row.html.j2", row=row(one, links.get(one.id)))

    rows = _within(listed, findings, MOST_ROWS, ROWS_BYTES)
    style, script = (_inline(name) for name in ("report.css", "report.js"))
    said = verdict(findings, seen, least)
    return environment.get_template("report.html.j2").render(
        policy=_policy(style, script),
        style=_markup(style),
        script=_markup(script),
        title=title(seen),
        verdict=said,
        low=sum(one.severity is Severity.LOW for one in findings),
        least=least.word if least > Severity.LOW else None,
        amounts="" if amounts(seen) in said else amounts(seen),
        first=second_text(seen.get("first_ns")),
        last=second_text(seen.get("last_ns")),
        total=len(findings),
        rows=rows,
        timeline=timeline(findings, _span(findings, seen), links) if findings else None,
        cards_shown=len(cards),
        groups=list(grouped(findings[: len(cards)], cards, links)),
        hosts=hosts(findings, links),
        most_hosts=MOST_LINES,
        quality=None if quality is None else [clipped(line) for line in quality],
        suppressed=[(clipped(reason), count) for reason, count in suppressed.items()],
        detectors=_detectors(findings, pages),
        made=_made(findings, seen, provenance),
        most=MOST_LINES,
    )


def _environment() -> "jinja2.Environment":
    """Return the templates' surroundings: whatever is written is escaped, and keeps nothing unprintable."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": "{:,}".format, "count": count_text}
    return environment


def _printable(value: object) -> object:
    """Return text without what turns, hides or ends it; our own markup is left as it is."""
    return one_line(value) if type(value) is str else value


def _cards(
    environment: "jinja2.Environment", findings: Sequence[Finding], pages: Pages
) -> "tuple[Mapping[str, str], list[markupsafe.Markup]]":
    """Return what the page calls the findings that it shows in full, and their cards."""
    links = {one.id: anchor(one, at) for at, one in enumerate(findings, 1)}

    def drawn(one: Finding) -> "markupsafe.Markup":
        previous = links.get(one.previous or "")
        shown = card(one, links[one.id], pages.get(one.detector), previous)
        return _rendered(environment, "report_card.html.j2", card=shown)

    cards = _within(drawn, findings, MOST_CARDS, CARDS_BYTES)
    if len(cards) < len(findings):
        # Once more, now that it is known to what a link can lead.
        links = {one.id: links[one.id] for one in findings[: len(cards)]}
        cards = [drawn(one) for one in findings[: len(cards)]]
    return links, cards


def _rendered(environment: "jinja2.Environment", name: str, **parts: object) -> "markupsafe.Markup":
    return _markup(environment.get_template(name).render(**parts))


def _markup(text: str) -> "markupsafe.Markup":
    """Return our own markup as such; what captures say has been escaped in it."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  # it comes from our templates, which escape


def _within(
    draw: "Callable[[Finding], markupsafe.Markup]", findings: Sequence[Finding], most: int, room: int
) -> "list[markupsafe.Markup]":
    """Return what is drawn of the first findings, until there are enough or the room is full."""
    drawn = []
    for one in findings[:most]:
        part = draw(one)
        room -= len(part.encode())
        if room < 0:
            break
        drawn.append(part)
    return drawn


def _inline(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return the policy under which nothing is loaded and only our own style and script count."""
    ours = {
        f"{kind}-src": f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
        for kind, text in (("style", style), ("script", script))
    }
    rules = {"default-src": "'none'", **ours, "base-uri": "'none'", "form-action": "'none'"}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _span(findings: Sequence[Finding], seen: Mapping[str, Any]) -> Span:
    """Return the capture's time, made wide enough for what was found."""
    firsts = [one.start_ns for one in findings]
    lasts = [one.end_ns for one in findings]
    firsts += [seen["first_ns"]] if seen.get("first_ns") is not None else []
    lasts += [seen["last_ns"]] if seen.get("last_ns") is not None else []
    return Span(first_ns=min(firsts), last_ns=max(lasts))


def _detectors(findings: Sequence[Finding], pages: Pages) -> list[tuple[str, int, str]]:
    """Return the detectors that found something: name, how often, and what each looks for."""
    counts: dict[str, int] = {}
    for one in findings:
        counts[one.detector] = counts.get(one.detector, 0) + 1
    return [(name, count, pages.get(name, {}).get("sees", "")) for name, count in sorted(counts.items())]


def _made(
    findings: Sequence[Finding], seen: Mapping[str, Any], provenance: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    """Return with what, and from what, the findings were made."""
    given = provenance or (findings[0].provenance if findings else None) or {}
    inputs = given.get("input") or [
        {"name": PurePath(one["name"]).name, "blake3": one.get("blake3"), "packets": one.get("packets")}
        for one in seen.get("inputs", ())
    ]
    return {
        "version": str(given.get("version") or _version()),
        "schema": str(given.get("schema") or SCHEMA),
        "config": given.get("config"),
        "model": given.get("model"),
        "inputs": [
            {"name": clipped(str(one["name"])), "packets": one.get("packets"), "blake3": one.get("blake3")}
            for one in inputs
        ],
    }


def _version() -> str:
    try:
        return version("oddwire")
    except PackageNotFoundError:
        return "unknown"
