//! Who opened a connection, where the capture lacks its handshake: the end whose port is no service's.

use crate::decode::ports::is_known_service_port;
use crate::flow::key::FlowKey;

/// The first port of those that systems give to clients.
const EPHEMERAL: u16 = 32_768;

/// Whether `a` opened it, by the ports; `None` where they do not tell.
pub(super) fn opener_by_ports(key: &FlowKey) -> Option<bool> {
    let known = |port| is_known_service_port(key.protocol, port);
    match (known(key.a_port), known(key.b_port)) {
        (true, false) => return Some(false),
        (false, true) => return Some(true),
        _ => {}
    }
    let [a, b] = [key.a_port, key.b_port].map(|port| port >= EPHEMERAL);
    (a != b).then_some(a)
}
