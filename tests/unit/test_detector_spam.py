"""Hosts that send spam are told; mail servers, newsletters, printers and people who send mail are not."""

from pathlib import Path

from oddwire.detectors.spam import Spam
from oddwire.records.evidence import Evidence
from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, seeded
from oddwire.testing.packets import SYN, tcp
from tests.unit.windows import alarms, alike, said

T = 1_710_062_400.0
BOT, SERVER, RELAY = "10.0.0.66", "10.0.0.9", "10.0.0.25"
EXCHANGES = [f"203.{10 + at}.113.{20 + at}" for at in range(40)]


def session(
    client: str, server: str, start: float, sender: str, helo: str, *, receivers: int = 1, refused: int = 0
) -> list[Timed]:
    """Return a mail that is sent, or refused for its receivers."""
    talk = Dialogue(
        client=client,
        cport=40_000 + int(10 * (start - T)) % 20_000,
        server=server,
        sport=25,
        start=start,
        dice=seeded(int(start)),
    ).open()
    talk.answer(b"220 mx.example.net ESMTP\r\n").ask(b"EHLO %s\r\n" % helo.encode()).answer(b"250 ok\r\n")
    talk.ask(b"MAIL FROM:<%s>\r\n" % sender.encode()).answer(b"250 ok\r\n")
    for number in range(receivers + refused):
        talk.ask(b"RCPT TO:<u%d@example.net>\r\n" % number)
        talk.answer(b"250 ok\r\n" if number < receivers else b"550 no such user\r\n")
    if receivers:
        talk.ask(b"DATA\r\n").answer(b"354 go on\r\n")
        talk.ask(b"Subject: x\r\n\r\nhello\r\n.\r\n").answer(b"250 taken\r\n")
    return talk.ask(b"QUIT\r\n").answer(b"221 bye\r\n").finish().packets


def sent(client: str, helo: str, count: int, domains: int, *, refused: int = 0) -> list[Timed]:
    """Return mails to so many servers in turn, one each five seconds."""
    packets: list[Timed] = []
    for at in range(count):
        sender = f"a{at}@d{at % domains}.example"
        packets += session(
            client,
            EXCHANGES[at],
            T + 5 * at,
            sender,
            helo,
            receivers=0 if refused else 1,
            refused=refused,
        )
    return packets


def told(tmp_path: Path, packets: list[Timed]) -> list[Evidence]:
    return alarms(alike(Spam, tmp_path / "x.pcap", sorted(packets, key=lambda one: one[0])))


def test_a_desk_that_mails_everybody_is_told(tmp_path: Path) -> None:
    last = told(tmp_path, sent(BOT, "DESK-7", 14, 9))[-1]
    assert (last.subject.ip, last.kind, last.facts["mails"] != 0) == (BOT, "spam", True)
    assert told(tmp_path, sent(BOT, "mail.example.com", 14, 1, refused=2))
    assert not told(tmp_path, sent(BOT, "DESK-7", 4, 4))


def test_mail_servers_and_newsletters_are_silent(tmp_path: Path) -> None:
    assert not told(tmp_path, sent(SERVER, "mail.example.com", 40, 1))
    taken = session("198.51.100.7", SERVER, T - 5, "b@example.org", "mx.example.org")
    assert not told(tmp_path, taken + sent(SERVER, "DESK-7", 30, 20))


def test_calls_that_nobody_answers_are_told(tmp_path: Path) -> None:
    calls = [
        (T + 2 * at + again, tcp(BOT, 41_000 + at, server, 25, SYN, seq=9))
        for at, server in enumerate(EXCHANGES)
        for again in (0, 1)
    ]
    assert told(tmp_path, calls)[-1].subject.ip == BOT
    sweep = [(T + 0.1 * at, tcp(BOT, 41_000 + at, f"203.0.113.{at + 1}", 25, SYN, seq=9)) for at in range(60)]
    assert not told(tmp_path, sweep)


def test_many_mails_to_one_relay_for_nobody_are_told_and_others_are_not(tmp_path: Path) -> None:
    guessed = [
        one
        for at in range(30)
        for one in session(BOT, RELAY, T + 3 * at, "a@example.com", "pc", receivers=1, refused=6)
    ]
    assert [one.ip for one in told(tmp_path, guessed)[-1].targets] == [RELAY]
    list_sent = [
        one
        for at in range(60)
        for one in session(BOT, RELAY, T + 3 * at, "news@example.com", "pc", receivers=3)
    ]
    assert not told(tmp_path, list_sent)


def test_what_is_saved_is_remembered(tmp_path: Path) -> None:
    judge, other, both = Spam(), Spam(), Spam()
    said(judge, tmp_path / "x.pcap", sent(BOT, "DESK-7", 14, 9))
    other.load(judge.save())
    both.merge(judge.save())
    assert other.save() == judge.save() == both.save()
    other.merge(judge.save())
    assert other.save() == judge.save()
