use super::*;
use proptest::prelude::*;

/// Any valid forest of a few trees, each grown by cutting leaves.
fn forests() -> impl Strategy<Value = Arrays> {
    let cuts =
        prop::collection::vec((any::<prop::sample::Index>(), 0..4_i32, threshold(), any::<bool>()), 0..40);
    let trees = prop::collection::vec(cuts, 1..6);
    (trees, 1..4_usize, prop::collection::vec(-1e6..1e6_f64, 3 * 300)).prop_map(|(trees, outputs, values)| {
        let mut arrays = Arrays { outputs, features: 4, ..Arrays::default() };
        for cuts in trees {
            arrays.roots.push(arrays.feature.len() as u32);
            grow(&mut arrays, &cuts);
        }
        let leaves = arrays.feature.iter().filter(|&&feature| feature < 0).count();
        arrays.values = values[..leaves * outputs].to_vec();
        arrays
    })
}

fn threshold() -> impl Strategy<Value = f32> {
    prop_oneof![-4.0..4.0_f32, Just(f32::INFINITY), Just(f32::NEG_INFINITY), Just(0.0)]
}

fn value() -> impl Strategy<Value = f32> {
    prop_oneof![8 => -5.0..5.0_f32, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY), 1 => Just(0.0)]
}

fn grow(arrays: &mut Arrays, cuts: &[(prop::sample::Index, i32, f32, bool)]) {
    let root = arrays.feature.len();
    push_leaf(arrays);
    for (which, feature, threshold, missing) in cuts {
        let leaves: Vec<usize> = (root..arrays.feature.len()).filter(|&at| arrays.feature[at] < 0).collect();
        let at = leaves[which.index(leaves.len())];
        arrays.feature[at] = *feature;
        arrays.threshold[at] = *threshold;
        arrays.missing_left[at] = u8::from(*missing);
        arrays.left[at] = arrays.feature.len() as u32;
        arrays.right[at] = arrays.feature.len() as u32 + 1;
        push_leaf(arrays);
        push_leaf(arrays);
    }
    // Rows of values are given out only now that it is known which nodes are leaves.
    let mut row = arrays.feature[..root].iter().filter(|&&feature| feature < 0).count() as u32;
    for at in root..arrays.feature.len() {
        if arrays.feature[at] < 0 {
            arrays.left[at] = row;
            row += 1;
        }
    }
}

fn push_leaf(arrays: &mut Arrays) {
    arrays.feature.push(-1);
    arrays.threshold.push(0.0);
    arrays.left.push(0);
    arrays.right.push(0);
    arrays.missing_left.push(0);
}

/// The same, one row and tree at a time, as a reader would write it.
fn naive(arrays: &Arrays, row: &[f32]) -> Vec<f64> {
    let mut sums = vec![0.0; arrays.outputs];
    for &root in &arrays.roots {
        let mut at = root as usize;
        while let Ok(feature) = usize::try_from(arrays.feature[at]) {
            let value = row[feature];
            let left =
                if value.is_nan() { arrays.missing_left[at] != 0 } else { value <= arrays.threshold[at] };
            at = if left { arrays.left[at] } else { arrays.right[at] } as usize;
        }
        let start = arrays.left[at] as usize * arrays.outputs;
        for (sum, value) in sums.iter_mut().zip(&arrays.values[start..]) {
            *sum += value;
        }
    }
    sums
}

fn stump() -> Arrays {
    Arrays {
        feature: vec![0, -1, -1],
        threshold: vec![1.5, 0.0, 0.0],
        left: vec![1, 0, 1],
        right: vec![2, 0, 0],
        missing_left: vec![0, 0, 0],
        values: vec![10.0, 20.0],
        roots: vec![0],
        outputs: 1,
        features: 1,
    }
}

proptest! {
    #[test]
    fn a_forest_says_what_a_naive_walk_says(
        arrays in forests(), rows in prop::collection::vec(value(), 0..200), jobs in 1..5_usize
    ) {
        let rows = &rows[..rows.len() / 4 * 4];
        let wanted: Vec<f64> = rows.chunks(4).flat_map(|row| naive(&arrays, row)).collect();
        prop_assert_eq!(Forest::new(arrays).unwrap().score(rows, jobs).unwrap(), wanted);
    }

    #[test]
    fn any_arrays_are_a_forest_or_refused(
        (feature, threshold, left, right, missing_left) in (0..8_usize).prop_flat_map(|count| (
            prop::collection::vec(-1..3_i32, count),
            prop::collection::vec(any::<f32>(), count),
            prop::collection::vec(0..9_u32, count),
            prop::collection::vec(0..9_u32, count),
            prop::collection::vec(any::<u8>(), count),
        )),
        values in prop::collection::vec(any::<f64>(), 0..6),
        roots in prop::collection::vec(0..9_u32, 0..3),
        outputs in 0..3_usize,
        features in 0..3_usize,
        rows in prop::collection::vec(value(), 0..30),
    ) {
        let arrays = Arrays { feature, threshold, left, right, missing_left, values, roots, outputs, features };
        if let Ok(forest) = Forest::new(arrays) {
            match forest.score(&rows, 1) {
                Ok(sums) => prop_assert_eq!(sums.len(), rows.len() / features * outputs),
                Err(error) => prop_assert_eq!(error, ForestError::Rows),
            }
        }
    }
}

#[test]
fn a_value_at_the_threshold_goes_left_and_a_missing_one_as_told() {
    let rows = [1.5, 1.6, f32::NAN];
    assert_eq!(Forest::new(stump()).unwrap().score(&rows, 1).unwrap(), [10.0, 20.0, 20.0]);
    let arrays = Arrays { missing_left: vec![1, 0, 0], ..stump() };
    assert_eq!(Forest::new(arrays).unwrap().score(&rows, 1).unwrap(), [10.0, 20.0, 10.0]);
}

#[test]
fn what_is_no_forest_is_refused_by_its_fault() {
    let cases = [
        (Arrays { left: vec![0, 0, 1], ..stump() }, ForestError::Node(0)),
        (Arrays { right: vec![3, 0, 0], ..stump() }, ForestError::Node(0)),
        (Arrays { feature: vec![1, -1, -1], ..stump() }, ForestError::Node(0)),
        (Arrays { left: vec![1, 0, 2], ..stump() }, ForestError::Node(2)),
        (Arrays { roots: vec![3], ..stump() }, ForestError::Node(3)),
        (Arrays { threshold: vec![f32::NAN, 0.0, 0.0], ..stump() }, ForestError::Threshold(0)),
        (Arrays { values: vec![10.0, f64::INFINITY], ..stump() }, ForestError::Value(1)),
        (Arrays { threshold: vec![1.5], ..stump() }, ForestError::Lengths),
        (Arrays { values: vec![1.0; 3], outputs: 2, ..stump() }, ForestError::Lengths),
        (Arrays { roots: vec![], ..stump() }, ForestError::Size),
        (Arrays { outputs: 0, ..stump() }, ForestError::Size),
        (Arrays::default(), ForestError::Size),
    ];
    for (arrays, fault) in cases {
        assert_eq!(Forest::new(arrays).unwrap_err(), fault);
    }
}

#[test]
fn a_tree_of_one_long_way_is_refused() {
    let splits = MAX_DEPTH as usize + 1;
    let count = 2 * splits + 1;
    let is_leaf = |at: usize| at % 2 == 1 || at == count - 1;
    let arrays = Arrays {
        feature: (0..count).map(|at| if is_leaf(at) { -1 } else { 0 }).collect(),
        threshold: vec![0.0; count],
        left: (0..count).map(|at| if is_leaf(at) { 0 } else { at as u32 + 1 }).collect(),
        right: (0..count).map(|at| if is_leaf(at) { 0 } else { at as u32 + 2 }).collect(),
        missing_left: vec![0; count],
        values: vec![1.0],
        ..stump()
    };
    assert_eq!(Forest::new(arrays).unwrap_err(), ForestError::TooDeep);
}

#[test]
fn rows_of_another_width_are_refused() {
    let forest = Forest::new(Arrays { features: 2, ..stump() }).unwrap();
    assert_eq!(forest.score(&[1.0; 3], 1).unwrap_err(), ForestError::Rows);
    assert!(forest.score(&[], 4).unwrap().is_empty());
}
