"""TLS up to version 1.2 with keys exchanged by RSA, as old servers speak it: certificates in the clear."""

import struct
from collections.abc import Iterable, Sequence

from oddwire.testing.dialogue import Dialogue

__all__ = ["SSL3", "TLS10", "TLS11", "TLS12", "old_tls"]

SSL3, TLS10, TLS11, TLS12 = 0x0300, 0x0301, 0x0302, 0x0303
CHANGE, HANDSHAKE, DATA = 20, 22, 23
LARGEST = 16_384
OFFER = (0xC02F, 0xC030, 0xC013, 0xC014, 0x009C, 0x002F, 0x0035, 0x000A, 0x0005, 0x0004, 0x0003)
FINISHED_BYTES = {SSL3: 64, TLS10: 48, TLS11: 64, TLS12: 40}


def old_tls(
    talk: Dialogue,
    name: str,
    certificates: Sequence[bytes],
    turns: Iterable[tuple[float, int, int]],
    *,
    version: int = TLS12,
    cipher: int = 0x009C,
    offer: Sequence[int] = OFFER,
) -> Dialogue:
    """Shake hands and exchange data: each turn is (pause before, bytes up, bytes down)."""
    dice = talk.dice

    def record(kind: int, body: bytes) -> bytes:
        parts = [body[at : at + LARGEST] for at in range(0, len(body), LARGEST)]
        return b"".join(struct.pack("!BHH", kind, version, len(part)) + part for part in parts)

    def message(kind: int, body: bytes) -> bytes:
        return record(HANDSHAKE, bytes([kind]) + len(body).to_bytes(3, "big") + body)

    ciphers = struct.pack(f"!{len(offer)}H", *offer)
    hello = struct.pack("!H", version) + dice.randbytes(32) + b"\0"
    hello += struct.pack("!H", len(ciphers)) + ciphers + b"\x01\0"
    if version > SSL3:
        host = name.encode()
        wanted = struct.pack("!HHHBH", 0, len(host) + 5, len(host) + 3, 0, len(host)) + host
        wanted += bytes.fromhex("000a00080006001d00170018")
        hello += struct.pack("!H", len(wanted)) + wanted
    talk.open().ask(message(1, hello), 0.001)
    chosen = struct.pack("!H", version) + dice.randbytes(32) + b"\x20" + dice.randbytes(32)
    chosen += struct.pack("!H", cipher) + b"\0"
    chain = b"".join(len(one).to_bytes(3, "big") + one for one in certificates)
    shown = len(chain).to_bytes(3, "big") + chain
    talk.answer(message(2, chosen) + message(11, shown) + message(14, b""), 0.004)
    secret = dice.randbytes(256) if version == SSL3 else b"\x01\0" + dice.randbytes(256)
    finished = record(CHANGE, b"\x01") + record(HANDSHAKE, dice.randbytes(FINISHED_BYTES[version]))
    talk.ask(message(16, secret) + finished, 0.003)
    talk.answer(record(CHANGE, b"\x01") + record(HANDSHAKE, dice.randbytes(FINISHED_BYTES[version])), 0.004)
    for pause, up, down in turns:
        talk.ask(record(DATA, dice.randbytes(up)), pause).answer(record(DATA, dice.randbytes(down)), 0.02)
    return talk.finish(after=0.3)
