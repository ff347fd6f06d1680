"""What services say to each other, with the sizes they have: TLS, HTTP, SSH, SMB, mail, directory."""

import struct
from collections.abc import Iterable
from random import Random

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Step
from oddwire.testing.wire import datagram, noise

__all__ = [
    "client_hello",
    "database",
    "files",
    "http",
    "ldap",
    "mail_out",
    "mailbox",
    "snmp_poll",
    "ssh",
    "syslog",
    "tls",
]

RECORD = 16_384
SSH_LISTS, SSH_NEW_KEYS, SSH_CLIENT_HALF, SSH_SERVER_HALF = 20, 21, 30, 31
Page = tuple[float, int, int]


def client_hello(name: str, salt: int = 0) -> bytes:
    """Return what a browser says first: ciphers, the name it wants, versions, padding up to 512 bytes."""
    ciphers = bytes.fromhex("1301130213 03c02bc02fc02cc030cca9cca8c013c014009c009d002f0035".replace(" ", ""))
    host = name.encode()
    extensions = [
        (0, struct.pack("!HBH", len(host) + 3, 0, len(host)) + host),
        (23, b""),
        (10, bytes.fromhex("0006001d00170018")),
        (11, b"\x01\0"),
        (16, b"\x00\x0c\x02h2\x08http/1.1"),
        (13, bytes.fromhex("000804030804040105 03".replace(" ", ""))),
        (51, b"\x00\x24\x00\x1d\x00\x20" + noise(32, salt + 1)),
        (43, bytes.fromhex("0403040303")),
    ]
    body = b"".join(struct.pack("!HH", kind, len(data)) + data for kind, data in extensions)
    fixed = b"\x03\x03" + noise(32, salt) + b"\x20" + noise(32, salt + 2)
    fixed += struct.pack("!H", len(ciphers)) + ciphers + b"\x01\0"
    missing = 512 - 4 - len(fixed) - 2 - len(body) - 4
    if missing > 0:
        body += struct.pack("!HH", 21, missing) + b"\0" * missing
    hello = fixed + struct.pack("!H", len(body)) + body
    return b"\x16\x03\x01" + struct.pack("!HBBH", len(hello) + 4, 1, 0, len(hello)) + hello


def _record(size: int, salt: int) -> bytes:
    parts = [min(RECORD, size - at) for at in range(0, size, RECORD)]
    return b"".join(b"\x17\x03\x03" + struct.pack("!H", part) + noise(part, salt) for part in parts)


def tls(name: str, pages: Iterable[Page], salt: int = 0) -> list[Step]:
    """Return a TLS 1.3 session: each page is (pause before, bytes asked, bytes answered)."""
    body = b"\x03\x03" + noise(32, salt + 3) + b"\x20" + noise(32, salt + 2) + b"\x13\x01\x00"
    body += struct.pack("!H", 46) + b"\x00\x33\x00\x24\x00\x1d\x00\x20" + noise(32, salt + 4)
    body += b"\x00\x2b\x00\x02\x03\x04"
    hello = b"\x16\x03\x03" + struct.pack("!HBBH", len(body) + 4, 2, 0, len(body)) + body
    changed = b"\x14\x03\x03\x00\x01\x01"
    steps: list[Step] = [
        (0.0, True, client_hello(name, salt)),
        (0.002, False, hello + changed + _record(2_400 + salt % 900, salt)),
        (0.001, True, changed + _record(53, salt)),
    ]
    for number, (pause, asked, answered) in enumerate(pages):
        steps.append((pause, True, _record(asked, salt + number)))
        if answered:
            steps.append((0.004 + salt % 13 / 1_000, False, _record(answered, salt + number)))
    return [*steps, (0.01, True, _record(19, salt))]


def http(host: str, pages: Iterable[Page], *, path: str = "/", status: str = "200 OK") -> list[Step]:
    """Return requests in clear text and their answers."""
    steps: list[Step] = []
    for pause, asked, answered in pages:
        ask = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n".encode()
        )
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {answered}\r\n\r\n".encode()
        steps += [
            (pause, True, ask + noise(max(0, asked - len(ask)))),
            (0.005, False, head + b"x" * answered),
        ]
    return steps


def ssh(typed: Iterable[Page], salt: int = 0) -> list[Step]:
    """Return an SSH session with a log-in by key; then each turn is (pause, bytes sent, bytes answered)."""
    steps: list[Step] = [
        (0.0, True, b"SSH-2.0-OpenSSH_9.6\r\n"),
        (0.004, False, b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"),
        (0.001, True, _ssh_packet(salt, first=SSH_LISTS)),
        (0.0, False, _ssh_packet(salt, first=SSH_LISTS)),
        (0.002, True, _ssh_packet(salt, first=SSH_CLIENT_HALF)),
        (0.003, False, _ssh_packet(salt, first=SSH_SERVER_HALF)),
        (0.003, True, _ssh_packet(salt, first=SSH_NEW_KEYS)),
        *((0.002 + i / 500, bool(i % 2 == 0), noise(size, salt + i)) for i, size in enumerate(SSH_LOGIN)),
    ]
    for number, (pause, sent, answered) in enumerate(typed):
        steps += [(pause, True, noise(sent, salt + number)), (0.003, False, noise(answered, salt + number))]
    return steps


KEX = b"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,diffie-hellman-group14-sha256"
CIPHERS = b"chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes256-ctr"
MACS = b"umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256"
# Service request and answer, the offer of a key, the signature, success, the opening of a channel.
SSH_LOGIN = (44, 44, 60, 52, 500, 596, 148, 28, 112, 528, 460, 108)


def _text(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data


def _ssh_packet(salt: int, *, first: int) -> bytes:
    """Return a packet of the key exchange: lists of algorithms, the client's half, the server's, new keys."""
    if first == SSH_LISTS:
        lists = (KEX, b"ssh-ed25519,rsa-sha2-512,rsa-sha2-256", CIPHERS, CIPHERS, MACS, MACS)
        body = noise(16, salt) + b"".join(_text(name) for name in lists)
        body += (b"\0\0\0\x04none" * 2) + b"\0" * 13
    elif first == SSH_NEW_KEYS:
        body = b""
    else:
        kind, half = _text(b"ssh-ed25519"), _text(noise(32, salt))
        key, signature = _text(kind + _text(noise(32))), _text(kind + _text(noise(64, salt)))
        body = half if first == SSH_CLIENT_HALF else key + half + signature
    padding = 4 + -(len(body) + 2) % 8
    return struct.pack("!IBB", len(body) + 2 + padding, padding, first) + body + b"\0" * padding


def files(turns: Iterable[Page], salt: int = 0) -> list[Step]:
    """Return an SMB session: log-on, a share, then turns of (pause, bytes sent, bytes answered)."""
    steps: list[Step] = [(0.0, True, _smb_offer(salt)), (0.001, False, _smb_choice(salt))]
    first: list[Page] = [(0.002, 162, 318), (0.003, 560, 76), (0.002, 152, 84)]
    for pause, sent, answered in [*first, *turns]:
        steps += [(pause, True, _smb(sent, salt)), (0.001, False, _smb(answered, salt + 1))]
    return steps


def _smb_head(answer: int) -> bytes:
    return b"\xfeSMB\x40" + b"\0" * 7 + struct.pack("<HHI", 0, 1, answer) + b"\0" * 44


def _smb_offer(salt: int) -> bytes:
    body = _smb_head(0) + struct.pack("<HHHHI", 36, 2, 1, 0, 0x7F) + noise(16, salt) + b"\0" * 8
    body += struct.pack("<HH", 0x0210, 0x0302)
    return struct.pack("!I", len(body)) + body


def _smb_choice(salt: int) -> bytes:
    body = _smb_head(1) + struct.pack("<HHHH", 65, 1, 0x0302, 0) + noise(16, salt)
    body += struct.pack("<IIII", 0x7F, 2**23, 2**23, 2**23) + b"\0" * 16 + struct.pack("<HHI", 128, 0, 0)
    return struct.pack("!I", len(body)) + body


def _smb(size: int, salt: int) -> bytes:
    """Return an encrypted message, as shares of today require it."""
    body = noise(size, salt)
    head = b"\xfdSMB" + noise(27, salt) + b"\0" * 5 + struct.pack("<IHH", len(body), 0, 1) + b"\x31" * 8
    return struct.pack("!I", len(head) + len(body)) + head + body


def mail_out(sender: str, size: int) -> list[Step]:
    """Return the delivery of a message from one mail server to another."""
    said = [
        b"220 mx ESMTP\r\n",
        b"250-mx\r\n250 SIZE 5242880\r\n",
        b"250 Ok\r\n",
        b"250 Ok\r\n",
        b"354 Go on\r\n",
    ]
    asked = [f"EHLO {sender}\r\n".encode(), b"MAIL FROM:<a@example.org>\r\n", b"RCPT TO:<b@example.net>\r\n"]
    asked += [b"DATA\r\n", noise(size) + b"\r\n.\r\n"]
    steps: list[Step] = []
    for answer, ask in zip(said, asked, strict=True):
        steps += [(0.01, False, answer), (0.002, True, ask)]
    return [
        *steps,
        (0.05, False, b"250 queued\r\n"),
        (0.001, True, b"QUIT\r\n"),
        (0.001, False, b"221 Bye\r\n"),
    ]


def mailbox(turns: int, salt: int = 0) -> list[Page]:
    """Return the turns of a mail program that looks for new mail over TLS."""
    return [(0.3 + 0.1 * (number % 3), 60 + salt % 40, 180 + 700 * (number % 4)) for number in range(turns)]


def database(queries: int, dice: Random) -> list[Step]:
    """Return questions to a PostgreSQL server and its rows."""
    steps: list[Step] = [
        (0.0, True, struct.pack("!II", 41, 196_608) + b"user\0app\0database\0app\0\0".ljust(33, b"\0")),
        (0.001, False, b"R\0\0\0\x08\0\0\0\0S\0\0\0\x19client_encoding\0UTF8\0\0" + b"Z\0\0\0\x05I"),
    ]
    for _ in range(queries):
        ask = b"SELECT id, name FROM orders WHERE id = %d" % dice.randrange(10**6)
        steps += [(dice.expovariate(1.0), True, b"Q" + struct.pack("!I", len(ask) + 5) + ask + b"\0")]
        steps += [(0.002, False, b"D" + noise(dice.randrange(80, 4_000)) + b"Z\0\0\0\x05I")]
    return steps


def ldap(searches: int) -> list[Step]:
    """Return a bind to a directory and searches in it."""
    bind = bytes.fromhex("300c020101600702010304008000")
    done = bytes.fromhex("300c02010161070a010004000400")
    steps: list[Step] = [(0.0, True, bind), (0.001, False, done)]
    for number in range(searches):
        steps += [(0.01, True, noise(210 + number)), (0.002, False, noise(900 + 300 * number))]
    return steps


def snmp_poll(client: str, port: int, server: str, *, start: float, dead: bool = False) -> list[Timed]:
    """Return a question for a counter over SNMP and its answer; to a dead host it is asked twice."""
    tail = bytes.fromhex("0202") + struct.pack("!H", port & 0x7FFF) + bytes.fromhex("020100020100")
    tail += bytes.fromhex("300e300c06082b060102010103000500")
    head = b"\x30\x27\x02\x01\x01\x04\x06public"
    ask = head + b"\xa0\x1a" + tail
    wire = datagram(client, port, server, 161, ask)
    if dead:
        return [(start, wire), (start + 1.0, wire)]
    answer = head + b"\xa2\x1a" + tail
    return [(start, wire), (start + 0.003, datagram(server, 161, client, port, answer))]


def syslog(host: str, server: str, text: str, *, start: float) -> list[Timed]:
    """Return one line of a log on its way to the collector."""
    return [(start, datagram(host, 514, server, 514, f"<134>Nov 14 22:13:20 {host} {text}".encode()))]
