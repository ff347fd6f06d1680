"""Services, names and media: the forms that other programs recognise."""

import pytest

from oddwire.testing.media import dht_ask, hole_punching, quic, rtp_call, sip_turn, stun_check
from oddwire.testing.names import dhcp_renewal, lookup, ntp_poll, ping, public, question
from oddwire.testing.services import client_hello, database, files, http, mail_out, snmp_poll, ssh, tls
from oddwire.testing.wire import dice

ENDS = ("192.168.10.21", 40_000, "104.16.2.3", 3_478)


def test_public_addresses_differ_and_are_no_documentation() -> None:
    addresses = [public(number) for number in range(5_000)]
    assert len(set(addresses)) > 4_990
    assert not [ip for ip in addresses if ip.startswith(("10.", "192.", "198.", "203.", "172.16."))]


def test_a_hello_names_its_host_and_has_the_length_that_it_says() -> None:
    hello = client_hello("www.example.com")
    assert b"www.example.com" in hello
    assert int.from_bytes(hello[3:5]) == len(hello) - 5 == 512
    assert int.from_bytes(hello[6:9]) == 508


def test_records_of_a_session_have_the_lengths_that_they_say() -> None:
    for _, _, said in tls("www.example.com", [(0.0, 900, 40_000)], 7):
        at = 0
        while at < len(said):
            at += 5 + int.from_bytes(said[at + 3 : at + 5])
        assert at == len(said)


def test_both_sides_of_a_shell_begin_with_their_version() -> None:
    steps = ssh([(0.1, 36, 52)])
    assert [said[:8] for _, _, said in steps[:2]] == [b"SSH-2.0-"] * 2
    for _, _, said in steps[2:6]:
        assert int.from_bytes(said[:4]) == len(said) - 4
        assert len(said) % 8 == 0


def test_a_mail_server_speaks_first_and_a_share_negotiates() -> None:
    assert [by_client for _, by_client, _ in mail_out("mx", 900)][:2] == [False, True]
    assert files([])[0][2][4:8] == b"\xfeSMB"
    assert http("host", [(0.0, 10, 5)])[1][2].endswith(b"xxxxx")
    assert len(database(3, dice(1))) == 8


def test_names_that_are_missing_are_said_to_be() -> None:
    ask, answer = lookup("10.0.0.1", 40_000, "10.0.0.2", "no.example", start=0.0, missing=True)
    assert ask[1][42:44] == answer[1][42:44]
    assert answer[1][45] & 0x0F == 3
    assert question("a.example", ident=9)[:2] == b"\0\x09"


@pytest.mark.parametrize("dead", [False, True])
def test_what_is_dead_does_not_answer(dead: bool) -> None:
    asked = [
        ping("10.0.0.1", "10.0.0.2", start=0.0, dead=dead),
        snmp_poll("10.0.0.1", 40_000, "10.0.0.2", start=0.0, dead=dead),
        stun_check(ENDS, 1, start=0.0, dead=dead),
        dht_ask(ENDS, 1, start=0.0, dead=dead),
    ]
    for packets in asked:
        assert (len({wire[26:30] for _, wire in packets}) == 1) == dead


def test_media_go_both_ways() -> None:
    for packets in (
        rtp_call(ENDS, start=0.0, seconds=1),
        quic(ENDS, [(0.1, 90, 9_000)], start=0.0),
        sip_turn("10.0.0.1", "10.0.0.2", "OPTIONS", start=0.0),
        ntp_poll("10.0.0.1", 123, "10.0.0.2", start=0.0),
        dhcp_renewal("10.0.0.1", "10.0.0.2", start=0.0),
        hole_punching("10.0.0.1", 50_000, dice(1), start=0.0),
    ):
        assert len({wire[26:30] for _, wire in packets}) > 1
