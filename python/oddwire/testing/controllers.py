"""Made traffic of controllers: requests over Modbus and DNP3, and their answers."""

import struct
from dataclasses import dataclass

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, PSH, SYN, tcp

__all__ = ["Asked", "Told", "dnp3", "modbus"]

PORT, DNP3_PORT = 502, 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request: when, which function, of which unit and address, and the exception it is answered with."""

    at: float
    function: int = 3
    address: int = 0
    value: int = 10
    unit: int = 1
    exception: int = 0

    def request(self, number: int) -> bytes:
        """Return the bytes of the request."""
        body = struct.pack("!BHH", self.function, self.address, self.value)
        if self.function == 43:  # noqa: PLR2004  # identification: its type, what, which object
            body = bytes([43, 14, 1, 0])
        if self.function in {7, 17}:
            body = bytes([self.function])
        return struct.pack("!HHHB", number & 0xFFFF, 0, len(body) + 1, self.unit) + body

    def answer(self, number: int) -> bytes:
        """Return the bytes of the answer."""
        body = struct.pack("!BHH", self.function, self.address, self.value)
        if self.function <= 4:  # noqa: PLR2004  # the functions that read
            body = bytes([self.function, 20]) + bytes(20)
        if self.exception:
            body = bytes([self.function | 0x80, self.exception])
        return struct.pack("!HHHB", number & 0xFFFF, 0, len(body) + 1, self.unit) + body


def modbus(client: str, device: str, port: int, asked: list[Asked]) -> list[Timed]:
    """Return a connection in which a client asks a device."""
    start = asked[0].at - 0.01
    mine, theirs = 1_000, 2_000
    packets: list[Timed] = [
        (start, tcp(client, port, device, PORT, SYN, seq=mine)),
        (start + 0.001, tcp(device, PORT, client, port, SYN | ACK, seq=theirs, ack=mine + 1)),
        (start + 0.002, tcp(client, port, device, PORT, ACK, seq=mine + 1, ack=theirs + 1)),
    ]
    mine, theirs = mine + 1, theirs + 1
    for number, one in enumerate(asked, 1):
        question, answer = one.request(number), one.answer(number)
        packets.append(
            (one.at, tcp(client, port, device, PORT, PSH | ACK, data=question, seq=mine, ack=theirs))
        )
        mine += len(question)
        packets.append(
            (one.at + 0.004, tcp(device, PORT, client, port, PSH | ACK, data=answer, seq=theirs, ack=mine))
        )
        theirs += len(answer)
    return packets


def _crc(data: bytes) -> bytes:
    """Return the checksum of DNP3 over a block."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA6BC if value & 1 else value >> 1
    return struct.pack("<H", ~value & 0xFFFF)


def _dnp3_frame(control: int, destination: int, source: int, data: bytes) -> bytes:
    head = struct.pack("<HBBHH", 0x6405, len(data) + 5, control, destination, source)
    blocks = [data[at : at + 16] for at in range(0, len(data), 16)]
    return head + _crc(head) + b"".join(block + _crc(block) for block in blocks)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One request of DNP3: when, which function with which objects, of which station, and how it answers."""

    at: float
    function: int = 1
    objects: bytes = b"\x3c\x02\x06"
    station: int = 10
    indications: int = 0
    is_answered: bool = True


def dnp3(client: str, device: str, port: int, told: list[Told]) -> list[Timed]:
    """Return a connection in which a client tells a device something over DNP3."""
    start = told[0].at - 0.01
    mine, theirs = 1_001, 2_001
    packets: list[Timed] = [
        (start, tcp(client, port, device, DNP3_PORT, SYN, seq=1_000)),
        (start + 0.001, tcp(device, DNP3_PORT, client, port, SYN | ACK, seq=2_000, ack=mine)),
        (start + 0.002, tcp(client, port, device, DNP3_PORT, ACK, seq=mine, ack=theirs)),
    ]
    for number, one in enumerate(told):
        sequence = 0xC0 | number & 15
        question = _dnp3_frame(0xC4, one.station, 1, bytes([sequence, sequence, one.function]) + one.objects)
        packets.append(
            (one.at, tcp(client, port, device, DNP3_PORT, PSH | ACK, data=question, seq=mine, ack=theirs))
        )
        mine += len(question)
        if not one.is_answered:
            continue
        body = bytes([sequence, sequence, 0x81]) + struct.pack("<H", one.indications)
        answer = _dnp3_frame(0x44, 1, one.station, body)
        packets.append(
            (
                one.at + 0.01,
                tcp(device, DNP3_PORT, client, port, PSH | ACK, data=answer, seq=theirs, ack=mine),
            )
        )
        theirs += len(answer)
    return packets
