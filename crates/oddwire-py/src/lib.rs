//! The one crate that knows Python: every function unwraps its arguments, releases the GIL, and wraps the answer.
#![deny(unsafe_code)]
// What Python hands over is owned.
#![allow(clippy::needless_pass_by_value)]

mod capsule;
mod errors;
mod facts;
mod judged;
mod learn;
mod options;
mod rows;
mod stream;
mod summary_facts;
mod table;

use pyo3::prelude::*;

/// The compiled core of Oddwire. Import `oddwire.native`, never this.
#[pymodule]
fn _oddwire(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("NativeError", module.py().get_type::<errors::NativeError>())?;
    module.add_class::<stream::Batches>()?;
    module.add_function(wrap_pyfunction!(facts::columns, module)?)?;
    module.add_function(wrap_pyfunction!(facts::layers, module)?)?;
    module.add_function(wrap_pyfunction!(facts::protocols, module)?)?;
    module.add_function(wrap_pyfunction!(facts::registered_domains, module)?)?;
    module.add_function(wrap_pyfunction!(facts::formats, module)?)?;
    module.add_function(wrap_pyfunction!(facts::has_libpcap, module)?)?;
    module.add_function(wrap_pyfunction!(facts::filter_problem, module)?)?;
    module.add_function(wrap_pyfunction!(facts::is_bpf, module)?)?;
    module.add_function(wrap_pyfunction!(table::make, module)?)?;
    module.add_function(wrap_pyfunction!(table::summarise, module)?)?;
    module.add_function(wrap_pyfunction!(stream::open, module)?)?;
    module.add_function(wrap_pyfunction!(stream::write, module)?)?;
    module.add_function(wrap_pyfunction!(stream::filter, module)?)?;
    module.add_function(wrap_pyfunction!(stream::adopt, module)?)?;
    module.add_class::<judged::Spans>()?;
    module.add_function(wrap_pyfunction!(judged::judged, module)?)?;
    module.add_function(wrap_pyfunction!(judged::count_packets, module)?)?;
    module.add_function(wrap_pyfunction!(judged::copy_packets, module)?)?;
    module.add_function(wrap_pyfunction!(judged::flow_names, module)?)?;
    module.add_class::<learn::Forest>()?;
    module.add_function(wrap_pyfunction!(learn::blake3, module)?)?;
    module.add_function(wrap_pyfunction!(learn::public_key, module)?)?;
    module.add_function(wrap_pyfunction!(learn::sign, module)?)?;
    module.add_function(wrap_pyfunction!(learn::is_signed, module)?)?;
    Ok(())
}
