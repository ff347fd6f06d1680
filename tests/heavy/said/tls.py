"""TLS and DTLS: a row of ours is a handshake, a frame of tshark one or more messages of it."""

from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256

from tests.heavy.said.frames import names_of
from tests.heavy.said.message import Cells, Frame, Message, Talk, first, text
from tests.heavy.said.rows import SaidRow
from tests.heavy.tshark_rows import Tshark

COLUMNS = (
    *("packet", "version", "client_version", "sni", "alpn", "client_alpn", "cipher", "ja3", "ja3s"),
    *("certificate_sha256", "not_before", "not_after"),
)
LAYERS = ("tls", "dtls")
TOLD = (
    *("type", "version", "ciphersuite", "ja3", "ja3s", "random", "certificate"),
    *("extensions_server_name", "extensions_alpn_str", "extensions.supported_version"),
)
FIELDS = (*(f"{layer}.handshake.{name}" for layer in LAYERS for name in TOLD), "x509af.utcTime")
Names = Mapping[int, str]
Told = dict[str, tuple[str, ...]]
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, CLIENT_KEY = "1", "2", "11", "16"
# By this number instead of a random one a server asks for another hello (RFC 8446, 4.1.3).
RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
# fmt: off
VERSIONS = {
    0x0002: "SSLv2", 0x0300: "SSLv3", 0x0301: "TLSv1.0", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2",
    0x0304: "TLSv1.3", 0x0100: "DTLSv1.0", 0xFEFF: "DTLSv1.0", 0xFEFD: "DTLSv1.2", 0xFEFC: "DTLSv1.3",
}
# fmt: on


def ours(row: SaidRow) -> Iterator[Message]:
    """Return both hellos and the certificate of a handshake."""
    packet = row["packet"]
    if row["client_version"] is not None:
        yield Message(
            part="client", packet=packet, cells=_cells(row, "client_version", "sni", "client_alpn", "ja3")
        )
    if row["version"] is not None:
        yield Message(part="server", packet=0, cells=_cells(row, "version", "cipher", "alpn", "ja3s"))
    if row["certificate_sha256"] is not None:
        cells = _cells(row, "certificate_sha256", "not_before", "not_after")
        yield Message(part="certificate", packet=0, cells=cells)


def _cells(row: SaidRow, *names: str) -> Cells:
    return {name: text(row[name]) for name in names}


def theirs(names: Names, frame: Frame) -> Iterator[Message]:
    """Return the hellos and the certificate of a frame; those in QUIC are of another table."""
    if "quic" in ":".join(frame["frame.protocols"]).split(":"):
        return
    for layer in LAYERS:
        yield from _told({name: frame[f"{layer}.handshake.{name}"] for name in TOLD}, frame, names)


def _told(told: Told, frame: Frame, names: Names) -> Iterator[Message]:
    packet = int(first(frame["frame.number"]))
    if CLIENT_HELLO in told["type"]:
        yield Message(part="client", packet=packet, cells=_client(told))
    if SERVER_HELLO in told["type"] and RETRY not in told["random"]:
        yield Message(part="server", packet=packet, cells=_server(told, names))
    if CERTIFICATE in told["type"] and CLIENT_KEY not in told["type"] and told["certificate"]:
        yield Message(part="certificate", packet=packet, cells=_certificate(told, frame))


def _client(told: Told) -> Cells:
    return {
        "client_version": _version(told),
        "sni": first(told["extensions_server_name"]),
        "client_alpn": ",".join(told["extensions_alpn_str"]),
        "ja3": first(told["ja3"]),
    }


def _server(told: Told, names: Names) -> Cells:
    cipher = int(first(told["ciphersuite"]) or "0", 16)
    return {
        "version": _version(told),
        "cipher": names.get(cipher, f"0x{cipher:04x}"),
        "alpn": first(told["extensions_alpn_str"]),
        "ja3s": first(told["ja3s"]),
    }


def _version(told: Told) -> str:
    numbers = [int(one, 16) for one in told["extensions.supported_version"] or told["version"][:1]]
    known = [one for one in numbers if one & 0x0F0F != 0x0A0A]
    if not known:
        return ""
    # Of DTLS the numbers count down.
    highest = min(known) if known[0] >= 0xFE00 else max(known)
    draft = f"TLSv1.3-draft{highest & 0xFF}" if highest >> 8 == 0x7F else f"0x{highest:04x}"
    return VERSIONS.get(highest, draft)


def _certificate(told: Told, frame: Frame) -> Cells:
    times = [*frame["x509af.utcTime"][:2], "", ""]
    return {
        "certificate_sha256": sha256(bytes.fromhex(told["certificate"][0].replace(":", ""))).hexdigest(),
        "not_before": _time(times[0]),
        "not_after": _time(times[1]),
    }


def _time(printed: str) -> str:
    return printed.removesuffix(" (UTC)").replace(" ", "T") + "Z" if printed else ""


def tls(tshark: Tshark) -> Talk:
    """Return the comparison; the names of the cipher suites are tshark's."""
    said = partial(theirs, names_of(tshark, "tls.handshake.ciphersuite"))
    return Talk(table="tls", columns=COLUMNS, fields=FIELDS, ours=ours, theirs=said)
