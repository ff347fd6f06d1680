//! Numbers of Modbus in words.

/// Diagnostics.
pub(super) const DIAGNOSTICS: u8 = 8;
/// Encapsulated interface: it asks what a device is, or carries another bus.
pub(super) const ENCAPSULATED: u8 = 43;
/// Programming of Schneider's controllers.
pub(super) const UNITY: u8 = 90;
/// The bit that an exception adds to its function.
pub(super) const EXCEPTION: u8 = 0x80;

const RESTART: u16 = 1;
const FORCE_LISTEN_ONLY: u16 = 4;

/// The name of a function; `None` for one that has no common name.
pub(super) const fn function_name(number: u8) -> Option<&'static str> {
    Some(match number {
        1 => "read_coils",
        2 => "read_discrete_inputs",
        3 => "read_holding_registers",
        4 => "read_input_registers",
        5 => "write_single_coil",
        6 => "write_single_register",
        7 => "read_exception_status",
        DIAGNOSTICS => "diagnostics",
        9 => "program_484",
        10 => "poll_484",
        11 => "get_event_counter",
        12 => "get_event_log",
        13 => "program_controller",
        14 => "poll_controller",
        15 => "write_multiple_coils",
        16 => "write_multiple_registers",
        17 => "report_server_id",
        18 => "program_884",
        19 => "reset_communication_link",
        20 => "read_file_record",
        21 => "write_file_record",
        22 => "mask_write_register",
        23 => "read_write_multiple_registers",
        24 => "read_fifo_queue",
        40 => "program_concept",
        ENCAPSULATED => "encapsulated_interface",
        UNITY => "unity",
        125 => "firmware_replacement",
        126 => "program_584",
        127 => "report_local_address",
        _ => return None,
    })
}

/// The name of an exception.
pub(super) const fn exception_name(number: u8) -> Option<&'static str> {
    Some(match number {
        1 => "illegal_function",
        2 => "illegal_data_address",
        3 => "illegal_data_value",
        4 => "server_device_failure",
        5 => "acknowledge",
        6 => "server_device_busy",
        7 => "negative_acknowledge",
        8 => "memory_parity_error",
        10 => "gateway_path_unavailable",
        11 => "gateway_target_failed",
        _ => return None,
    })
}

/// Whether a function changes what the device holds or does.
pub(super) const fn is_write(function: u8, subfunction: Option<u16>) -> bool {
    match function {
        5 | 6 | 9 | 13 | 15 | 16 | 18 | 19 | 21 | 22 | 23 | 40 | UNITY | 125 | 126 => true,
        DIAGNOSTICS => matches!(subfunction, Some(RESTART | FORCE_LISTEN_ONLY)),
        _ => false,
    }
}
