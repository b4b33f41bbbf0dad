//! Confidences as the decoder gives them, turned into how often they are right.
//!
//! The decoder weighs a word against its rivals, whatever broke the letters; how far that is to be
//! believed differs from channel to channel. Where marks are lost the rivals are all there is; on a
//! page that an OCR model for Vietnamese read nearly everything is right as it stands, and a change
//! that looks certain is often one of what the paper really said. `dictionaries/calibration.tsv`
//! holds a curve for each channel, fitted on pages that are not measured.

use std::sync::LazyLock;

use super::strength::Shares;
use crate::facts::table;
use crate::model::channel::{BARE, CHANNELS, CLEAN, ENGLISH, VIETNAMESE};

/// Points of a curve: confidence given, share right; both rise.
type Curve = Vec<(f32, f32)>;

const NAMES: [(&str, usize); CHANNELS] =
    [("clean", CLEAN), ("bare", BARE), ("english", ENGLISH), ("vietnamese", VIETNAMESE)];

static CURVES: LazyLock<[Curve; CHANNELS]> = LazyLock::new(|| {
    let mut curves: [Curve; CHANNELS] = std::array::from_fn(|_| Vec::new());
    for row in table("calibration.tsv", include_str!("../../dictionaries/calibration.tsv"), 3).unwrap_or_default() {
        let channel = NAMES.iter().find(|(name, _)| *name == row.cells[0]);
        let point = row.cells[1].parse().ok().zip(row.cells[2].parse().ok());
        if let Some(((_, channel), point)) = channel.zip(point) {
            curves[*channel].push(point);
        }
    }
    curves
});

/// The channel that a changed word went through, most likely: the best of those that change
/// anything, or none in a text that is clean throughout.
pub(super) fn channel(shares: &Shares, clean: bool) -> usize {
    if clean {
        return CLEAN;
    }
    [BARE, ENGLISH, VIETNAMESE].into_iter().max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(VIETNAMESE)
}

/// How often an edit of a channel is right that the decoder gave this confidence.
pub(super) fn trust(channel: usize, given: f32) -> f32 {
    let curve = &CURVES[channel];
    let after = curve.partition_point(|(from, _)| *from <= given);
    match (after.checked_sub(1).and_then(|before| curve.get(before)), curve.get(after)) {
        (Some((from, low)), Some((to, high))) => low + (high - low) * (given - from) / (to - from).max(1e-6),
        (Some((_, right)), None) | (None, Some((_, right))) => *right,
        (None, None) => given,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_rise_and_stay_probabilities() {
        for (name, channel) in NAMES {
            assert!(CURVES[channel].len() >= 2, "no curve for {name}");
            let mut before = 0.0;
            for step in 0..=1000u16 {
                let right = trust(channel, f32::from(step) / 1000.0);
                assert!((before..=1.0).contains(&right), "{name} {step}: {right} after {before}");
                before = right;
            }
        }
    }

    #[test]
    fn a_channel_is_what_changed_the_line_most() {
        assert_eq!(channel(&[0.9, 0.01, 0.02, 0.07], false), VIETNAMESE);
        assert_eq!(channel(&[0.1, 0.5, 0.4, 0.0], false), BARE);
        assert_eq!(channel(&[0.1, 0.5, 0.4, 0.0], true), CLEAN);
    }
}
