"""Orders over clear HTTP: posts by a list of addresses, posts in vain, one question for many hosts."""

from pathlib import Path

import pytest

from oddwire.detectors.web_orders import WebOrders
from oddwire.testing.capture import Timed
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.dialogue import Dialogue, in_order, seeded
from tests.unit.windows import alarms, alike, said

T = 1_700_000_040.0
HOST = "10.0.0.23"
AGENT = "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)\r\n"


def exchange(  # what a request can be
    at: float,
    server: str,
    target: str,
    *,
    method: str = "POST",
    name: str = "",
    status: str = "200 OK",
    head: str = AGENT,
    size: int = 300,
) -> list[Timed]:
    """Return a connection with one request and its answer."""
    port = 40_000 + round(at) % 20_000
    body = "x" * size if method == "POST" else ""
    text = (
        f"{method} {target} HTTP/1.1\r\nHost: {name or server}\r\n{head}Content-Length: {len(body)}\r\n\r\n"
    )
    talk = Dialogue(client=HOST, server=server, cport=port, sport=8_080, start=T + at, dice=seeded(round(at)))
    talk.open().ask((text + body).encode())
    talk.answer(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
    return talk.finish().packets


def test_posts_to_ever_new_pages_of_a_bare_address(tmp_path: Path) -> None:
    packets = [one for at in range(8) for one in exchange(90 * at, "203.0.113.9", f"/{at * 7919:x}word/next")]
    found = alarms(alike(WebOrders, tmp_path / "x.pcap", in_order(packets)))
    assert found
    assert found[-1].subject.ip == HOST
    assert [(one.ip, one.port) for one in found[-1].targets] == [("203.0.113.9", 8_080)]
    assert found[0].at_ns / 1e9 <= T + 90 * 4 + 30


def test_posts_to_one_address_after_the_other(tmp_path: Path) -> None:
    packets = [one for at in range(3) for one in exchange(30 * at, f"203.0.113.{at + 5}", "/in.cgi")]
    assert alarms(said(WebOrders(), tmp_path / "x.pcap", in_order(packets)))


def test_posts_of_a_program_that_says_what_it_is_to_one_page_are_its_own_affair(tmp_path: Path) -> None:
    packets = [one for at in range(20) for one in exchange(60 * at, "203.0.113.9", "/api/v1/upload")]
    assert said(WebOrders(), tmp_path / "x.pcap", in_order(packets)) == []


def test_the_same_without_a_word_of_who_asks(tmp_path: Path) -> None:
    packets = [one for at in range(6) for one in exchange(2 * at, "203.0.113.9", "/gate.php", head="")]
    assert alarms(said(WebOrders(), tmp_path / "x.pcap", in_order(packets)))


@pytest.mark.parametrize(("status", "is_told"), [("404 Not Found", True), ("204 No Content", False)])
def test_posts_to_what_is_never_there(tmp_path: Path, status: str, *, is_told: bool) -> None:
    packets = [
        one
        for at in range(8)
        for one in exchange(60 * at, "203.0.113.9", "/five/fre.php", name="gate.example.com", status=status)
    ]
    assert bool(alarms(said(WebOrders(), tmp_path / "x.pcap", in_order(packets)))) is is_told


def test_one_question_for_many_unrelated_domains(tmp_path: Path) -> None:
    def asked(target: str, domains: int) -> list[Timed]:
        return in_order(
            one
            for at in range(8)
            for one in exchange(
                40 * at,
                f"203.0.113.{at % domains + 5}",
                target,
                method="GET",
                name=f"www.name{at % domains}.example{at % domains}.com",
            )
        )

    assert alarms(said(WebOrders(), tmp_path / "x.pcap", asked("/k9rx/?p2=abcd&q7=efgh", 8)))
    assert said(WebOrders(), tmp_path / "x.pcap", asked("/k9rx/?p2=abcd&q7=efgh", 3)) == []
    assert said(WebOrders(), tmp_path / "x.pcap", asked("/favicon.ico", 8)) == []


def hidden(at: float, server: str, subject: str, *, name: str = "", issuer: str = "") -> list[Timed]:
    """Return a TLS session with a server whose certificate is for somebody, issued by himself or another."""
    dice = seeded(round(at))
    by = [("CN", issuer)] if issuer else None
    steps = old_tls(dice, [(0.1, 200, 400)], [certificate(dice, [("CN", subject)], by)], name=name)
    talk = Dialogue(
        client=HOST, server=server, cport=41_000 + round(at), sport=8_443, start=T + at, dice=dice
    ).open()
    for pause, is_client, data in steps:
        (talk.ask if is_client else talk.answer)(data, pause)
    return talk.finish().packets


def sessions(servers: int, times: int, **changed: str) -> list[Timed]:
    return in_order(
        one
        for at in range(times)
        for one in hidden(
            60 * at, f"203.0.113.{at % servers + 5}", **{"subject": "Global Security", **changed}
        )
    )


def test_two_servers_with_one_homemade_certificate(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    assert alarms(said(WebOrders(), path, sessions(2, 6)))
    assert said(WebOrders(), path, sessions(1, 6)) == []
    assert said(WebOrders(), path, sessions(2, 6, name="relay.example.net")) == []


def test_certificates_that_a_host_issued_are_homemade_those_of_authorities_are_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.pcap"
    assert alarms(said(WebOrders(), path, sessions(3, 6, issuer="ulfdxpqv.com")))
    assert said(WebOrders(), path, sessions(3, 6, issuer="Great Authority R3")) == []


def test_many_servers_of_their_own_are_a_network_of_equals(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    packets = in_order(
        one for at in range(30) for one in hidden(20 * at, f"203.0.113.{at + 5}", f"peer {at}")
    )
    assert [one for one in alarms(said(WebOrders(), path, packets)) if one.facts["servers"] == 30] == []
