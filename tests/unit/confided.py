"""Conversations in which a canary stands in every place that is a secret or a content."""

import base64
import struct
from collections.abc import Callable
from dataclasses import dataclass

from oddwire.testing import services
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Step, conversation
from oddwire.testing.dialogue import Dialogue, seeded
from oddwire.testing.logins import smb_open
from oddwire.testing.packets import unreachable
from oddwire.testing.wire import datagram, echo
from tests.unit.canary import CANARY
from tests.unit.made import START

__all__ = ["CONFIDED", "Confided", "talk"]

CLIENT, SERVER = "192.168.1.21", "192.168.1.10"
SECRET = CANARY.encode()


@dataclass(frozen=True, kw_only=True)
class Confided:
    """Packets, the table that must say something of them, and words that must stand in it."""

    table: str
    packets: list[Timed]
    said: tuple[str, ...] = ()


def b64(text: bytes) -> bytes:
    return base64.b64encode(text)


def talk(port: int, *steps: bytes | tuple[bytes], server_first: bool = False) -> list[Timed]:
    """Return a TCP conversation in which client and server speak in turns; a tuple is the server's."""
    said: list[Step] = [
        (0.01, not isinstance(one, tuple), one[0] if isinstance(one, tuple) else one) for one in steps
    ]
    if server_first:
        said = [(pause, not by_client, data) for pause, by_client, data in said]
    return conversation((CLIENT, 45_000 + port % 1_000, SERVER, port), said, start=START, rtt=0.002)


def ftp() -> Confided:
    control = talk(
        21,
        (b"220 files.example.com FTP server\r\n",),
        b"USER lena\r\n",
        (b"331 Password required.\r\n",),
        b"PASS " + SECRET + b"\r\n",
        (b"530 Login incorrect.\r\n",),
        b"USER lena\r\n",
        (b"331 Password required.\r\n",),
        b"pass  " + SECRET + b" " + SECRET + b"\n",
        (b"332 Need account.\r\n",),
        b"ACCT " + SECRET + b"\r\n",
        (b"230 Logged in.\r\n",),
        b"PASV\r\n",
        (b"227 Entering Passive Mode (192,168,1,10,156,64).\r\n",),
        b"RETR reports/quarter.txt\r\n",
        (b"150 Here it comes.\r\n",),
        (b"226 Done.\r\n",),
        b"QUIT\r\n",
        (b"221 Bye.\r\n",),
    )
    data = talk(40_000, (SECRET * 30 + b"\r\n",))
    return Confided(table="ftp", packets=[*control, *data], said=("lena", "quarter.txt"))


def telnet() -> Confided:
    dialogue = Dialogue(client=CLIENT, cport=46_023, server=SERVER, sport=23, start=START, dice=seeded(1))
    dialogue.open().answer(bytes.fromhex("fffd18fffd20fffd23fffd27"), 0.01)
    dialogue.ask(bytes.fromhex("fffb18fffc20fffc23fffc27")).answer(bytes.fromhex("fffb01fffb03fffa1801fff0"))
    dialogue.ask(b"\xff\xfa\x18\0xterm\xff\xf0").answer(b"\r\nhost7 login: ")
    for letter in b"lena":
        dialogue.ask(bytes([letter]), 0.05).answer(bytes([letter]))
    dialogue.ask(b"\r\0").answer(b"\r\nPassword: ")
    for letter in SECRET:
        dialogue.ask(bytes([letter]), 0.05)
    dialogue.ask(b"\r\0").answer(b"\r\nLogin incorrect\r\nhost7 login: ", 1.0).ask(b"lena\r\n")
    dialogue.answer(b"lena\r\nPassword: ").ask(SECRET + b"\r\n").answer(b"\r\nLast login: Monday\r\n$ ", 0.1)
    dialogue.ask(b"echo " + SECRET + b"\r\n").answer(SECRET + b"\r\n$ ")
    return Confided(table="telnet", packets=dialogue.finish().packets, said=("lena", "xterm"))


def smtp() -> Confided:
    mail = b"Subject: " + SECRET + b"\r\nFrom: lena@example.org\r\nX-Key: " + SECRET + b"\r\n\r\n"
    mail += SECRET + b"\r\n" + b64(SECRET * 4) + b"\r\n.\r\n"
    packets = talk(
        25,
        (b"220 mail.example.org ESMTP\r\n",),
        b"EHLO desk7.example.org\r\n",
        (b"250-mail.example.org\r\n250-CHUNKING\r\n250 AUTH PLAIN LOGIN\r\n",),
        b"AUTH PLAIN " + b64(b"\0lena\0" + SECRET) + b"\r\n",
        (b"535 Wrong.\r\n",),
        b"AUTH PLAIN\r\n",
        (b"334 \r\n",),
        b64(b"lena\0lena\0" + SECRET) + b"\r\n",
        (b"535 Wrong.\r\n",),
        b"auth login " + b64(b"lena") + b"\r\n",
        (b"334 UGFzc3dvcmQ6\r\n",),
        b64(SECRET) + b"\r\n",
        (b"235 Welcome.\r\n",),
        b"MAIL FROM:<lena@example.org> AUTH=<" + SECRET + b">\r\n",
        (b"250 Ok\r\n",),
        b"RCPT TO:<otto@example.net>\r\n",
        (b"250 Ok\r\n",),
        b"DATA\r\n",
        (b"354 Go on\r\n",),
        mail,
        (b"250 Queued\r\n",),
        b"MAIL FROM:<lena@example.org>\r\n",
        (b"250 Ok\r\n",),
        b"RCPT TO:<otto@example.net>\r\n",
        (b"250 Ok\r\n",),
        b"BDAT %d LAST\r\n" % (len(SECRET) * 9) + SECRET * 9,
        (b"250 Queued\r\n",),
        b"QUIT\r\n",
        (b"221 Bye\r\n",),
    )
    return Confided(table="smtp", packets=packets, said=("lena@example.org", "desk7.example.org"))


def pop3() -> Confided:
    packets = talk(
        110,
        (b"+OK ready\r\n",),
        b"USER lena\r\n",
        (b"+OK\r\n",),
        b"PASS " + SECRET + b"\r\n",
        (b"+OK\r\n",),
        b"RETR 1\r\n",
        (b"+OK\r\nSubject: " + SECRET + b"\r\n\r\n" + SECRET + b"\r\n.\r\n",),
    )
    return Confided(table="pop3", packets=packets, said=("lena",))


def imap() -> Confided:
    packets = talk(
        143,
        (b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready.\r\n",),
        b'a1 LOGIN "lena" "' + SECRET + b'"\r\n',
        (b"a1 NO failed\r\n",),
        b"a2 AUTHENTICATE PLAIN " + b64(b"\0lena\0" + SECRET) + b"\r\n",
        (b"a2 OK\r\n",),
        b"a3 FETCH 1 BODY[]\r\n",
        (b"* 1 FETCH (BODY[] {%d}\r\n" % len(SECRET) + SECRET + b")\r\na3 OK\r\n",),
    )
    return Confided(table="imap", packets=packets, said=("lena",))


def http() -> Confided:
    basic = b64(b"lena:" + SECRET)
    requests = (
        b"GET /list.html?q=" + SECRET + b"&" + SECRET + b" HTTP/1.1\r\nHost: www.example.org\r\n"
        b"Authorization: Basic " + basic + b"\r\nCookie: id=" + SECRET + b"; " + SECRET + b"\r\n"
        b"Referer: http://lena:" + SECRET + b"@www.example.org/from?key=" + SECRET + b"#" + SECRET + b"\r\n"
        b"X-Api-Key: " + SECRET + b"\r\nUser-Agent: Tester/1.0\r\n\r\n",
        b"POST /form HTTP/1.1\r\nHost: www.example.org\r\nAuthorization: Bearer " + SECRET + b"\r\n"
        b"Proxy-Authorization: Basic " + basic + b"\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % (len(SECRET) + 5) + b"pass=" + SECRET,
        b"GET http://lena:" + SECRET + b"@www.example.org/shop/;jsessionid=" + SECRET + b"?t=" + SECRET
        + b" HTTP/1.1\r\nHost: lena:" + SECRET + b"@www.example.org\r\nAuthorization: Digest username=lena,"
        b" response=" + SECRET + b", nonce=" + SECRET + b"\r\nAuthorization: " + SECRET + b"\r\n\r\n",
    )  # fmt: skip
    chunk = b"%x\r\n" % len(SECRET) + SECRET + b"\r\n"
    answers = (
        b"HTTP/1.1 200 OK\r\nServer: tester\r\nSet-Cookie: id=" + SECRET + b"; Path=/\r\n"
        b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(SECRET) + SECRET,
        b"HTTP/1.1 302 Found\r\nLocation: https://lena:" + SECRET + b"@next.example.org/?code=" + SECRET
        + b"\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest nonce=" + SECRET + b", realm=here\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 3 + b"0\r\nX-Trailer: " + SECRET + b"\r\n\r\n",
    )  # fmt: skip
    steps = [step for ask, answer in zip(requests, answers, strict=True) for step in (ask, (answer,))]
    return Confided(table="http", packets=talk(8_080, *steps), said=("lena", "/list.html", "www.example.org"))


def ber(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 0x80 else b"\x81" + bytes([len(body)])
    return bytes([tag]) + size + body


def snmp() -> Confided:
    oid = ber(6, bytes.fromhex("2b06010201010500"))
    packets: list[Timed] = []
    for version in (0, 1):
        for kind, value in ((0xA0, ber(5)), (0xA2, ber(4, SECRET)), (0xA3, ber(4, SECRET))):
            numbers = ber(2, bytes([7 + version])) + ber(2, b"\0") + ber(2, b"\0")
            pdu = ber(kind, numbers, ber(0x30, ber(0x30, oid, value)))
            message = ber(0x30, ber(2, bytes([version])), ber(4, SECRET), pdu)
            ends = (SERVER, 161, CLIENT, 50_161) if kind == 0xA2 else (CLIENT, 50_161, SERVER, 161)
            packets.append((START + 0.1 * len(packets), datagram(*ends, message)))
    return Confided(table="snmp", packets=packets, said=("1.3.6.1.2.1.1.5.0",))


def text(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def mqtt() -> Confided:
    body = text(b"MQTT") + b"\x04\xc6" + struct.pack("!H", 60)
    body += text(b"sensor-7") + text(b"home/will") + text(SECRET) + text(b"lena") + text(SECRET)
    publish = text(b"home/door") + SECRET
    packets = talk(
        1_883,
        b"\x10" + bytes([len(body)]) + body,
        (b"\x20\x02\0\0",),
        b"\x30" + bytes([len(publish)]) + publish,
        (b"\x30" + bytes([len(publish)]) + publish,),
        b"\xe0\0",
    )
    return Confided(table="mqtt", packets=packets, said=("lena", "sensor-7", "home/door"))


def modbus() -> Confided:
    def message(number: int, body: bytes) -> bytes:
        return struct.pack("!HHHB", number, 0, len(body) + 1, 9) + body

    count = len(SECRET) // 2
    values = SECRET[: 2 * count]
    packets = talk(
        502,
        message(1, struct.pack("!BHH", 3, 100, count)),
        (message(1, struct.pack("!BB", 3, 2 * count) + values),),
        message(2, struct.pack("!BHHB", 16, 40, count, 2 * count) + values),
        (message(2, struct.pack("!BHH", 16, 40, count)),),
        message(3, struct.pack("!BH", 6, 7) + SECRET[5:7]),
        (message(3, struct.pack("!BH", 6, 7) + SECRET[5:7]),),
        message(4, struct.pack("!BB", 0x2B, 14) + b"\x01\0"),
        (message(4, struct.pack("!BBBBBBBB", 0x2B, 14, 1, 1, 0, 0, 1, 0) + bytes([len(SECRET)]) + SECRET),),
    )
    return Confided(table="modbus", packets=packets, said=("write_multiple_registers",))


def icmp() -> Confided:
    refused = datagram(CLIENT, 50_000, SERVER, 4_000, SECRET * 4)
    packets = [
        (START, echo(CLIENT, SERVER, 7, 1, data=SECRET * 4)),
        (START + 0.01, echo(SERVER, CLIENT, 7, 1, reply=True, data=SECRET * 4)),
        (START + 1, refused),
        (START + 1.01, unreachable(SERVER, refused)),
    ]
    return Confided(table="icmp", packets=packets, said=("echo", "4000"))


def tls() -> Confided:
    steps = services.tls("mail.example.org", [(0.1, 300, 900)])
    record = b"\x17\x03\x03" + struct.pack("!H", 4 * len(SECRET)) + SECRET * 4
    packets = conversation(
        (CLIENT, 45_443, SERVER, 9_443), [*steps, (0.1, True, record), (0.1, False, record)], start=START
    )
    return Confided(table="tls", packets=packets, said=("mail.example.org",))


def ssh() -> Confided:
    steps = [*services.ssh([(0.2, 60, 90)]), (0.1, True, SECRET * 4), (0.1, False, SECRET * 4)]
    packets = conversation((CLIENT, 45_022, SERVER, 2_022), steps, start=START)
    return Confided(table="ssh", packets=packets, said=("OpenSSH_9.6",))


def smb() -> Confided:
    dialogue = Dialogue(client=CLIENT, cport=46_445, server=SERVER, sport=445, start=START, dice=seeded(2))
    smb_open(dialogue)
    data = SECRET * 8
    write = struct.pack("<HHIQ16sIIHHI", 49, 112, len(data), 0, b"\x07" * 16, 0, 0, 0, 0, 0) + data
    dialogue.ask(_smb(9, 5, write)).answer(_smb(9, 5, struct.pack("<HHII", 17, 0, len(data), 0) + bytes(4)))
    read = struct.pack("<HBBII", 17, 80, 0, len(data), 0) + bytes(4) + data
    dialogue.answer(_smb(8, 6, read), 0.01)
    return Confided(table="smb", packets=dialogue.finish().packets, said=("data",))


def _smb(command: int, message: int, body: bytes) -> bytes:
    answer = int(body[:2] == b"\x11\0")
    numbers = (b"\xfeSMB", 64, 1, 0, command, 1, answer, 0, message, 0xFEFF, 1, 1)
    whole = struct.pack("<4sHHIHHIIQIIQ", *numbers) + bytes(16) + body
    return struct.pack("!I", len(whole)) + whole


def others() -> Confided:
    """Secrets of protocols that nobody listens to, and noise."""
    bind = ber(0x30, ber(2, b"\x01"), ber(0x60, ber(2, b"\x03"), ber(4, b"cn=lena"), ber(0x80, SECRET)))
    redis = b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%b\r\n" % (len(SECRET), SECRET)
    sip = (
        b"REGISTER sip:example.org SIP/2.0\r\nFrom: <sip:lena@example.org>\r\nAuthorization: Digest response="
    )
    packets = [
        *talk(389, bind, (ber(0x30, ber(2, b"\x01"), ber(0x61, b"\x0a\x01\0\x04\0\x04\0")),)),
        *talk(6_379, redis, (b"+OK\r\n",)),
        *talk(6_667, b"PASS " + SECRET + b"\r\nNICK lena\r\nUSER lena 0 * :" + SECRET + b"\r\n"),
        *talk(5_555, SECRET * 200, (SECRET * 200,)),
    ]
    for number, data in enumerate((SECRET * 8, sip + SECRET + b"\r\n\r\n", b"<134>login: " + SECRET)):
        packets.append((START + number, datagram(CLIENT, 51_000 + number, SERVER, 5_060 + number, data)))
        packets.append(
            (START + number + 0.1, datagram(SERVER, 5_060 + number, CLIENT, 51_000 + number, data))
        )
    return Confided(table="flows", packets=packets, said=(CLIENT, "6379"))


_MAKERS: tuple[Callable[[], Confided], ...] = (
    ftp, telnet, smtp, pop3, imap, http, snmp, mqtt, modbus, icmp, tls, ssh, smb, others,
)  # fmt: skip
CONFIDED = {make.__name__: make for make in _MAKERS}
