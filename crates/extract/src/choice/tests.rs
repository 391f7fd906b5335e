use super::*;

fn model() -> Model {
    let tree = Tree { nodes: vec![(0, 0), (1, 1), (255, 0)], leaves: vec![-4096, 0, 4096, 8192] };
    let forest = Forest { borders: vec![vec![0.5], vec![1.0, 2.0]], base: 0, trees: vec![tree] };
    Model {
        names: Weights::of(vec![(9, 16), (7, -32)]),
        wordings: Weights::of(vec![(8, 64)]),
        first: forest.clone(),
        second: forest,
    }
}

#[test]
fn values_fall_between_borders() {
    for (value, expected) in [(-1.0, 0), (0.5, 0), (0.6, 1), (2.5, 2), (f32::NAN, 0)] {
        assert_eq!(bin(&[0.5, 2.0], value), expected, "{value}");
    }
}

/// Left below a border and right above; a node that looks at nothing goes left.
#[test]
fn trees_add_their_leaves() {
    for (bins, expected) in
        [([0, 1], -1.0_f32), ([0, 2], 0.0), ([1, 0], 1.0), ([1, 9], 1.0), ([0, 0], -1.0)]
    {
        let sum = -(1.0 / model().first.chance(&bins) - 1.0).ln();
        assert!((sum - expected).abs() < 1e-5, "{bins:?}: {sum}");
    }
}

#[test]
fn names_weigh_what_they_were_taught() {
    assert_eq!((model().name(7), model().name(9), model().name(8)), (-1.0, 0.5, 0.0));
    assert_eq!((model().wording(8), model().wording(7)), (2.0, 0.0));
}

/// A file of weights is read as it was written, and never by halves.
#[test]
fn weights_survive_a_file() {
    let bytes = model().to_bytes();
    assert_eq!(Model::of_bytes(&bytes), Some(model()));
    for end in 0..bytes.len() {
        assert_eq!(Model::of_bytes(&bytes[..end]), None, "{end}");
    }
    assert_eq!(Model::of_bytes(&[&bytes[..], b"x"].concat()), None);
}

/// Weights for other columns than there are, or with lists of no length, judge something and do not fall.
#[test]
fn foreign_weights_do_no_harm() {
    let rows = Rows { width: 3, values: vec![1.0; 9] };
    let places = vec![Place::default(); 3];
    for model in [model(), Model::default()] {
        let chances = model.judge(&places, &mut |at, values| values.extend(rows.row(at)));
        assert!(chances.len() == 3 && chances.iter().all(|chance| (0.0..=1.0).contains(chance)));
    }
}
