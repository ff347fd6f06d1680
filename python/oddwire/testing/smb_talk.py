"""SMB 2 in the clear: a log-in by NTLM or Kerberos, shares, files, pipes."""

import struct
from typing import Literal, Self

from oddwire.testing.dialogue import Dialogue
from oddwire.testing.errands import CHUNK
from oddwire.testing.x509 import der

__all__ = ["SmbTalk", "ntlm_authenticate", "ntlm_challenge", "ntlm_negotiate", "spnego_kerberos"]

NEGOTIATE, SETUP, TREE, CREATE, CLOSE, READ, WRITE, IOCTL = 0, 1, 3, 5, 6, 8, 9, 11
MORE_NEEDED, DENIED, LOGON_FAILURE = 0xC0000016, 0xC0000022, 0xC000006D
TRANSCEIVE = 0x0011C017
FLAGS = 0xE2888215
VERSION = bytes.fromhex("0a00614a0000000f")
KERBEROS = bytes.fromhex("06092a864886f712010202")
SPNEGO = bytes.fromhex("06062b0601050502")
DISK, PIPE = 1, 2
EXISTS, MADE = 1, 2


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def ntlm_negotiate() -> bytes:
    """Return the first message of NTLM."""
    return b"NTLMSSP\0" + struct.pack("<II", 1, FLAGS) + bytes(16) + VERSION


def ntlm_challenge(talk: Dialogue, domain: str = "CORP") -> bytes:
    """Return the second message of NTLM: the server's challenge and its names."""
    name, pair = _wide(domain), struct.pack("<HH", 2, len(_wide(domain))) + _wide(domain) + bytes(4)
    head = b"NTLMSSP\0" + struct.pack("<IHHII", 2, len(name), len(name), 56, FLAGS) + talk.dice.randbytes(8)
    return head + bytes(8) + struct.pack("<HHI", len(pair), len(pair), 56 + len(name)) + VERSION + name + pair


def ntlm_authenticate(talk: Dialogue, user: str, domain: str = "CORP", station: str = "PC7") -> bytes:
    """Return the third message of NTLM: who it is, and the proof."""
    dice = talk.dice
    pair = struct.pack("<HH", 2, len(_wide(domain))) + _wide(domain) + bytes(4)
    time = struct.pack("<Q", int((talk.time + 11_644_473_600) * 10**7))
    proof = (
        dice.randbytes(16) + b"\x01\x01" + bytes(6) + time + dice.randbytes(8) + bytes(4) + pair + bytes(4)
    )
    parts = [bytes(24), proof, _wide(domain), _wide(user), _wide(station), dice.randbytes(16)]
    fields, at = b"", 88
    for part in parts:
        fields += struct.pack("<HHI", len(part), len(part), at)
        at += len(part)
    head = b"NTLMSSP\0" + struct.pack("<I", 3) + fields + struct.pack("<I", FLAGS) + VERSION
    return head + dice.randbytes(16) + b"".join(parts)


def spnego_kerberos(talk: Dialogue, service: str = "cifs", realm: str = "CORP.EXAMPLE") -> bytes:
    """Return a Kerberos ticket as a host shows it to a server that it knows by name."""

    def sealed(size: int, *more: bytes) -> bytes:
        number = der(0xA0, der(2, b"\x12"))
        return der(0x30, number, *more, der(0xA2, der(4, talk.dice.randbytes(size))))

    five = der(0xA0, der(2, b"\x05"))
    host = f"srv{talk.server.rsplit('.', 1)[-1]}.corp.example"
    names = der(0x30, der(0x1B, service.encode()), der(0x1B, host.encode()))
    principal = der(0xA2, der(0x30, der(0xA0, der(2, b"\x02")), der(0xA1, names)))
    place = der(0xA1, der(0x1B, realm.encode()))
    ticket = der(0x61, der(0x30, five, place, principal, der(0xA3, sealed(940, der(0xA1, der(2, b"\x05"))))))
    options = der(0xA2, bytes.fromhex("03050020000000"))
    kind = der(0xA1, der(2, b"\x0e"))
    ask = der(0x6E, der(0x30, five, kind, options, der(0xA3, ticket), der(0xA4, sealed(180))))
    token = der(0x60, KERBEROS, b"\x01\x00", ask)
    offer = der(0xA0, der(0x30, der(0xA0, der(0x30, KERBEROS)), der(0xA2, der(4, token))))
    return der(0x60, SPNEGO, offer)


class SmbTalk:
    """One connection to port 445 while it is spoken."""

    def __init__(self, talk: Dialogue) -> None:
        self.talk = talk
        self.user = "PC7$"
        self._message = 0
        self._tree = 0
        self._file = bytes(16)
        self._session = 0

    def _exchange(
        self, command: int, ask: bytes, answer: bytes, status: int = 0, wait: float = 0.000_6
    ) -> None:
        for number, body in enumerate((ask, answer)):
            head = struct.pack("<4sHHIHHI", b"\xfeSMB", 64, 1, status * number, command, 32, number)
            head += struct.pack("<IQIIQ", 0, self._message, 0xFEFF, self._tree, self._session) + bytes(16)
            whole = struct.pack("!I", len(head) + len(body)) + head + body
            if number:
                self.talk.answer(whole, wait)
            else:
                self.talk.ask(whole, 0.001)
        self._message += 1

    def log_in(
        self, user: str = "administrator", *, how: Literal["ntlm", "kerberos"] = "ntlm", fails: bool = False
    ) -> Self:
        """Shake hands, agree on a dialect (SMB 3.0.2), log in."""
        talk, self.user = self.talk.open(), user or self.user
        ask = struct.pack("<HHHHI", 36, 4, 1, 0, 0x7F) + talk.dice.randbytes(16) + bytes(8)
        answer = struct.pack("<HHHH", 65, 1, 0x302, 0) + talk.dice.randbytes(16)
        answer += struct.pack("<IIIIQQHHI", 0x2F, 2**23, 2**23, 2**23, 0, 0, 128, 0, 0)
        self._exchange(NEGOTIATE, ask + struct.pack("<4H", 0x202, 0x210, 0x300, 0x302), answer)
        if how == "kerberos":
            self._session = talk.dice.randrange(2**40)
            self._set_up(spnego_kerberos(talk), bytes.fromhex("a1143012a0030a0100a10b") + KERBEROS, 0)
            return self
        self._session = talk.dice.randrange(2**40)
        self._set_up(ntlm_negotiate(), ntlm_challenge(talk), MORE_NEEDED)
        self._set_up(ntlm_authenticate(talk, user), b"", LOGON_FAILURE if fails else 0)
        return self

    def _set_up(self, token: bytes, told: bytes, status: int) -> None:
        ask = struct.pack("<HBBIIHHQ", 25, 0, 1, 1, 0, 88, len(token), 0) + token
        self._exchange(SETUP, ask, struct.pack("<HHHH", 9, 0, 72, len(told)) + told, status, 0.002)

    def share(self, name: str, *, denied: bool = False) -> Self:
        """Connect to a share: IPC$, ADMIN$, SYSVOL, data."""
        path = _wide(f"\\\\{self.talk.server}\\{name}")
        kind = PIPE if name == "IPC$" else DISK
        answer = struct.pack("<HBBIII", 16, kind, 0, 0, 0, 0x001F01FF)
        ask, self._tree = struct.pack("<HHHH", 9, 0, 72, len(path)) + path, self._tree + 1
        if denied:
            answer = struct.pack("<HHI", 9, 0, 0) + b"\0"
        self._exchange(TREE, ask, answer, DENIED if denied else 0)
        return self

    def open(self, path: str, *, make: bool = False, size: int = 0) -> Self:
        """Open a file, a directory or a pipe of the share; `make` makes it anew."""
        name = _wide(path)
        self._file = self.talk.dice.randbytes(16)
        ask = struct.pack("<HBBIQQIII", 57, 0, 0, 2, 0, 0, 0x0012019F if make else 0x00120089, 0x80, 3)
        ask += struct.pack("<IIHHII", 5 if make else 1, 0, 120, len(name), 0, 0) + (name or b"\0")
        answer = struct.pack("<HBBI", 89, 0, 0, MADE if make else EXISTS) + bytes(32)
        answer += struct.pack("<QQII", size, size, 0x80, 0) + self._file + bytes(8)
        self._exchange(CREATE, ask, answer)
        return self

    def write(self, data: bytes) -> Self:
        """Write a file from its begin."""
        for at in range(0, len(data), CHUNK):
            part = data[at : at + CHUNK]
            ask = struct.pack("<HHIQ", 49, 112, len(part), at) + self._file + bytes(16) + part
            self._exchange(WRITE, ask, struct.pack("<HHIIHH", 17, 0, len(part), 0, 0, 0))
        return self

    def read(self, size: int) -> Self:
        """Read a file from its begin."""
        for at in range(0, size, CHUNK):
            part = self.talk.dice.randbytes(min(CHUNK, size - at))
            ask = struct.pack("<HBBIQ", 49, 80, 0, len(part), at) + self._file + bytes(17)
            self._exchange(READ, ask, struct.pack("<HBBIII", 17, 80, 0, len(part), 0, 0) + part)
        return self

    def transceive(self, ask: bytes, answer: bytes) -> Self:
        """Say something into the open pipe and take its answer."""
        head = struct.pack("<HHI", 57, 0, TRANSCEIVE) + self._file
        there = head + struct.pack("<IIIIIIII", 120, len(ask), 0, 0, 0, 4_280, 1, 0) + ask
        head = struct.pack("<HHI", 49, 0, TRANSCEIVE) + self._file
        back = head + struct.pack("<IIIIII", 112, 0, 112, len(answer), 0, 0) + answer
        self._exchange(IOCTL, there, back, wait=0.003)
        return self

    def close(self) -> Self:
        """Close what is open."""
        self._exchange(CLOSE, struct.pack("<HHI", 24, 0, 0) + self._file, struct.pack("<H", 60) + bytes(58))
        return self

    def done(self, after: float = 0.3) -> Dialogue:
        """End the connection."""
        return self.talk.finish(after=after)
