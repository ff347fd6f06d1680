"""Programs that come over HTTP in the clear."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from oddwire.base.detector import Detector, Page, Parameters, State
from oddwire.base.window import Window
from oddwire.features.memory import Memory
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ExecutableDownload"]

TCP = 6
DAY_NS = 86_400_000_000_000
MOST_IN_TICK, MOST_HOSTS = 500, 64
KINDS = ("exe", "elf", "macho", "script", "cab", "java_class")
WORDS = {"exe": "Windows program", "elf": "Linux program", "macho": "macOS program", "script": "shell script"}
WORDS |= {"cab": "cabinet archive", "java_class": "Java class"}
# Types that somebody who serves a program does not declare by mistake.
DISGUISE = r"(?i)^\s*(image|audio|video|font)/|^\s*text/(html|css|xml)|/(pdf|json|javascript|xml)\b"
_COLUMNS = (
    "tick src dst dst_port first host path content_type body_kind address_as_host response_bytes proxied"
)


class ExecutableDownload(Detector):
    """Notes, once a host and server, that a program was fetched in the clear."""

    name = "executable_download"
    kind = Kind.EXECUTABLE_DOWNLOAD
    scope = Scope.HOST
    needs = frozenset(f"http.{name}" for name in _COLUMNS.split())
    attack = ("T1105",)
    page = Page(
        sees=(
            "The body of an answer over HTTP begins like a program, a script, a cabinet archive or Java, "
            "whatever type is declared. Not: what is packed into other archives, nor what goes over HTTPS."
        ),
        matters="It can be changed on the way; and malware is fetched like this.",
        wrong_when="Updates of many systems are fetched like this and checked by their signature.",
        example="10.0.0.7 fetched a Windows program from 203.0.113.9:80 (declared as image/png)",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # 4,000 hosts with 64 servers each: 16 MiB at most.
        self.memory = Memory(quiet_ns=DAY_NS, most_keys=4_000, most_things=MOST_HOSTS)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Say who fetched a program from where."""
        import polars as pl

        rows = window.said.get("http")
        if rows is None or rows.is_empty():
            return
        rows = rows.filter(pl.col("body_kind").is_in(KINDS))
        if rows.is_empty():
            return
        for row in _grouped(rows).iter_rows(named=True):
            client, server = window.hosts.names([row["src"], row["dst"]])
            thing = f"{server}|{row['dst_port']}|{row['body_kind']}|{row['host'] or ''}"[:80]
            track = self.memory.at(client, row["first"])
            is_known = thing in track.things
            track.touch(thing, row["last"], "", MOST_HOSTS)
            if not is_known:
                yield _evidence(row, client, server, thing)

    def save(self) -> State:
        """Return what was fetched by whom."""
        return {"memory": self.memory.save()}

    def load(self, state: State) -> None:
        """Remember this."""
        self.memory.load(state["memory"])

    def merge(self, other: State) -> None:
        """Remember this too."""
        self.memory.merge(other["memory"])


def _grouped(rows: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    return (
        rows.group_by("tick", "src", "dst", "dst_port", "body_kind", "host", maintain_order=True)
        .agg(
            pl.col("first").min(),
            pl.col("first").max().alias("last"),
            pl.len().alias("count"),
            pl.col("content_type").drop_nulls().first(),
            pl.col("content_type").str.contains(DISGUISE).any().alias("is_disguised"),
            pl.col("address_as_host").any(),
            pl.col("proxied").any(),
            pl.col("response_bytes").max(),
        )
        .sort("tick", "first", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_IN_TICK)
    )


def _evidence(row: dict[str, object], client: str, server: str, thing: str) -> Evidence:
    first, last, tick = (int(str(row[name])) for name in ("first", "last", "tick"))
    port, count = int(str(row["dst_port"])), int(str(row["count"]))
    what = WORDS[str(row["body_kind"])]
    many = f"a {what}" if count == 1 else count_text(count, what).replace("classs", "classes")
    host = str(row["host"])[:80] if row["host"] else None
    declared = str(row["content_type"])[:80] if row["content_type"] else None
    is_disguised, has_address = bool(row["is_disguised"]), bool(row["address_as_host"])
    title = f"{client} fetched {many} from {host or server} ({server}:{port}) over clear HTTP"
    if is_disguised:
        title += f", declared as {declared}"
    return Evidence(
        kind=Kind.EXECUTABLE_DOWNLOAD,
        subject=Party(ip=client),
        part=thing,
        title=title,
        score=0.3 + 0.15 * is_disguised + 0.1 * has_address,
        severity=Severity.LOW,
        start_ns=first,
        end_ns=last,
        at_ns=tick + TICK_NS,
        targets=(Target(ip=server, port=port, proto="tcp"),),
        target_count=1,
        facts={
            "program": str(row["body_kind"]),
            "host": host,
            "declared_type": declared,
            "is_disguised": is_disguised,
            "address_as_host": has_address,
            "by_proxy": bool(row["proxied"]),
            "bytes": int(str(row["response_bytes"])) if row["response_bytes"] is not None else None,
        },
        reasons=(Reason(feature="programs_fetched", value=float(count), typical=(0.0, 0.0), weight=1.0),),
        selectors=(Selector(a=client, b=server, from_ns=first, until_ns=last, protocol=TCP, port=port),),
    )
