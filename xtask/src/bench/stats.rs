//! Statistics of repeated measurements: pure functions of numbers.

/// The smallest, the middle and the largest of some measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Summary {
    pub(super) min: f64,
    pub(super) median: f64,
    pub(super) max: f64,
    pub(super) count: usize,
}

impl Summary {
    /// Nothing to sum up gives nothing, and so does a value that is not a number.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        if values.is_empty() || values.iter().any(|value| value.is_nan()) {
            return None;
        }
        values.sort_by(f64::total_cmp);
        let count = values.len();
        let middle = count / 2;
        let median = if count % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        Some(Self { min: values[0], median, max: values[count - 1], count })
    }

    /// How many times `floor` this is, by the medians; nothing where the floor is zero.
    pub(super) fn ratio(&self, floor: &Self) -> Option<f64> {
        (floor.median > 0.0).then(|| self.median / floor.median)
    }
}

/// The order in which `count` things are measured in a round: every one comes first once, so that none
/// always runs after the same neighbour's leftovers or on a cold machine.
pub(super) fn rotated(count: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |place| (place + round) % count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_odd_and_an_even_count() {
        let odd = Summary::of([3.0, 1.0, 2.0]).unwrap();
        assert_eq!(odd, Summary { min: 1.0, median: 2.0, max: 3.0, count: 3 });
        assert_eq!(Summary::of([4.0, 1.0, 2.0, 3.0]).unwrap().median, 2.5);
        assert_eq!(Summary::of([7.0]).unwrap().median, 7.0);
    }

    #[test]
    fn one_slow_round_does_not_move_the_median() {
        let calm = Summary::of([1.0, 1.1, 1.2, 1.1, 1.0]).unwrap();
        let disturbed = Summary::of([1.0, 1.1, 90.0, 1.1, 1.0]).unwrap();
        assert_eq!(calm.median, disturbed.median);
        assert_eq!(disturbed.max, 90.0);
    }

    #[test]
    fn nothing_gives_no_summary() {
        assert_eq!(Summary::of([]), None);
        assert_eq!(Summary::of([1.0, f64::NAN]), None);
    }

    #[test]
    fn ratios_are_of_medians() {
        let floor = Summary::of([1.0, 2.0, 30.0]).unwrap();
        let row = Summary::of([3.0, 3.0, 3.0]).unwrap();
        assert_eq!(row.ratio(&floor), Some(1.5));
        assert_eq!(row.ratio(&Summary::of([0.0]).unwrap()), None);
    }

    #[test]
    fn every_place_is_taken_by_everyone() {
        let rounds: Vec<Vec<usize>> = (0..3).map(|round| rotated(3, round).collect()).collect();
        assert_eq!(rounds, [[0, 1, 2], [1, 2, 0], [2, 0, 1]]);
        assert_eq!(rotated(0, 4).count(), 0);
    }
}
