"""Encryption that is none: old versions, broken ciphers, short keys, expired certificates; and SMB 1."""

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

__all__ = ["WeakTls"]

_TLS = (
    "version",
    "cipher",
    "key_type",
    "key_bits",
    "signature_algorithm",
    "certificate_expired",
    "self_signed",
)
OLD = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "DTLSv1.0")
BROKEN = r"(?i)NULL|EXPORT|RC4|RC2|3DES|_DES_|DES40|_anon_|_MD5$"
LEAST_RSA_BITS = 2_048
WEAK_HASH = r"(?i)^md5|sha1"
SMB1 = "SMB1"
WORDS = {
    "expired": "a certificate that has expired",
    "hash": "a certificate signed with MD5 or SHA-1",
    "key": f"an RSA key of less than {LEAST_RSA_BITS} bits",
}


class WeakTls(Detector):
    """Notes, once a host and weakness, what it agrees on."""

    name = "weak_tls"
    kind = Kind.WEAK_TLS
    scope = Scope.PAIR
    needs = frozenset(
        [f"tls.{name}" for name in (*COMMON, *_TLS)] + [f"smb.{name}" for name in (*COMMON, "version")]
    )
    attack = ("T1557", "T1040")
    page = Page(
        sees=(
            "A server chooses SSL or TLS before 1.2, a cipher that is broken, null or anonymous, or shows a "
            "certificate that has expired, has a short key or an old signature; or it speaks SMB 1. "
            "What TLS 1.3 hides is not seen. Of a day the first 32 are told of servers here, 16 of clients."
        ),
        matters="Such connections can be read or changed on the way.",
        wrong_when="A capture with a wrong clock makes good certificates seem expired.",
        example="10.0.0.9:443 agreed on TLSv1.0 with 3 clients",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.ledger = Ledger()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Say which servers agree on what is weak."""
        import polars as pl

        found = []
        tls, smb = window.said.get("tls"), window.said.get("smb")
        if tls is not None and not tls.is_empty():
            cases = _weak()
            named = tls.select(*COMMON, *(case.alias(f"case {number}") for number, case in enumerate(cases)))
            whats = [f"case {number}" for number in range(len(cases))]
            found += [
                named.select(*COMMON, pl.col(what).alias("what")).filter(pl.col("what").is_not_null())
                for what in whats
                if named[what].null_count() < named.height
            ]
        if smb is not None and not smb.is_empty():
            found.append(smb.filter(pl.col("version") == SMB1).with_columns(pl.lit(SMB1).alias("what")))
        # Certificates of servers outside are not ours to mend.
        for one in weaknesses(window, self.ledger, found, ours=WORDS):
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


def _weak() -> "list[pl.Expr]":
    """Return what is weak in a row, each null where it is not."""
    import polars as pl

    has_short_key = (pl.col("key_type") == "rsa") & (pl.col("key_bits") < LEAST_RSA_BITS)
    # Nobody checks the signature under a root, or under what answers for itself alone.
    has_weak_hash = pl.col("signature_algorithm").str.contains(WEAK_HASH) & ~pl.col("self_signed").fill_null(
        value=False
    )
    cases = {"expired": pl.col("certificate_expired"), "hash": has_weak_hash, "key": has_short_key}
    return [
        pl.when(pl.col("version").is_in(OLD)).then(pl.col("version")),
        pl.when(pl.col("cipher").str.contains(BROKEN)).then("cipher " + pl.col("cipher")),
        *(pl.when(is_so).then(pl.lit(what)) for what, is_so in cases.items()),
    ]


def _title(one: Weakness) -> str:
    if one.what in WORDS:
        return f"{one.host}:{one.port} showed {WORDS[one.what]} to {count_text(one.other_count, 'client')}"
    what = "SMB 1, which is obsolete," if one.what == SMB1 else one.what.removeprefix("cipher ")
    verb = "speaks" if one.what == SMB1 else "agreed on"
    if one.is_server:
        return f"{one.host}:{one.port} {verb} {what} with {count_text(one.other_count, 'client')}"
    return f"{one.host} {verb} {what} with {count_text(one.other_count, 'server')} outside"


def _evidence(one: Weakness) -> Evidence:
    return Evidence(
        kind=Kind.WEAK_TLS,
        subject=Party(ip=one.host),
        part=one.part,
        title=_title(one),
        score=0.3,
        severity=Severity.LOW,
        start_ns=one.first,
        end_ns=one.last,
        at_ns=one.tick + TICK_NS,
        targets=tuple(Target(ip=other) for other in one.others),
        target_count=one.other_count,
        facts={"what": one.what, "port": one.port, "others": one.other_count, "times": one.times},
        reasons=(Reason(feature="weak_sessions", value=float(one.times), typical=(0.0, 0.0), weight=1.0),),
        selectors=(one.selector,),
    )
