"""DNS, mDNS and LLMNR: a row of ours is a question with its answer, a frame of tshark one of both."""

import re
from collections.abc import Iterator

from tests.heavy.said.message import Frame, Message, Talk, first, text
from tests.heavy.said.rows import SaidRow

COLUMNS = (
    *("packet", "service", "message", "transaction", "query", "query_type"),
    *("code", "answers", "answer_types", "answer_packet"),
)
FIELDS = (
    *("dns.id", "dns.flags.response", "dns.flags.rcode", "dns.retransmission", "dns.count.answers"),
    *("dns.count.prerequisites", "dns.resp.name"),
    *("dns.qry.name", "dns.qry.type", "dns.resp.type", "dns.a", "dns.aaaa", "dns.cname"),
)
ADDRESSES = {"A": "dns.a", "AAAA": "dns.aaaa", "CNAME": "dns.cname"}
# fmt: off
TYPES = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 10: "NULL", 11: "WKS", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT",
    28: "AAAA", 33: "SRV", 35: "NAPTR", 41: "OPT", 43: "DS", 44: "SSHFP", 46: "RRSIG", 47: "NSEC",
    48: "DNSKEY", 50: "NSEC3", 64: "SVCB", 65: "HTTPS", 99: "SPF", 249: "TKEY", 250: "TSIG", 251: "IXFR",
    252: "AXFR", 255: "ANY", 257: "CAA",
}
CODES = {
    0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN",
    7: "YXRRSET", 8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE",
}
# fmt: on
# How tshark shows a byte that is no character; ours are hexadecimal.
OCTAL = re.compile(r"\\([0-7]{3})")


def ours(row: SaidRow) -> Iterator[Message]:
    """Return the question and the answer of a row."""
    if row["service"] == "nbns":
        return
    asked = {"id": text(row["transaction"]), "query": row["query"], "type": text(row["query_type"])}
    if row["message"] != "response":
        yield Message(part="question", packet=row["packet"], cells=asked)
    if row["message"] != "query":
        packet = row["answer_packet"] if row["message"] == "exchange" else row["packet"]
        yield Message(part="answer", packet=packet, cells=asked | {"code": text(row["code"])} | _said(row))


def _said(row: SaidRow) -> dict[str, str]:
    types = text(row["answer_types"]).split(",")
    said = text(row["answers"]).split(",")
    pairs = list(zip(types, said, strict=False))
    return {kind: " ".join(what for of, what in pairs if of == kind) for kind in ADDRESSES}


def theirs(frame: Frame) -> Iterator[Message]:
    """Return the question or answer of a frame; what is hidden in QUIC is not asked of us."""
    if not frame["dns.id"] or "quic" in ":".join(frame["frame.protocols"]).split(":"):
        return
    # Without a question a row of ours is about the first record.
    kind = first(frame["dns.qry.type"] or frame["dns.resp.type"])
    name = first(frame["dns.qry.name"] or frame["dns.resp.name"])
    cells = {
        "id": str(int(first(frame["dns.id"]), 16)),
        "query": OCTAL.sub(_hexadecimal, "." if name == "<Root>" else name),
        "type": TYPES.get(int(kind), kind) if kind else "",
    }
    packet = int(first(frame["frame.number"]))
    if first(frame["dns.flags.response"]) == "1":
        code = int(first(frame["dns.flags.rcode"]) or "0")
        said = {"code": CODES.get(code, str(code))} | _answered(frame)
        yield Message(part="answer", packet=packet, cells=cells | said)
    else:
        again = bool(frame["dns.retransmission"])
        yield Message(part="question", packet=packet, cells=cells, again=again)


def _hexadecimal(found: re.Match[str]) -> str:
    return f"\\x{int(found[1], 8):02x}"


def _answered(frame: Frame) -> dict[str, str]:
    """Return what the answers say; tshark tells of all sections, the answers first."""
    count = int(first(frame["dns.count.answers"] or frame["dns.count.prerequisites"]) or "0")
    kinds = [TYPES.get(int(kind), kind) for kind in frame["dns.resp.type"][:count]]
    return {kind: " ".join(frame[field][: kinds.count(kind)]) for kind, field in ADDRESSES.items()}


DNS = Talk(table="dns", columns=COLUMNS, fields=FIELDS, ours=ours, theirs=theirs)
