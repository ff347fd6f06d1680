//! The columns of Modbus.

use super::{Said, codes};
use crate::column::{Column, Get};
use crate::proto::Row;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("transaction", "", U16, "Transaction identifier.", |r| r.transaction),
    c!("unit", "", U8, "Unit identifier: the device behind a gateway.", |r| r.unit),
    c!("function", "", U8, "Function number, without the bit that marks an exception.", |r| r.function),
    c!("function_name", "", Word, "Name of the function; null where it has no common one.", |r| {
        codes::function_name(r.function)
    }),
    c!(
        "write",
        "",
        Bool,
        "Whether it changes the device: writes, restarts, forced silence, programming.",
        |r| { codes::is_write(r.function, r.subfunction) }
    ),
    c!(
        "subfunction",
        "",
        OptU16,
        "Subfunction of diagnostics; of an encapsulated interface its type, of Unity its request code.",
        |r| r.subfunction
    ),
    c!(
        "address",
        "",
        OptU16,
        "First coil or register, counted from 0; of reading and writing that is read.",
        |r| { r.address }
    ),
    c!("quantity", "", OptU16, "Coils or registers, likewise.", |r| r.quantity),
    c!("exception", "", OptU8, "Number of the exception that the device answered with.", |r| r.exception),
    c!("exception_name", "", Word, "Name of that exception.", |r| codes::exception_name(r.exception?)),
    c!("request_bytes", "bytes", OptU32, "Bytes of the request; null when it was not seen.", |r| r
        .request_bytes),
    c!("answer_bytes", "bytes", OptU32, "Bytes of the answer; null when there was none.", |r| r.answer_bytes),
    c!("latency_ns", "ns", OptU64, "Time from the request to its answer.", |r| r.latency_ns),
    c!("answer_packet", "", OptU64, "Number of the packet that brought the answer.", |r| r.answer_packet)
        .on_request(),
];

/// The columns of Modbus rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
