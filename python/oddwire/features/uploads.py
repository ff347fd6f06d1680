"""How much each inside host sent to each outside one, minute by minute, and what it had done before."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.seen import local_mask

if TYPE_CHECKING:
    import polars as pl

__all__ = ["UPLOAD_NEED", "Past", "Step", "Upload", "Uploads"]

UPLOAD_NEED = frozenset(
    f"talks.{name}"
    for name in ("tick", "src", "dst", "dst_port", "protocol", "service", "payload_out", "payload_in")
) | {"talks.first", "talks.last", "talks.born"}
MINUTE = 60_000_000_000
# What sends and receives less in a minute is not looked at one by one.
LEAST_BYTES, LEAST_DOWN = 512, 8_192
# Less is no upload that anybody tells of; `FIRST` and `UP` are places in a row of `_grouped`.
LEAST_TOLD, LEAST_RATIO = 65_536, 2
UP, FIRST = 6, 9
MOST_HOSTS, MOST_PEERS = 5_000, 128
MOST_STEPS = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What a host sent to another in a minute, by the service that most of it went through."""

    minute: int
    host: str
    peer: str
    port: int
    protocol: int
    service: str | None
    up: int
    down: int
    # Connections that began in the minute.
    begun: int
    first: int
    last: int


@dataclass(slots=True)
class Upload:
    """What a host sent to one outside host so far."""

    first: int
    last: int
    port: int
    protocol: int
    service: str | None
    up: int = 0
    down: int = 0
    begun: int = 0
    minutes: int = 0
    # What of it was told, so that it is told again only when it is much more.
    told: int = 0


@dataclass(slots=True)
class Past:
    """What a host did so far: since when it is seen, and what it sent to whom."""

    since: int
    up: int = 0
    peers: dict[str, Upload] = field(default_factory=dict)


class Uploads:
    """The past of each inside host; of too many hosts or peers the longest untouched go."""

    def __init__(self) -> None:
        self.hosts: dict[str, Past] = {}

    def steps(self, window: Window) -> Iterator[tuple[Step, Upload, Past]]:
        """Add minute after minute; yield each step that is worth a look, with what it adds to."""
        import polars as pl

        talks = window.talks
        if talks.is_empty():
            return
        ours = local_mask(talks["src"], window.hosts)
        theirs = ~local_mask(talks["dst"], window.hosts)
        self._seen(talks, ours, theirs, window)
        rows = talks.filter(ours & theirs).with_columns((pl.col("tick") // MINUTE).alias("minute"))
        if rows.is_empty():
            return
        grouped = _grouped(rows)
        found = grouped.rows()
        names = window.hosts.names([row[1] for row in found] + [row[2] for row in found])
        for row, host, peer in zip(found, names, names[len(found) :], strict=False):
            past = self._past(host, row[FIRST])
            upload = _added(past, peer, row)
            # Of the thousands of a busy minute only those that send much more than they get are looked at.
            if upload.up < LEAST_TOLD or upload.up < LEAST_RATIO * upload.down or not row[UP]:
                continue
            minute, _, _, port, protocol, service, up, down, begun, first, last = row
            step = Step(
                minute=minute, host=host, peer=peer, port=port, protocol=protocol, service=service,
                up=up, down=down, begun=begun, first=first, last=last,
            )  # fmt: skip
            yield step, upload, past

    def _seen(self, talks: "pl.DataFrame", ours: "pl.Series", theirs: "pl.Series", window: Window) -> None:
        """Note since when inside hosts are seen, whatever they do."""
        import polars as pl

        ends = [
            talks.filter(mask).select(pl.col(end).alias("host"), "first")
            for mask, end in ((ours, "src"), (~theirs, "dst"))
        ]
        firsts = (
            pl.concat(ends)
            .group_by("host", maintain_order=True)
            .agg(pl.col("first").min())
            .sort("first", maintain_order=True)
        )
        names = window.hosts.names(firsts["host"].to_list())
        for host, first in zip(names, firsts["first"].to_list(), strict=True):
            if host not in self.hosts:
                self._past(host, first)

    def _past(self, host: str, first: int) -> Past:
        past = self.hosts.pop(host, None)
        if past is None:
            past = Past(since=first)
            if len(self.hosts) >= MOST_HOSTS:
                del self.hosts[next(iter(self.hosts))]
        self.hosts[host] = past
        past.since = min(past.since, first)
        return past

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            host: [past.since, past.up, {peer: asdict(one) for peer, one in past.peers.items()}]
            for host, past in self.hosts.items()
        }

    def load(self, state: dict[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.hosts = {
            host: Past(since=since, up=up, peers={peer: Upload(**one) for peer, one in peers.items()})
            for host, (since, up, peers) in state.items()
        }

    def merge(self, state: dict[str, Any]) -> None:
        """Remember also what another saved."""
        for host, (since, up, peers) in state.items():
            mine = self._past(host, since)
            mine.up += up
            for peer, saved in peers.items():
                theirs, known = Upload(**saved), mine.peers.get(peer)
                if known is not None:
                    theirs.first, theirs.last = min(theirs.first, known.first), max(theirs.last, known.last)
                    theirs.up, theirs.down = theirs.up + known.up, theirs.down + known.down
                    theirs.begun += known.begun
                    theirs.minutes, theirs.told = theirs.minutes + known.minutes, theirs.told + known.told
                mine.peers[peer] = theirs
            for peer in list(mine.peers)[: max(len(mine.peers) - MOST_PEERS, 0)]:
                del mine.peers[peer]


def _grouped(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Return what pairs exchanged in each minute, where it is enough, with the port that took most."""
    import polars as pl

    pair = ("minute", "src", "dst")
    many = (
        rows.group_by(pair)
        .agg(pl.col("payload_out").sum(), pl.col("payload_in").sum())
        .filter((pl.col("payload_out") >= LEAST_BYTES) | (pl.col("payload_in") >= LEAST_DOWN))
    )
    # Of the few that are left, by what they went and when; the most telling row first.
    return (
        rows.join(many.select(pair), on=pair, how="semi")
        .sort("payload_out", descending=True, maintain_order=True)
        .group_by(pair, maintain_order=True)
        .agg(
            pl.col("dst_port", "protocol", "service").first(),
            pl.col("payload_out").sum().alias("up"),
            pl.col("payload_in").sum().alias("down"),
            (pl.col("born") == pl.col("first")).sum().alias("begun"),
            pl.col("first").min(),
            pl.col("last").max(),
        )
        .sort("minute", "first", "up", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("minute") < MOST_STEPS)
    )


def _added(past: Past, peer: str, row: tuple[Any, ...]) -> Upload:
    """Add a minute to what the host sent to its peer."""
    _, _, _, port, protocol, service, up, down, begun, first, last = row
    one = past.peers.pop(peer, None)
    if one is None:
        one = Upload(first=first, last=last, port=port, protocol=protocol, service=service)
        if len(past.peers) >= MOST_PEERS:
            del past.peers[next(iter(past.peers))]
    past.peers[peer] = one
    one.last = max(one.last, last)
    one.service = one.service or service
    one.up += up
    one.down += down
    one.begun += begun
    one.minutes += 1
    past.up += up
    return one
