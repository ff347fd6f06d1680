"""Mail between servers: who takes mail for a domain, and the delivery with all that is said."""

import struct
from collections.abc import Sequence
from random import Random

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue
from oddwire.testing.names import question
from oddwire.testing.wire import datagram

__all__ = ["deliver", "letter", "mail_exchanger"]

WORDS = ["offer", "today", "account", "update", "invoice", "parcel", "waiting", "order", "status", "friend"]


def _labels(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def mail_exchanger(
    client: str, port: int, server: str, domain: str, address: str, *, start: float
) -> list[Timed]:
    """Ask who takes the mail of a domain, and where that host is."""
    ask, host = question(domain, "MX", ident=port * 7 % 65_536), f"mx1.{domain}"
    body = struct.pack("!H", 10) + _labels(host)
    record = struct.pack("!HHHIH", 0xC00C, 15, 1, 3_600, len(body)) + body
    told = ask[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + ask[12:] + record
    again = question(host, "A", ident=port * 11 % 65_536)
    where = bytes(int(part) for part in address.split("."))
    record = struct.pack("!HHHIH", 0xC00C, 1, 1, 3_600, 4) + where
    found = again[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + again[12:] + record
    return [
        (start, datagram(client, port, server, 53, ask)),
        (start + 0.021, datagram(server, 53, client, port, told)),
        (start + 0.022, datagram(client, port + 1, server, 53, again)),
        (start + 0.04, datagram(server, 53, client, port + 1, found)),
    ]


def letter(dice: Random, sender: str, recipient: str, size: int) -> bytes:
    """Return a message with a head and about so many bytes of words."""
    text = " ".join(dice.choice(WORDS) for _ in range(max(size // 7, 8)))
    lines = "\r\n".join(text[at : at + 72] for at in range(0, len(text), 72))
    head = f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: {dice.choice(WORDS)} {dice.choice(WORDS)}\r\n"
    head += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    return f"{head}\r\n{lines}\r\n.\r\n".encode()


def deliver(
    talk: Dialogue,
    helo: str,
    mails: Sequence[tuple[str, str, int]],
    *,
    refused: str = "",
    extended: bool = True,
    pause: float = 0.02,
) -> Dialogue:
    """Hand mails over: each is (sender, recipient, bytes); `refused` is what the server says to RCPT."""
    server = f"mx1.{mails[0][1].rsplit('@', 1)[-1]}" if mails else "mail.example"
    talk.open().answer(f"220 {server} ESMTP\r\n".encode(), 0.06)
    if extended:
        talk.ask(f"EHLO {helo}\r\n".encode(), 0.002)
        talk.answer(f"250-{server}\r\n250-SIZE 35882577\r\n250 8BITMIME\r\n".encode(), 0.01)
    else:
        talk.ask(f"HELO {helo}\r\n".encode(), 0.002).answer(f"250 {server}\r\n".encode(), 0.01)
    for sender, recipient, size in mails:
        talk.ask(f"MAIL FROM:<{sender}>\r\n".encode(), pause).answer(b"250 2.1.0 Ok\r\n", 0.01)
        talk.ask(f"RCPT TO:<{recipient}>\r\n".encode(), 0.002)
        if refused:
            talk.answer(f"{refused}\r\n".encode(), 0.05)
            break
        talk.answer(b"250 2.1.5 Ok\r\n", 0.01).ask(b"DATA\r\n", 0.002)
        talk.answer(b"354 End data with <CR><LF>.<CR><LF>\r\n", 0.005)
        talk.ask(letter(talk.dice, sender, recipient, size), 0.003)
        talk.answer(f"250 2.0.0 Ok: queued as {talk.dice.randrange(16**9):X}\r\n".encode(), 0.12)
    return talk.ask(b"QUIT\r\n", 0.01).answer(b"221 2.0.0 Bye\r\n").finish(by="server")
