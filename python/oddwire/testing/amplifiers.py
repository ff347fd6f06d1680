"""Services that answer a small question with much more: what is asked, and what comes back."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["AMPLIFIERS", "Amplifier", "dns_answer"]

QUESTION = b"\x07example\x03com\0\0\xff\0\x01"
TXT, INTERNET = 16, 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Amplifier:
    """A service: its port, a question, and the datagrams that one question brings."""

    port: int
    question: bytes
    answers: Sequence[bytes]


def dns_answer(*, ident: bytes, question: bytes, texts: int) -> bytes:
    """Return a DNS answer with so many TXT records of a quarter of a kilobyte each."""
    head = ident + struct.pack("!HHHHH", 0x8180, 1, texts, 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, TXT, INTERNET, 3_600, 256) + b"\xff" + b"v" * 255
    return head + question + record * texts


def _ber(tag: int, *parts: bytes) -> bytes:
    """Return a BER element with its length in two bytes, as large answers have it."""
    content = b"".join(parts)
    return struct.pack("!BBH", tag, 0x82, len(content)) + content


def _short(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return bytes([tag, len(content)]) + content


def _device(size: int) -> bytes:
    """Return an SSDP answer of a device, filled up to a size."""
    lines = (
        b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nLOCATION: http://192.168.0.1:80/d.xml\r\n"
        b"SERVER: Linux UPnP/1.0\r\nST: upnp:rootdevice\r\nUSN: uuid:"
    )
    return lines.ljust(size - 4, b"0") + b"\r\n\r\n"


def _snmp() -> bytes:
    """Return the answer to a bulk question: ten descriptions of the system."""
    name = _short(6, b"\x2b\x06\x01\x02\x01\x01\x01\0")
    binding = _ber(0x30, name, _ber(4, b"Linux router 2.6.30 " * 6))
    body = _ber(0xA2, b"\x02\x02\x02\xc1\x02\x01\0\x02\x01\0", _ber(0x30, binding * 10))
    return _ber(0x30, b"\x02\x01\x01\x04\x06public", body)


def _cldap() -> bytes:
    """Return the root entry of a directory, with its many attributes, and the end of the search."""
    value = _ber(0x31, *[_short(4, b"1.2.840.113556.1.4.%d" % number) for number in range(100)])
    attribute = _ber(0x30, _short(4, b"supportedControl"), value)
    entry = _ber(0x64, _short(4), _ber(0x30, attribute))
    done = _short(0x30, b"\x02\x01\x01", _short(0x65, b"\x0a\x01\0\x04\0\x04\0"))
    return _ber(0x30, b"\x02\x01\x01", entry) + done


def _isakmp() -> bytes:
    """Return a refusal: no proposal was chosen."""
    head = b"\x11" * 8 + b"\x22" * 8 + struct.pack("!BBBBII", 11, 0x10, 5, 0, 7, 84)
    return head + struct.pack("!BBHIBBH", 0, 0, 56, 1, 1, 0, 14) + b"\0" * 44


CHARACTERS = bytes(range(32, 127))
LINE = CHARACTERS[:72] + b"\r\n"

AMPLIFIERS: dict[str, Amplifier] = {
    "dns": Amplifier(
        port=53,
        question=b"\x31\x37\x01\0\0\x01\0\0\0\0\0\x01" + QUESTION + b"\0\0\x29\x23\x28\0\0\0\0\0\0",
        answers=[dns_answer(ident=b"\x31\x37", question=QUESTION, texts=11)],
    ),
    "ntp": Amplifier(
        port=123,
        question=b"\x17\0\x03\x2a\0\0\0\0",
        answers=[b"\xd7\0\x03\x2a\0\x06\0\x48" + b"\0\0\1\x2c" * 108] * 10,
    ),
    "ssdp": Amplifier(
        port=1_900,
        question=b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
        b'MAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n',
        answers=[_device(size) for size in (310, 322, 360, 371)],
    ),
    "memcached": Amplifier(
        port=11_211,
        question=b"\0\x01\0\0\0\x01\0\0stats\r\n",
        answers=[struct.pack("!HHHH", 1, number, 20, 0) + b"STAT pid 1\r\n" * 116 for number in range(20)],
    ),
    "cldap": Amplifier(
        port=389,
        question=bytes.fromhex(
            "3025020101632004000a01000a0100020100020100010100870b6f626a656374436c6173733000"
        ),
        answers=[_cldap()],
    ),
    "chargen": Amplifier(port=19, question=b"\x01", answers=[LINE, LINE * 7, LINE * 13]),
    "snmp": Amplifier(
        port=161,
        question=bytes.fromhex(
            "302602010104067075626c6963a51902022f0b020100020200fa300d300b06072b060102010101" + "0500"
        ),
        answers=[_snmp()],
    ),
    "isakmp": Amplifier(
        port=500,
        question=b"\x11" * 8 + b"\0" * 8 + struct.pack("!BBBBII", 0, 0x10, 2, 0, 0, 28),
        answers=[_isakmp()] * 3,
    ),
    "coap": Amplifier(
        port=5_683,
        question=b"\x40\x01\x01\x01\xbb.well-known\x04core",
        answers=[b"\x60\x45\x01\x01\xc1\x28\xff" + b'</sensors>;ct=40;title="list",' * 34],
    ),
}
