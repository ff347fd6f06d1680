"""What hosts carry over the network: pages and uploads by HTTPS and HTTP, files by FTP and SFTP, calls."""

import struct
from collections.abc import Iterable, Sequence
from random import Random

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue
from oddwire.testing.packets import udp
from oddwire.testing.ssh_sessions import work
from oddwire.testing.tls_records import client_finished, client_hello, record, server_hello

__all__ = [
    "Turn",
    "datagrams",
    "ftp_login",
    "https",
    "multipart",
    "passive",
    "pour",
    "sftp_put",
    "streams",
    "submission",
]

# A pause in seconds, bytes up, bytes down.
Turn = tuple[float, int, int]
CHUNK = 16_384
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0"


def pour(
    talk: Dialogue, size: int, *, pause: float = 0.01, up: bool = True, sealed: bool = False
) -> Dialogue:
    """Send so many bytes in pieces of 16 KiB, a pause between; `sealed` makes them records of TLS."""
    say = talk.ask if up else talk.answer
    for at in range(0, size, CHUNK):
        part = min(CHUNK, size - at)
        say(record(talk.dice, part) if sealed else talk.dice.randbytes(part), pause if at else 0.0)
    return talk


def https(
    talk: Dialogue, name: str, turns: Iterable[Turn], *, pause: float = 0.01, ending: str = "finish"
) -> Dialogue:
    """Speak TLS 1.3: each turn is (pause before, bytes up, bytes down); `open` leaves the line as it is."""
    dice = talk.dice
    talk.open().ask(client_hello(dice, name), 0.000_5)
    talk.answer(server_hello(dice, dice.randrange(2_400, 4_200)), 0.003).ask(client_finished(dice), 0.002)
    for before, up, down in turns:
        talk.wait(before)
        pour(talk, up, pause=pause, sealed=True)
        if down:
            talk.wait(talk.rtt)
            pour(talk, down, pause=pause, up=False, sealed=True)
    return talk.finish(after=0.2) if ending == "finish" else talk


def multipart(talk: Dialogue, host: str, path: str, file: str, size: int, *, pause: float = 0.01) -> Dialogue:
    """Post a form with a file in clear text."""
    line = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
    part = f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{file}"\r\n'
    part += "Content-Type: application/octet-stream\r\n\r\n"
    tail = f"\r\n--{line}--\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {BROWSER}\r\nAccept: */*\r\n"
    head += f"Content-Type: multipart/form-data; boundary={line}\r\n"
    head += f"Content-Length: {len(part) + size + len(tail)}\r\n\r\n"
    talk.open().ask((head + part).encode(), 0.000_5)
    pour(talk, size, pause=pause).ask(tail.encode())
    talk.answer(
        b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok", 0.05
    )
    return talk.finish(after=0.1)


def ftp_login(talk: Dialogue, user: str = "web271") -> Dialogue:
    """Log in to a file server in clear text."""
    talk.open().answer(b"220 ProFTPD Server ready.\r\n", 0.01).ask(f"USER {user}\r\n".encode(), 0.01)
    talk.answer(f"331 Password required for {user}\r\n".encode()).ask(b"PASS kettle-19\r\n", 0.01)
    talk.answer(f"230 User {user} logged in\r\n".encode(), 0.03).ask(b"TYPE I\r\n")
    return talk.answer(b"200 Type set to I\r\n")


def passive(
    control: Dialogue, data: Dialogue, verb: str, file: str, size: int, *, pause: float = 0.01
) -> Dialogue:
    """Carry one file over a data connection of its own: the control connection waits meanwhile.

    The port of `data` is the one that the server names; its time is set by the control connection.
    """
    where = ",".join(control.server.split(".")) + f",{data.sport >> 8},{data.sport & 255}"
    control.ask(b"PASV\r\n", 0.05).answer(f"227 Entering Passive Mode ({where}).\r\n".encode())
    data.time = control.time + 0.001
    data.open()
    control.time = data.time + 0.000_2
    control.ask(f"{verb} {file}\r\n".encode())
    control.answer(f"150 Opening BINARY mode data connection for {file}\r\n".encode(), 0.002)
    data.time = control.time + 0.000_5
    up = verb == "STOR"
    pour(data, size, pause=pause, up=up).finish(by="client" if up else "server")
    control.wait(max(data.time - control.time, 0.0))
    return control.answer(b"226 Transfer complete\r\n", 0.01)


def sftp_put(talk: Dialogue, size: int, *, pause: float = 0.01) -> Dialogue:
    """Log in with a key and write a file as `scp` and `sftp` do: 32 KiB a request, each one confirmed."""
    return work(talk, [(32_840, 60)] * (size // 32_768 + 1), pause=pause)


def submission(talk: Dialogue, size: int, *, pause: float = 0.02) -> Dialogue:
    """Hand a mail to the provider's server: STARTTLS, then all of it is sealed."""
    dice = talk.dice
    talk.open().answer(b"220 smtp.provider.example ESMTP\r\n", 0.02).ask(b"EHLO [192.168.1.21]\r\n", 0.002)
    talk.answer(b"250-smtp.provider.example\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 STARTTLS\r\n")
    talk.ask(b"STARTTLS\r\n").answer(b"220 2.0.0 Ready to start TLS\r\n")
    talk.ask(client_hello(dice, "smtp.provider.example"), 0.002).answer(server_hello(dice), 0.004)
    talk.ask(client_finished(dice), 0.002)
    for up, down in ((60, 180), (70, 40), (40, 60), (60, 40), (60, 40), (30, 60)):
        talk.ask(record(dice, up), 0.003).answer(record(dice, down), 0.01)
    pour(talk, size, pause=pause, sealed=True).answer(record(dice, 80), 0.4)
    return talk.ask(record(dice, 28)).answer(record(dice, 40)).finish()


def datagrams(
    dice: Random,
    ends: tuple[str, int, str, int],
    size: int,
    *,
    start: float,
    each: int = 1_350,
    every: float = 0.002,
) -> list[Timed]:
    """Send so many bytes by UDP, numbered as a home-made protocol would; every tenth one is confirmed."""
    client, cport, server, sport = ends
    packets: list[Timed] = []
    for number, at in enumerate(range(0, size, each)):
        time = start + number * every * dice.uniform(0.98, 1.02) if every > 0.1 else start + number * every  # noqa: PLR2004
        body = struct.pack("!II", number, size) + dice.randbytes(min(each, size - at))
        packets.append((time, udp(client, cport, server, sport, body, ttl=128)))
        if number % 10 == 9:  # noqa: PLR2004  # one in ten
            packets.append(
                (time + 0.02, udp(server, sport, client, cport, struct.pack("!II", number, 0), ttl=52))
            )
    return packets


def streams(
    dice: Random,
    ends: tuple[str, int, str, int],
    sizes: Sequence[tuple[int, int]],
    *,
    start: float,
    every: float,
) -> list[Timed]:
    """Send RTP both ways: for each moment the bytes up and the bytes down; zero is silence."""
    client, cport, server, sport = ends
    packets: list[Timed] = []
    for number, (up, down) in enumerate(sizes):
        time = start + number * every + dice.uniform(0, every / 4)
        head = struct.pack("!BBHII", 0x80, 96, number % 65_536, number * 3_000, 0x2233_4455)
        if up:
            packets.append((time, udp(client, cport, server, sport, head + dice.randbytes(up), ttl=64)))
        if down:
            head = head[:8] + struct.pack("!I", 0x7788_99AA)
            packets.append(
                (time + 0.004, udp(server, sport, client, cport, head + dice.randbytes(down), ttl=52))
            )
    return packets
