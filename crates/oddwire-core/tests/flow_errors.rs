//! The known errors of `CICFlowMeter`, the most used source of flow features, each as a case that must come out right.

mod traffic;

use oddwire_core::flow::Ended;
use oddwire_core::flow::Record as Flow;
use traffic::{ACK, CLIENT, FIN, PSH, RST, SECOND, SERVER, SYN, conversation, flows, tcp, udp};

#[track_caller]
fn only(mut flows: Vec<Flow>) -> Flow {
    assert_eq!(flows.len(), 1, "{flows:?}");
    flows.remove(0)
}

/// Its issue 11: totals of SYN, ACK and the other flags stayed at what the first packet said.
#[test]
fn every_packet_counts_towards_the_flags() {
    let flow = only(flows(&conversation(0, 1)));
    let [fin, syn, rst, psh, ack, ..] = flow.sent().flags;
    assert_eq!((fin, syn, rst, psh, ack), (1, 1, 0, 1, 4));
    let [fin, syn, rst, psh, ack, ..] = flow.received().flags;
    assert_eq!((fin, syn, rst, psh, ack), (1, 1, 0, 2, 4));
}

/// Its issue 41: features that are updated packet by packet were updated for the first packet only.
#[test]
fn sums_take_every_packet_of_both_directions() {
    let flow = only(flows(&conversation(0, 1)));
    assert_eq!((flow.sent().packets, flow.received().packets), (5, 4));
    assert_eq!((flow.sent().payload, flow.received().payload), (100, 550));
    assert_eq!((flow.sent().payload_packets, flow.received().payload_packets), (1, 2));
    assert_eq!(flow.sent().bytes, 5 * 54 + 100);
    assert_eq!(flow.gaps.count, 8);
    assert_eq!(flow.gaps.sum, 800_000_000);
    assert_eq!(flow.gaps.max, 100_000_000);
}

/// Its issue 45 and the corrected semantics: the flow ends with the FIN of both ends, and what comes after the first
/// FIN, data and the last ACK, still belongs to it.
#[test]
fn one_fin_does_not_end_a_flow() {
    let flow = only(flows(&conversation(0, 1)));
    assert_eq!(flow.ended, Ended::Fin);
    assert_eq!(flow.packets, 9);
    assert_eq!(flow.state_seen().conn_state(), "SF");
}

/// Its issue 111: subflows were parted by a misplaced parenthesis; here by gaps of more than a second.
#[test]
fn subflows_are_parted_by_gaps_of_more_than_a_second() {
    let at = |ms: i64| udp(ms * 1_000_000, CLIENT, SERVER, 10);
    let flow = only(flows(&[at(0), at(500), at(1_499), at(2_600), at(3_600), at(5_601)]));
    assert_eq!(flow.pauses + 1, 3);
}

/// Its issue 167: the FINs of one direction were added twice, so that two FINs of the responder ended the flow.
#[test]
fn two_fins_of_one_end_do_not_end_a_flow() {
    let fin = |time, seq| tcp(time, SERVER, CLIENT, FIN | ACK, seq, 0);
    let packets = [
        tcp(0, CLIENT, SERVER, SYN, 1, 0),
        tcp(1, SERVER, CLIENT, SYN | ACK, 900, 0),
        fin(2, 901),
        fin(3, 901),
        tcp(4, CLIENT, SERVER, PSH | ACK, 2, 10),
    ];
    let flow = only(flows(&packets));
    assert_eq!(flow.ended, Ended::InputEnd);
    assert_eq!(flow.state_seen().conn_state(), "S3", "only the responder closed");
}

/// Its issue 174: one stream was torn into three.
#[test]
fn a_stream_with_pauses_below_the_idle_time_is_one_flow() {
    let mut packets = conversation(0, 1);
    packets.truncate(5);
    for (minutes, sent) in (0..).zip(&mut packets) {
        sent.time_ns = minutes * 110 * SECOND;
    }
    let flow = only(flows(&packets));
    assert_eq!(flow.packets, 5);
    assert_eq!(flow.idles, 4);
    assert_eq!(flow.idle_ns, 440 * SECOND.unsigned_abs(), "idle time is a duration, no time of day");
}

#[test]
fn a_reset_ends_a_flow_and_stragglers_still_belong_to_it() {
    let packets = [
        tcp(0, CLIENT, SERVER, SYN, 1, 0),
        tcp(1, SERVER, CLIENT, RST | ACK, 0, 0),
        tcp(2, SERVER, CLIENT, RST | ACK, 0, 0),
    ];
    let flow = only(flows(&packets));
    assert_eq!((flow.ended, flow.packets), (Ended::Reset, 3));
    assert_eq!(flow.state_seen().conn_state(), "REJ");
}

#[test]
fn a_new_syn_after_the_end_begins_a_new_flow() {
    let packets = [conversation(0, 1), conversation(SECOND, 70_000)].concat();
    let found = flows(&packets);
    assert_eq!(found.iter().map(|flow| flow.packets).collect::<Vec<_>>(), [9, 9]);
}

#[test]
fn a_repeated_syn_begins_none() {
    let packets: Vec<_> = (0..3).map(|n| tcp(n * SECOND, CLIENT, SERVER, SYN, 7, 0)).collect();
    let flow = only(flows(&packets));
    assert_eq!((flow.packets, flow.state_seen().conn_state()), (3, "S0"));
}

#[test]
fn quiet_for_longer_than_the_idle_time_parts_flows() {
    let packets = [udp(0, CLIENT, SERVER, 1), udp(121 * SECOND, CLIENT, SERVER, 1)];
    assert_eq!(flows(&packets).len(), 2);
    assert_eq!(flows(&packets)[0].ended, Ended::Idle);
}

#[test]
fn the_sender_of_the_syn_is_the_originator_whoever_is_seen_first() {
    let mut packets = conversation(0, 1);
    packets.remove(0);
    let flow = only(flows(&packets));
    assert_eq!(flow.ports(), Some((CLIENT.1, SERVER.1)), "the receiver of the SYN-ACK began");
    assert!(flow.orientation.sure);
    let middle = only(flows(&packets[3..5]));
    assert_eq!(middle.ports(), Some((CLIENT.1, SERVER.1)), "the known service answers");
    assert!(!middle.orientation.sure, "the server was seen first, and nothing proves who began");
}
