//! Types and codes of ICMP in words.

/// The word for a message type.
pub(super) const fn kind_name(version_6: bool, kind: u8) -> Option<&'static str> {
    if version_6 { kind_name_6(kind) } else { kind_name_4(kind) }
}

const fn kind_name_4(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0 => "echo_reply",
        3 => "unreachable",
        4 => "source_quench",
        5 => "redirect",
        6 => "alternate_host",
        8 => "echo",
        9 => "router_advertisement",
        10 => "router_solicitation",
        11 => "time_exceeded",
        12 => "parameter_problem",
        13 => "timestamp",
        14 => "timestamp_reply",
        15 => "information",
        16 => "information_reply",
        17 => "address_mask",
        18 => "address_mask_reply",
        30 => "traceroute",
        37 => "domain_name",
        38 => "domain_name_reply",
        40 => "security_failure",
        42 => "extended_echo",
        43 => "extended_echo_reply",
        _ => return None,
    })
}

const fn kind_name_6(kind: u8) -> Option<&'static str> {
    Some(match kind {
        1 => "unreachable",
        2 => "packet_too_big",
        3 => "time_exceeded",
        4 => "parameter_problem",
        128 => "echo",
        129 => "echo_reply",
        130 => "multicast_listener_query",
        131 => "multicast_listener_report",
        132 => "multicast_listener_done",
        133 => "router_solicitation",
        134 => "router_advertisement",
        135 => "neighbour_solicitation",
        136 => "neighbour_advertisement",
        137 => "redirect",
        138 => "router_renumbering",
        139 => "node_information_query",
        140 => "node_information_reply",
        141 => "inverse_neighbour_solicitation",
        142 => "inverse_neighbour_advertisement",
        143 => "multicast_listener_report_v2",
        144 => "home_agent_request",
        145 => "home_agent_reply",
        146 => "mobile_prefix_solicitation",
        147 => "mobile_prefix_advertisement",
        148 => "certification_path_solicitation",
        149 => "certification_path_advertisement",
        151 => "multicast_router_advertisement",
        152 => "multicast_router_solicitation",
        153 => "multicast_router_termination",
        155 => "rpl_control",
        157 => "duplicate_address_request",
        158 => "duplicate_address_confirmation",
        160 => "extended_echo",
        161 => "extended_echo_reply",
        _ => return None,
    })
}

/// The word for a code, where the type has several.
pub(super) const fn code_name(version_6: bool, kind: u8, code: u8) -> Option<&'static str> {
    if version_6 { code_name_6(kind, code) } else { code_name_4(kind, code) }
}

const fn code_name_4(kind: u8, code: u8) -> Option<&'static str> {
    Some(match (kind, code) {
        (3, 0) => "net_unreachable",
        (3, 1) => "host_unreachable",
        (3, 2) => "protocol_unreachable",
        (3, 3) => "port_unreachable",
        (3, 4) => "fragmentation_needed",
        (3, 5) => "source_route_failed",
        (3, 6) => "net_unknown",
        (3, 7) => "host_unknown",
        (3, 8) => "host_isolated",
        (3, 9) => "net_prohibited",
        (3, 10) => "host_prohibited",
        (3, 11) => "net_unreachable_for_service",
        (3, 12) => "host_unreachable_for_service",
        (3, 13) => "admin_prohibited",
        (3, 14) => "precedence_violation",
        (3, 15) => "precedence_cutoff",
        (5, 0) => "for_net",
        (5, 1) => "for_host",
        (5, 2) => "for_service_and_net",
        (5, 3) => "for_service_and_host",
        (11, 0) => "hop_limit_exceeded",
        (11, 1) => "reassembly_time_exceeded",
        (12, 0) => "pointer",
        (12, 1) => "option_missing",
        (12, 2) => "bad_length",
        _ => return None,
    })
}

const fn code_name_6(kind: u8, code: u8) -> Option<&'static str> {
    Some(match (kind, code) {
        (1, 0) => "no_route",
        (1, 1) => "admin_prohibited",
        (1, 2) => "beyond_scope",
        (1, 3) => "host_unreachable",
        (1, 4) => "port_unreachable",
        (1, 5) => "source_policy_failed",
        (1, 6) => "route_rejected",
        (1, 7) => "source_route_failed",
        (1, 8) => "headers_too_long",
        (3, 0) => "hop_limit_exceeded",
        (3, 1) => "reassembly_time_exceeded",
        (4, 0) => "erroneous_field",
        (4, 1) => "unknown_next_header",
        (4, 2) => "unknown_option",
        (4, 3) => "incomplete_headers",
        _ => return None,
    })
}
