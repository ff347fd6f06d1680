"""Made traffic of controllers: requests over Modbus/TCP and their answers."""

import struct
from dataclasses import dataclass

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, PSH, SYN, tcp

__all__ = ["Asked", "modbus"]

PORT = 502


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
