//! Any bytes as the arrays of a forest: refused, or a forest that scores every row and ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_learn::forest::{Arrays, Forest};

/// One node of the input: what it asks for, its threshold, where it leads, what a leaf says.
const NODE: usize = 12;

fuzz_target!(|input: &[u8]| {
    let Some((head, rest)) = input.split_first_chunk::<4>() else { return };
    let mut arrays = Arrays {
        outputs: usize::from(head[0] % 4),
        features: usize::from(head[1] % 8),
        roots: vec![u32::from(head[2]), u32::from(head[3])],
        ..Arrays::default()
    };
    for node in rest.chunks_exact(NODE) {
        arrays.feature.push(i32::from(node[0] as i8));
        arrays.missing_left.push(node[1] & 1);
        arrays.left.push(u32::from(node[2]));
        arrays.right.push(u32::from(node[3]));
        arrays.threshold.push(f32::from_le_bytes([node[4], node[5], node[6], node[7]]));
        arrays.values.push(f64::from(f32::from_le_bytes([node[8], node[9], node[10], node[11]])));
    }
    let (features, outputs) = (arrays.features, arrays.outputs);
    let Ok(forest) = Forest::new(arrays) else { return };
    let rows: Vec<f32> =
        input.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
    let rows = &rows[..rows.len() / features * features];
    let sums = forest.score(rows, 1).expect("whole rows");
    assert_eq!(sums.len(), rows.len() / features * outputs);
    assert_eq!(forest.score(rows, 2).expect("whole rows").len(), sums.len());
});
