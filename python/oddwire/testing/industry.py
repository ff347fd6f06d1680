"""Control systems: Modbus/TCP and DNP3 as masters and controllers speak them; S7 and EtherNet/IP."""

import struct
from collections.abc import Iterable

from oddwire.testing.dialogue import Dialogue

__all__ = ["CLASSES", "Dnp3", "Modbus", "command", "enip_identity", "s7_setup"]

READ_COILS, READ_HOLDING, READ_INPUT, WRITE_COIL, WRITE_REGISTER, WRITE_REGISTERS = 1, 3, 4, 5, 6, 16
# Exceptions of Modbus.
NO_FUNCTION, NO_ADDRESS, NO_DEVICE = 1, 2, 11
# The events of classes 1 to 3 and the present values, as DNP3 asks for them.
CLASSES = bytes.fromhex("3c02063c03063c04063c0106")
DNP3_RESPONSE, DNP3_UNSOLICITED, DNP3_CONFIRM = 129, 130, 0
BLOCK = 16


class Modbus:
    """A connection of a master to a controller on port 502, held open."""

    def __init__(self, talk: Dialogue) -> None:
        self.talk = talk.open()
        self.number = 0

    def exchange(self, unit: int, ask: bytes, answer: bytes, *, pause: float = 0.0) -> None:
        """Ask and be answered after a pause; an empty answer is none at all."""
        self.number = (self.number + 1) % 65_536
        self.talk.ask(self._framed(unit, ask), pause)
        if answer:
            self.talk.answer(self._framed(unit, answer), 0.006)

    def _framed(self, unit: int, body: bytes) -> bytes:
        return struct.pack("!HHHB", self.number, 0, len(body) + 1, unit) + body

    def read(self, unit: int, function: int, at: int, count: int, *, pause: float = 0.0) -> None:
        """Read coils (1, 2) or registers (3, 4)."""
        size = (count + 7) // 8 if function <= 2 else 2 * count  # noqa: PLR2004  # bits or words
        values = bytes((at + place + self.number // 30) % 7 for place in range(size))
        told = bytes([function, size]) + values
        self.exchange(unit, struct.pack("!BHH", function, at, count), told, pause=pause)

    def fails(self, unit: int, ask: bytes, reason: int, *, pause: float = 0.0) -> None:
        """Ask for something that is answered with an exception."""
        self.exchange(unit, ask, bytes([ask[0] | 0x80, reason]), pause=pause)

    def write(self, unit: int, at: int, values: int | list[int], *, pause: float = 0.0) -> None:
        """Write one register (a number) or many (a list)."""
        if isinstance(values, int):
            ask = struct.pack("!BHH", WRITE_REGISTER, at, values)
            self.exchange(unit, ask, ask, pause=pause)
            return
        head = struct.pack("!BHH", WRITE_REGISTERS, at, len(values))
        data = struct.pack(f"!{len(values)}H", *values)
        self.exchange(unit, head + bytes([len(data)]) + data, head, pause=pause)

    def switch(self, unit: int, at: int, *, on: bool, pause: float = 0.0) -> None:
        """Write one coil."""
        ask = struct.pack("!BHH", WRITE_COIL, at, 0xFF00 if on else 0)
        self.exchange(unit, ask, ask, pause=pause)


def _check(data: bytes) -> bytes:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA6BC if value & 1 else 0)
    return struct.pack("<H", value ^ 0xFFFF)


class Dnp3:
    """A connection of a master to an outstation on port 20000, held open."""

    def __init__(self, talk: Dialogue, master: int, station: int) -> None:
        self.talk = talk.open()
        self.master, self.station = master, station
        self.number = 0

    def _framed(self, body: bytes, *, down: bool) -> bytes:
        ends = (self.station, self.master) if down else (self.master, self.station)
        data = bytes([0xC0 | self.number % 64]) + body
        head = struct.pack("<BBBBHH", 5, 0x64, 5 + len(data), 0xC4 if down else 0x44, *ends)
        blocks = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]
        return head + _check(head) + b"".join(block + _check(block) for block in blocks)

    def ask(
        self,
        function: int,
        objects: bytes = b"",
        answer: bytes | None = b"",
        *,
        pause: float = 0.0,
        told: int = 0,
    ) -> None:
        """Ask and be answered: objects of the answer, or None for none; `told` are its indications."""
        self.number += 1
        control = 0xC0 | self.number % 16
        self.talk.ask(self._framed(bytes([control, function]) + objects, down=True), pause)
        if answer is not None:
            body = bytes([control, DNP3_RESPONSE]) + struct.pack("<H", told) + answer
            self.talk.answer(self._framed(body, down=False), 0.02)

    def poll(self, *, pause: float = 0.0, points: int = 8) -> None:
        """Ask for the events of all classes and the present values."""
        values = b"".join(struct.pack("<Bi", 1, 1_000 + self.number % 9 + place) for place in range(points))
        self.ask(1, CLASSES, b"\x1e\x01\x00\x00" + bytes([points - 1]) + values, pause=pause)

    def unsolicited(self, *, pause: float = 0.0) -> None:
        """Let the outstation tell an event of its own accord, and the master confirm it."""
        self.number += 1
        control = 0xF0 | self.number % 16
        event = b"\x02\x01\x28\x01\x00" + struct.pack("<H", self.number % 8) + b"\x81"
        self.talk.answer(self._framed(bytes([control, DNP3_UNSOLICITED, 0, 0]) + event, down=False), pause)
        self.talk.ask(self._framed(bytes([0xD0 | self.number % 16, DNP3_CONFIRM]), down=True), 0.01)


def command(point: int, *, code: int = 0x41, milliseconds: int = 500) -> bytes:
    """Return the object that switches a point: a control relay output block."""
    return b"\x0c\x01\x28\x01\x00" + struct.pack("<HBBIIB", point, code, 1, milliseconds, 0, 0)


def s7_setup(talk: Dialogue, questions: Iterable[bytes] = ()) -> Dialogue:
    """Open a connection to a Siemens controller, agree on sizes, ask for lists of its status."""
    talk.open().ask(bytes.fromhex("0300001611e00000000100c1020100c2020102c0010a"))
    talk.answer(bytes.fromhex("0300001611d00001000200c0010ac1020100c2020102"), 0.004)
    talk.ask(bytes.fromhex("0300001902f08032010000000000080000f0000001000101e0"))
    talk.answer(bytes.fromhex("0300001b02f080320300000000000800000000f0000001000100f0"), 0.004)
    for ask in questions:
        talk.ask(ask, 0.01).answer(
            bytes.fromhex("0300002102f080320700000100000c0004000112081284010100000000") + b"\x0a\0\0\0", 0.005
        )
    return talk.finish(after=0.1)


def enip_identity(talk: Dialogue) -> Dialogue:
    """Ask a controller who it is, by EtherNet/IP over TCP."""
    head = struct.pack("<HHII", 0x63, 0, 0, 0) + bytes(12)
    name = b"1756-ENBT/A"
    address = struct.pack("!HH", 2, 44_818) + bytes(int(part) for part in talk.server.split(".")) + bytes(8)
    body = (
        struct.pack("<H", 1)
        + address
        + struct.pack("<HHHBBHIB", 1, 12, 58, 4, 1, 0x30, 0x00C0FFEE, len(name))
    )
    items = struct.pack("<HHH", 1, 0x0C, len(body) + len(name) + 1) + body + name + b"\x03"
    told = struct.pack("<HHII", 0x63, len(items), 0, 0) + bytes(12) + items
    return talk.open().ask(head).answer(told, 0.004).finish(after=0.1)
