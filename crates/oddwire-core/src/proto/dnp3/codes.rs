//! Numbers of DNP3 in words.

/// Confirms a message; nothing answers it.
pub(super) const CONFIRM: u8 = 0;
/// The first function of answers.
pub(super) const RESPONSE: u8 = 129;
/// An answer that nobody asked for.
pub(super) const UNSOLICITED: u8 = 130;
/// The last function of answers.
pub(super) const AUTHENTICATION_RESPONSE: u8 = 131;

/// The name of an application function; `None` for one that is reserved.
pub(super) const fn function_name(number: u8) -> Option<&'static str> {
    Some(match number {
        CONFIRM => "confirm",
        1 => "read",
        2 => "write",
        3 => "select",
        4 => "operate",
        5 => "direct_operate",
        6 => "direct_operate_no_ack",
        7 => "freeze",
        8 => "freeze_no_ack",
        9 => "freeze_clear",
        10 => "freeze_clear_no_ack",
        11 => "freeze_at_time",
        12 => "freeze_at_time_no_ack",
        13 => "cold_restart",
        14 => "warm_restart",
        15 => "initialize_data",
        16 => "initialize_application",
        17 => "start_application",
        18 => "stop_application",
        19 => "save_configuration",
        20 => "enable_unsolicited",
        21 => "disable_unsolicited",
        22 => "assign_class",
        23 => "delay_measure",
        24 => "record_current_time",
        25 => "open_file",
        26 => "close_file",
        27 => "delete_file",
        28 => "get_file_info",
        29 => "authenticate_file",
        30 => "abort_file",
        31 => "activate_configuration",
        32 => "authentication_request",
        33 => "authentication_request_no_ack",
        RESPONSE => "response",
        UNSOLICITED => "unsolicited_response",
        AUTHENTICATION_RESPONSE => "authentication_response",
        _ => return None,
    })
}

/// Whether a function is answered: neither an answer nor one that says that none is wanted.
pub(super) const fn is_answered(function: u8) -> bool {
    !matches!(function, CONFIRM | 6 | 8 | 10 | 12 | 33) && function < RESPONSE
}

/// Whether a function changes what the device holds, does or reports.
pub(super) const fn is_control(function: u8) -> bool {
    matches!(function, 2..=6 | 9 | 10 | 13..=22 | 25..=27 | 30 | 31)
}

/// Whether the objects of a function come with their data, not only with their names.
pub(super) const fn has_data(function: u8) -> bool {
    matches!(function, 2..=6 | 11 | 12 | 32 | 33 | RESPONSE..)
}

/// What a link frame without user data says; the bit 0x40 marks one of the side that began.
pub(super) const fn link_name(control: u8) -> Option<&'static str> {
    Some(match (control & 0x40 != 0, control & 15) {
        (true, 0) => "link_reset",
        (true, 1) => "link_reset_user_process",
        (true, 2) => "link_test",
        (true, 9) => "link_status_request",
        (false, 0) => "link_ack",
        (false, 1) => "link_nack",
        (false, 11) => "link_status",
        (false, 14) => "link_not_functioning",
        (false, 15) => "link_not_supported",
        _ => return None,
    })
}

/// The internal indications, from the lowest bit of the first byte on.
const INDICATIONS: [&str; 16] = [
    "broadcast",
    "class_1_events",
    "class_2_events",
    "class_3_events",
    "need_time",
    "local_control",
    "device_trouble",
    "device_restart",
    "function_not_supported",
    "object_unknown",
    "parameter_error",
    "event_buffer_overflow",
    "already_executing",
    "configuration_corrupt",
    "reserved_1",
    "reserved_2",
];

/// The words of the indications that are set, the first byte of the message in the lower half.
pub(super) fn indications(bits: u16) -> impl Iterator<Item = &'static str> {
    (0..).zip(INDICATIONS).filter(move |(place, _)| bits >> place & 1 != 0).map(|(_, word)| word)
}
