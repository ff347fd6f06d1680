"""What a user wants, in the user's words, and the captures that they describe."""

from dataclasses import dataclass

from oddwire import native
from oddwire.errors import UsageError
from oddwire.records.units import parse_duration_ns, parse_size, parse_time_ns
from oddwire.sources.files import NS, Capture

__all__ = ["Wanted", "capture_of"]

SHORTEST_WINDOW_NS = NS


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which packets, in words."""

    inputs: tuple[str, ...]
    since: str | None = None
    until: str | None = None
    bpf: str | None = None
    dedupe: bool = False
    window: str = "60s"
    idle: str = "120s"
    max_memory: str = "1GiB"
    threads: int = 1
    follow: bool = False
    no_payload: bool = False


def capture_of(wanted: Wanted) -> Capture:
    """Return the captures that the words describe."""
    window_ns = parse_duration_ns(wanted.window)
    if window_ns < SHORTEST_WINDOW_NS:
        raise UsageError(f"a window of {wanted.window} is too short", hint="use 1s or more")
    if wanted.follow and wanted.threads > 1:
        raise UsageError("a capture that still grows is followed by one thread", hint="leave out --threads")
    options = native.Options(
        since_ns=parse_time_ns(wanted.since) if wanted.since else None,
        until_ns=parse_time_ns(wanted.until) if wanted.until else None,
        bpf=wanted.bpf,
        dedupe=wanted.dedupe,
        threads=wanted.threads,
        idle_ns=parse_duration_ns(wanted.idle),
        max_memory=parse_size(wanted.max_memory),
        follow=wanted.follow or None,
        payload=False if wanted.no_payload else None,
    )
    return Capture(inputs=wanted.inputs, window_s=window_ns / NS, options=options)
