"""What is said in the conversations of a plan: rows of dns, tls, quic and http."""

from collections import Counter
from math import log2
from typing import TYPE_CHECKING

from oddwire.records.judged import TICK_NS
from oddwire.testing.simulation.conversations import NS
from oddwire.testing.simulation.pieces import IDLE_NS, TCP
from oddwire.testing.windows import nothing_said

if TYPE_CHECKING:
    import polars as pl

__all__ = ["spoken_rows"]

# After so many bytes the core has all the records of TLS that it wants to know.
ENOUGH, TLS_PORT = 34_000, 443
# What programs show when they greet: one hash for each way of programming it.
JA4 = {
    "browser": "t13d1509h2_8daaf6152771_0e98a57d625a",
    "system": "t13d1909h2_d83cc789557e_7af1ed941c26",
    "script": "t13d311000_e8f1e7e78f70_d41ae481755e",
    "quic": "q13d0312h3_55b375c5d22e_06cda9e17597",
}
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/119.0 Safari/537.36"
CODES = ("NXDOMAIN", "SERVFAIL", "REFUSED")


def spoken_rows(plan: "pl.DataFrame", talks: "pl.DataFrame") -> "dict[str, pl.DataFrame]":
    """Return the rows of every protocol; `talks` are those of `talk_rows`."""
    import polars as pl

    begin = talks.group_by("row", maintain_order=True).agg(
        pl.col(
            "src",
            "dst",
            "src_port",
            "dst_port",
            "protocol",
            "ip_version",
            "vlans",
            "tunnel",
            "born",
            "input",
            "first_packet",
        ).first(),
        pl.col("last").max().alias("over"),
    )
    told = begin.join(
        plan.with_row_index("row").select(
            pl.col("row").cast(pl.Int64),
            "service",
            "name",
            "answer",
            "verb",
            "outcome",
            "payload_out",
            "payload_in",
            "close",
        ),
        on="row",
        maintain_order="left",
    ).filter((pl.col("payload_out") > 0) & ((pl.col("outcome") == "answered") | (pl.col("protocol") != TCP)))
    empty = nothing_said()
    made = {"dns": _dns(told), "tls": _tls(told), "quic": _quic(told), "http": _http(told)}
    return {name: _as(made[name], table) if name in made else table for name, table in empty.items()}


def _as(rows: "pl.DataFrame", like: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    known = set(rows.columns)
    return rows.select(
        pl.col(name).cast(dtype) if name in known else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in like.schema.items()
    ).sort("tick", maintain_order=True)


def _known_at(moment: "pl.Expr") -> "pl.Expr":
    return (moment.cast(int) // TICK_NS * TICK_NS).alias("tick")


def _told_at() -> "pl.Expr":
    """Return when a handshake is told: soon where much is said, or when the conversation is over."""
    import polars as pl

    waits = pl.when(pl.col("close") == "open").then(IDLE_NS).otherwise(0)
    much = pl.col("payload_out") + pl.col("payload_in") >= ENOUGH
    return pl.when(much).then(pl.col("born").cast(int)).otherwise(pl.col("over").cast(int) + waits)


def _dns(told: "pl.DataFrame") -> "pl.DataFrame":
    """Return questions and answers."""
    import polars as pl

    rows = told.filter((pl.col("service") == "dns") & pl.col("name").is_not_null())
    answered, text = pl.col("outcome") == "answered", pl.col("answer").fill_null("")
    failed = text.is_in(CODES)
    has = answered & ~failed & (text != "")
    # What the answer would have told; without one it is unknown.
    said_no = pl.when(answered).then(pl.lit(value=False))
    labels = pl.col("name").str.split(".")
    of_two = pl.col("name").str.ends_with(".co.uk")
    domain = pl.when(of_two).then(labels.list.tail(3)).otherwise(labels.list.tail(2)).list.join(".")
    length = pl.col("name").str.len_bytes()
    # One kind for each answer.
    kind = pl.col("verb").fill_null("A")
    kinds = kind.repeat_by(text.str.count_matches(",") + 1).list.join(",")
    rows = rows.with_columns(
        pl.when(answered).then("over").otherwise(pl.col("born") + IDLE_NS).alias("known"),
        pl.col("born").alias("first"),
        message=pl.when(answered).then(pl.lit("exchange")).otherwise(pl.lit("query")),
        operation=pl.lit("query"),
        query=pl.col("name"),
        query_type=pl.col("verb").fill_null("A"),
        query_class=1,
        questions=1,
        domain=domain,
        code=pl.when(answered).then(pl.when(failed).then(text).otherwise(pl.lit("NOERROR"))),
        answers=pl.when(has).then(text),
        answer_types=pl.when(has).then(kinds).when(answered).then(pl.lit("")),
        answer_count=pl.when(has).then(text.str.count_matches(",") + 1).when(answered).then(0),
        authority_count=pl.when(answered).then(0),
        additional_count=pl.when(answered).then(0),
        ttl_min=pl.when(has).then(pl.col("born") // 1_000 % 280 + 20),
        latency_ns=pl.when(answered).then(pl.col("over") - pl.col("born")),
        tries=1,
        query_bytes=pl.col("payload_out"),
        answer_bytes=pl.when(answered).then("payload_in"),
        authoritative=said_no,
        truncated=said_no,
        recursion_desired=True,
        recursion_available=~said_no,
        transaction=pl.col("born") // 1_000 * 40_503 % 65_536,
        labels=labels.list.len(),
        longest_label=labels.list.eval(pl.element().str.len_bytes()).list.max(),
        name_length=length,
        answer_packet=pl.when(answered).then(pl.col("first_packet") + 1),
    )
    # Questions repeat: the entropy of each name is worked out once.
    mixed = rows.select("name", "domain").unique(maintain_order=True)
    facts = [_mixture(name, domain) for name, domain in mixed.iter_rows()]
    schema = {"name_entropy": pl.Float64, "name_digits": pl.Float64}
    mixed = pl.concat([mixed.select("name"), pl.DataFrame(facts, schema, orient="row")], how="horizontal")
    rows = rows.join(mixed, on="name", how="left", maintain_order="left")
    return rows.with_columns(_known_at(pl.col("known")))


def _mixture(name: str, domain: str) -> tuple[float, float]:
    """Return the entropy of what stands before the registered domain, and its share of digits."""
    text = name.removesuffix(domain).removesuffix(".")
    letters = Counter(text)
    entropy = -sum(count / len(text) * log2(count / len(text)) for count in letters.values())
    return entropy, sum(letters[digit] for digit in "0123456789") / max(len(text), 1)


def _tls(told: "pl.DataFrame") -> "pl.DataFrame":
    """Return handshakes."""
    import polars as pl

    program = (
        pl.when(pl.col("dst_port") != TLS_PORT).then(pl.lit(JA4["system"])).otherwise(pl.lit(JA4["browser"]))
    )
    return told.filter((pl.col("service") == "tls") & (pl.col("payload_in") > 0)).with_columns(
        _known_at(_told_at()),
        first=pl.col("born") + NS // 100,
        version=pl.lit("TLSv1.3"),
        client_version=pl.lit("TLSv1.3"),
        sni=pl.col("name"),
        client_alpn=pl.lit("h2,http/1.1"),
        cipher=pl.lit("TLS_AES_128_GCM_SHA256"),
        ciphers_offered=15,
        group=pl.lit("x25519"),
        resumed=False,
        established=True,
        hello_retry=False,
        ja4=program,
        ech=False,
        client_hello_bytes=512,
        latency_ns=12_000_000,
        skipped=False,
    )


def _quic(told: "pl.DataFrame") -> "pl.DataFrame":
    """Return the first packets of QUIC."""
    import polars as pl

    return told.filter(pl.col("service") == "quic").with_columns(
        _known_at(pl.col("born")),
        first=pl.col("born"),
        version=pl.lit("1"),
        sni=pl.col("name"),
        alpn=pl.lit("h3"),
        ja4=pl.lit(JA4["quic"]),
        ciphers_offered=3,
        dcid_bytes=8,
        scid_bytes=0,
        token_bytes=0,
        retry=False,
        server_version_negotiation=False,
        zero_rtt=False,
        ech=False,
        client_hello_bytes=320,
        server_seen=pl.col("payload_in") > 0,
        latency_ns=14_000_000,
        skipped=False,
    )


def _http(told: "pl.DataFrame") -> "pl.DataFrame":
    """Return requests with their answers."""
    import polars as pl

    bare = pl.col("name").fill_null("").str.contains(r"^[0-9.]+$")
    answered = pl.col("payload_in") > 0
    posts = pl.col("verb") == "POST"
    return told.filter(pl.col("service") == "http").with_columns(
        _known_at(pl.min_horizontal("over", pl.col("born") + 10 * NS)),
        first=pl.col("born") + NS // 200,
        message=pl.when(answered).then(pl.lit("exchange")).otherwise(pl.lit("request")),
        method=pl.col("verb").fill_null("GET"),
        host=pl.col("name"),
        path=pl.lit("/"),
        version=pl.lit("1.1"),
        status=pl.when(answered).then(200),
        reason=pl.when(answered).then(pl.lit("OK")),
        agent=pl.lit(AGENT),
        content_type=pl.when(answered).then(pl.lit("text/html")),
        content_length=(pl.col("payload_in") - 250).clip(0),
        request_bytes=pl.when(posts).then((pl.col("payload_out") - 300).clip(0)).otherwise(0),
        response_bytes=(pl.col("payload_in") - 250).clip(0),
        cookies=0,
        proxied=False,
        address_as_host=bare,
        body_kind=pl.when(answered).then(pl.lit("text")),
        latency_ns=20_000_000,
        head_cut=False,
        request_packet=pl.col("first_packet"),
        response_packet=pl.col("first_packet") + 1,
    )
