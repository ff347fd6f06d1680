"""Passwords that go over the wire for everybody to read."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from oddwire.base.detector import Detector, Page, Parameters, State
from oddwire.base.window import Window
from oddwire.features.weaknesses import COMMON, Ledger, Weakness, weaknesses
from oddwire.records.evidence import Evidence, Party, Reason, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CleartextCredentials"]

NOBODY = ("anonymous", "ftp")
# What each protocol's table must have, beside what all have.
_EXTRA = {
    "ftp": ("user", "login", "tls"),
    "telnet": ("user", "login"),
    "http": ("auth",),
    "smtp": ("auth_method", "login", "starttls"),
    "smb": ("auth",),
    "mqtt": ("has_password",),
    "snmp": ("version",),
}
WORDS = {
    "ftp": "FTP",
    "telnet": "Telnet",
    "http": "HTTP basic",
    "smtp": "SMTP",
    "smb": "SMB",
    "mqtt": "MQTT",
    "snmp": "SNMP community",
}


class CleartextCredentials(Detector):
    """Notes, once a host and protocol, that clients prove who they are in the clear."""

    name = "cleartext_credentials"
    kind = Kind.CLEARTEXT_CREDENTIALS
    scope = Scope.PAIR
    needs = frozenset(f"{table}.{name}" for table, extra in _EXTRA.items() for name in (*COMMON, *extra))
    attack = ("T1040",)
    page = Page(
        sees=(
            "Clients log in to a server by FTP, Telnet, HTTP basic, SMTP, SMB or MQTT without encryption, or "
            "ask by SNMP 1 or 2c across the edge of the network. The secret itself is never kept."
        ),
        matters="Whoever sees the packets has the password.",
        wrong_when="Where only a test account or an empty password is sent, little is lost.",
        example="3 clients sent passwords to 10.0.0.9:21 in the clear (FTP)",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.ledger = Ledger()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Say which servers take passwords in the clear."""
        import polars as pl

        found = []
        for protocol, is_clear in _clear().items():
            rows = window.said.get(protocol)
            if rows is not None and not rows.is_empty():
                clear = rows.filter(is_clear).with_columns(pl.lit(protocol).alias("what"))
                found.append(_abroad(clear, window) if protocol == "snmp" else clear)
        for one in weaknesses(window, self.ledger, found):
            yield _evidence(one)

    def save(self) -> State:
        """Return the servers that were told of."""
        return self.ledger.save()

    def load(self, state: State) -> None:
        """Remember these servers."""
        self.ledger.load(state)

    def merge(self, other: State) -> None:
        """Remember these servers too."""
        self.ledger.merge(other)


def _clear() -> "dict[str, pl.Expr]":
    """Return, protocol by protocol, which rows hold a password in the clear."""
    import polars as pl

    user, open_methods = pl.col("user"), ["PLAIN", "LOGIN"]
    return {
        "ftp": user.is_not_null()
        & pl.col("login").is_not_null()
        & ~user.str.to_lowercase().is_in(NOBODY)
        & ~pl.col("tls").fill_null(value=False),
        "telnet": user.is_not_null() | pl.col("login").is_not_null(),
        "http": pl.col("auth") == "basic",
        "smtp": pl.col("auth_method").is_in(open_methods)
        & pl.col("login").is_not_null()
        & ~pl.col("starttls").fill_null(value=False),
        "smb": pl.col("auth") == "plain",
        "mqtt": pl.col("has_password").fill_null(value=False),
        "snmp": pl.col("version").is_in(["1", "2c"]),
    }


def _abroad(rows: "pl.DataFrame", window: Window) -> "pl.DataFrame":
    """Keep what crosses the edge of the network: inside it, communities are everywhere."""
    import polars as pl

    if rows.is_empty():
        return rows
    pairs = rows.select("src", "dst").unique(maintain_order=True)
    names = window.hosts.names(pairs["src"].to_list() + pairs["dst"].to_list())
    is_local = [window.hosts.is_local(name) for name in names]
    crosses = [one != other for one, other in zip(is_local, is_local[pairs.height :], strict=False)]
    return rows.join(pairs.filter(pl.Series(crosses)), on=["src", "dst"], how="semi", maintain_order="left")


def _evidence(one: Weakness) -> Evidence:
    what = "communities" if one.what == "snmp" else "passwords"
    clients = count_text(one.other_count, "client")
    who, where = (
        (clients, f"{one.host}:{one.port}")
        if one.is_server
        else (
            one.host,
            count_text(one.other_count, "server") + " outside",
        )
    )
    return Evidence(
        kind=Kind.CLEARTEXT_CREDENTIALS,
        subject=Party(ip=one.host),
        part=one.part,
        title=f"{who} sent {what} to {where} in the clear ({WORDS[one.what]})",
        score=0.3,
        severity=Severity.LOW,
        start_ns=one.first,
        end_ns=one.last,
        at_ns=one.tick + TICK_NS,
        targets=tuple(Target(ip=other) for other in one.others),
        target_count=one.other_count,
        facts={"protocol": one.what, "port": one.port, "others": one.other_count, "times": one.times},
        reasons=(
            Reason(feature="logins_in_the_clear", value=float(one.times), typical=(0.0, 0.0), weight=1.0),
        ),
        selectors=(one.selector,),
    )
