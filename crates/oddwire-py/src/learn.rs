//! Forests, hashes and signatures: numbers come in as buffers and leave as bytes.

use crate::errors::usage;
use oddwire_learn::forest::{Arrays, Forest as Trees};
use oddwire_learn::seal;
use pyo3::buffer::{Element, PyBuffer};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Trees that were checked, ready to score rows.
#[pyclass(frozen)]
pub(crate) struct Forest(Trees);

#[pymethods]
impl Forest {
    #[new]
    #[pyo3(signature = (*, feature, threshold, left, right, missing_left, values, roots, outputs, features))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        feature: &Bound<'_, PyAny>,
        threshold: &Bound<'_, PyAny>,
        left: &Bound<'_, PyAny>,
        right: &Bound<'_, PyAny>,
        missing_left: &Bound<'_, PyAny>,
        values: &Bound<'_, PyAny>,
        roots: &Bound<'_, PyAny>,
        outputs: usize,
        features: usize,
    ) -> PyResult<Self> {
        let arrays = Arrays {
            feature: numbers(feature, "feature")?,
            threshold: numbers(threshold, "threshold")?,
            left: numbers(left, "left")?,
            right: numbers(right, "right")?,
            missing_left: numbers(missing_left, "missing_left")?,
            values: numbers(values, "values")?,
            roots: numbers(roots, "roots")?,
            outputs,
            features,
        };
        py.detach(|| Trees::new(arrays)).map(Self).map_err(|error| usage(error.to_string()))
    }

    /// How many figures a row gets.
    #[getter]
    fn outputs(&self) -> usize {
        self.0.outputs()
    }

    /// How many columns a row has.
    #[getter]
    fn features(&self) -> usize {
        self.0.features()
    }

    /// How many trees there are.
    #[getter]
    fn trees(&self) -> usize {
        self.0.trees()
    }

    /// The sums of what the leaves say of each row: bytes of f64, row by row.
    fn score<'py>(
        &self,
        py: Python<'py>,
        matrix: &Bound<'py, PyAny>,
        jobs: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let buffer = buffer::<f32>(matrix, "matrix")?;
        let [_, columns] = *buffer.shape() else {
            return Err(usage("the matrix must have rows and columns"));
        };
        if columns != self.0.features() {
            let wanted = self.0.features();
            return Err(usage(format!("the matrix has {columns} columns, the forest asks for {wanted}")));
        }
        // A copy, because whoever holds the matrix may change it meanwhile.
        let rows = buffer.to_vec(py)?;
        let sums = py.detach(|| self.0.score(&rows, jobs)).map_err(|error| usage(error.to_string()))?;
        PyBytes::new_with(py, sums.len() * size_of::<f64>(), |out| {
            for (bytes, sum) in out.chunks_exact_mut(size_of::<f64>()).zip(sums) {
                bytes.copy_from_slice(&sum.to_ne_bytes());
            }
            Ok(())
        })
    }
}

/// The BLAKE3 hash of bytes, in hexadecimal digits.
#[pyfunction]
pub(crate) fn blake3(py: Python<'_>, content: &[u8]) -> String {
    py.detach(|| seal::blake3_hex(content))
}

/// The public half of a secret key of 32 bytes.
#[pyfunction]
pub(crate) fn public_key<'py>(py: Python<'py>, secret: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &seal::public_key(&sized(secret, "secret key")?)))
}

/// The Ed25519 signature of a message.
#[pyfunction]
pub(crate) fn sign<'py>(py: Python<'py>, secret: &[u8], message: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &seal::sign(&sized(secret, "secret key")?, message)))
}

/// Whether the owner of a public key signed a message.
#[pyfunction]
pub(crate) fn is_signed(public: &[u8], message: &[u8], signature: &[u8]) -> PyResult<bool> {
    Ok(seal::is_signed(&sized(public, "public key")?, message, &sized(signature, "signature")?))
}

fn sized<const N: usize>(bytes: &[u8], what: &str) -> PyResult<[u8; N]> {
    bytes.try_into().map_err(|_| usage(format!("a {what} has {N} bytes, not {}", bytes.len())))
}

fn numbers<T: Element>(array: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<T>> {
    buffer::<T>(array, what)?.to_vec(array.py())
}

/// A buffer of numbers of exactly this kind.
fn buffer<T: Element>(array: &Bound<'_, PyAny>, what: &str) -> PyResult<PyBuffer<T>> {
    PyBuffer::get(array).map_err(|error| usage(format!("{what}: {error}")))
}
