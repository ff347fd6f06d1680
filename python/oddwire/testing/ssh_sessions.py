"""SSH as it is seen from outside: the exchange of keys, guesses at a password, and work done after log-in."""

import struct
from collections.abc import Sequence
from typing import Literal, TypeAlias

from oddwire.testing.dialogue import Dialogue

__all__ = ["OPENSSH", "Manner", "begin", "guess", "work"]

Manner: TypeAlias = Literal["key", "password", "mistyped"]

OPENSSH, SERVER = (
    b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n",
    b"SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.6\r\n",
)
KEXINIT, ECDH_INIT, ECDH_REPLY, NEW_KEYS = 20, 30, 31, 21
LISTS = (
    b"curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256",
    b"ssh-ed25519,rsa-sha2-512,rsa-sha2-256",
    b"chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes256-ctr",
    b"chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes256-ctr",
    b"hmac-sha2-256-etm@openssh.com,hmac-sha2-256,hmac-sha1",
    b"hmac-sha2-256-etm@openssh.com,hmac-sha2-256,hmac-sha1",
    b"none,zlib@openssh.com",
    b"none,zlib@openssh.com",
    b"",
    b"",
)


def begin(talk: Dialogue, *, banner: bytes = OPENSSH, hello: int = 1_500) -> Dialogue:
    """Shake hands, name versions, agree on keys, ask for the service of log-ins."""
    talk.open().ask(banner).answer(SERVER, 0.008)
    talk.ask(_packet(_kexinit(talk, hello))).answer(_packet(_kexinit(talk, 1_070)))
    talk.ask(_packet(bytes([ECDH_INIT]) + _string(talk.dice.randbytes(32))))
    key = _string(b"ssh-ed25519") + _string(talk.dice.randbytes(32))
    signed = _string(b"ssh-ed25519") + _string(talk.dice.randbytes(64))
    reply = _packet(bytes([ECDH_REPLY]) + _string(key) + _string(talk.dice.randbytes(32)) + _string(signed))
    talk.answer(reply + _packet(bytes([NEW_KEYS])), 0.006)
    talk.ask(_packet(bytes([NEW_KEYS])), 0.003)
    return talk.ask(44).answer(44)


def guess(
    talk: Dialogue,
    attempts: int = 1,
    *,
    success: bool = False,
    delay: float = 2.0,
    banner: bytes = b"SSH-2.0-libssh_0.10.4\r\n",
    hello: int = 940,
    closed_by_server: bool = False,
) -> Dialogue:
    """Try passwords in one connection; each failure is answered after the server's delay (PAM: about 2 s)."""
    begin(talk, banner=banner, hello=hello).ask(60).answer(52, 0.004)
    for attempt in range(attempts):
        right = success and attempt == attempts - 1
        talk.ask(84, 0.02 if attempt else 0.002)
        talk.answer(28 if right else 52, 0.06 if right else delay * talk.dice.uniform(0.8, 1.25))
    if closed_by_server:
        return talk.answer(84).finish(by="server")
    return talk.ask(36 if success else 52).finish()


def work(
    talk: Dialogue,
    steps: Sequence[tuple[int, int]] = ((120, 300),),
    *,
    pause: float = 0.05,
    manner: Manner = "key",
) -> Dialogue:
    """Log in and work: each step is (bytes sent, bytes returned), with a pause before it.

    `manner` is "key" (an offer, a signature), "password", or "mistyped" (one failure before).
    """
    begin(talk).ask(60).answer(52, 0.004)
    if manner == "key":
        talk.ask(372, 0.004).answer(332, 0.003).ask(628, 0.004).answer(28, 0.01)
    else:
        if manner == "mistyped":
            talk.ask(148, 3.5).answer(52, 2.1)
        talk.ask(148, 4.0).answer(28, 0.05)
    talk.ask(112).answer(500 + 44, 0.02).ask(220).answer(108, 0.02)
    for sent, returned in steps:
        talk.ask(sent, pause * talk.dice.uniform(0.3, 2.0)).answer(returned, 0.01)
    talk.answer(176, 0.01).ask(36).ask(60, 0.001)
    return talk.finish()


def _kexinit(talk: Dialogue, size: int) -> bytes:
    body = bytes([KEXINIT]) + talk.dice.randbytes(16)
    for names in LISTS:
        body += _string(names)
    lacking = max(size - len(body) - 14, 0)
    algorithms = body.replace(_string(LISTS[0]), _long(lacking), 1)
    return algorithms + bytes(5)


def _long(more: int) -> bytes:
    names = (LISTS[0] + b"," + b"ecdh-sha2-nistp521," * (more // 19 + 1))[: len(LISTS[0]) + more]
    return _string(names)


def _string(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data


def _packet(payload: bytes) -> bytes:
    """Return a binary packet that is not yet encrypted (RFC 4253, 6)."""
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0  # noqa: PLR2004  # at least four, says the standard
    return struct.pack("!IB", len(payload) + padding + 1, padding) + payload + bytes(padding)
