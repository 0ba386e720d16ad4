//! Percentiles and ratios.

/// The value that the given share of the values does not exceed, by nearest rank. No value gives NaN.
pub(super) fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent * sorted.len()).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}

/// The median of the ratios of the rounds, with the least and the greatest.
pub(super) fn ratio(ours: &[f64], theirs: &[f64]) -> String {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(our, their)| our / their).collect();
    let [least, middle, most] = [0, 50, 100].map(|percent| percentile(&ratios, percent));
    format!("{middle:.2} ({least:.2}–{most:.2})")
}

#[cfg(test)]
mod tests {
    use super::{percentile, ratio};

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let values: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        assert_eq!([0, 50, 95, 100].map(|percent| percentile(&values, percent)), [1.0, 10.0, 19.0, 20.0]);
        assert!(percentile(&[], 50).is_nan());
    }

    #[test]
    fn ratios_are_of_each_round() {
        assert_eq!(ratio(&[1.0, 4.0, 3.0], &[2.0, 4.0, 1.0]), "1.00 (0.50–3.00)");
    }
}
