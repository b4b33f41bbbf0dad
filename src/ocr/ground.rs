//! The paper behind the ink: how even it is, and the picture without it.

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};

/// One in so many pixels as there are of ink.
const GHOSTS: usize = 4;

/// The picture made `by` times smaller, each pixel the mean of a square.
pub(super) fn shrink(grey: &GrayImage, by: u32) -> GrayImage {
    let size = |side: u32| (side / by).max(1);
    imageops::thumbnail(grey, size(grey.width()), size(grey.height()))
}

/// The lightest pixel of each square of side `2 * reach + 1`: ink vanishes, paper stays.
fn dilate(grey: &GrayImage, reach: i64) -> GrayImage {
    slide(&slide(grey, reach, true), reach, false)
}

fn slide(grey: &GrayImage, reach: i64, across: bool) -> GrayImage {
    let (width, height) = (i64::from(grey.width()), i64::from(grey.height()));
    GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        let (x, y) = (i64::from(x), i64::from(y));
        let at = |step: i64| {
            let (x, y) = if across { (x + step, y) } else { (x, y + step) };
            grey.get_pixel(x.clamp(0, width - 1) as u32, y.clamp(0, height - 1) as u32).0[0]
        };
        Luma([(-reach..=reach).map(at).max().unwrap_or(255)])
    })
}

/// The middle value of each square of side `2 * reach + 1`.
fn median(grey: &GrayImage, reach: i64) -> GrayImage {
    let (width, height) = (i64::from(grey.width()), i64::from(grey.height()));
    let mut column = Vec::new();
    GrayImage::from_fn(grey.width(), grey.height(), |x, y| {
        column.clear();
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let x = (i64::from(x) + dx).clamp(0, width - 1) as u32;
                let y = (i64::from(y) + dy).clamp(0, height - 1) as u32;
                column.push(grey.get_pixel(x, y).0[0]);
            }
        }
        let middle = column.len() / 2;
        Luma([*column.select_nth_unstable(middle).1])
    })
}

/// How much the paper differs over the page: 0 for even, towards 1 for a shadow.
pub(super) fn unevenness(grey: &GrayImage) -> f32 {
    let ground = median(&dilate(&shrink(grey, 16), 1), 4);
    let (dark, light) = (percentile(&ground, 0.04), percentile(&ground, 0.98));
    (light - dark) / light.max(1.0)
}

pub(super) fn percentile(grey: &GrayImage, share: f32) -> f32 {
    let mut counts = [0_usize; 256];
    grey.iter().for_each(|value| counts[usize::from(*value)] += 1);
    let wanted = (grey.len() as f32 * share) as usize;
    let mut sum = 0;
    for (value, count) in counts.iter().enumerate() {
        sum += count;
        if sum > wanted {
            return value as f32;
        }
    }
    255.0
}

/// The picture divided by its background.
pub(super) fn divide(grey: &GrayImage, dpi: f32) -> GrayImage {
    let reach = ((45.0 * dpi / 300.0 / 8.0 * 4.0 / 2.0) as i64).clamp(1, 10);
    let ground = median(&dilate(&shrink(grey, 8), 2), reach);
    let ground = imageops::resize(&ground, grey.width(), grey.height(), FilterType::Triangle);
    let mut even = grey.clone();
    for (value, ground) in even.iter_mut().zip(ground.iter()) {
        *value = (u32::from(*value) * 255 / u32::from(*ground).max(1)).min(255) as u8;
    }
    even
}

/// Ink to black, and what is lighter than `white` (0 for ink, 1 for paper) to white.
pub(super) fn levels(grey: &GrayImage, white: f32) -> GrayImage {
    let low = percentile(grey, 0.007);
    let high = low + (255.0 - low) * white;
    let mut sharp = grey.clone();
    sharp.iter_mut().for_each(|value| {
        *value = ((f32::from(*value) - low) * 255.0 / (high - low).max(1.0)).clamp(0.0, 255.0) as u8;
    });
    sharp
}

/// Whether the page holds half-dark marks that are not the rims of letters: show-through, the stamp on
/// a grey copy. They are half as many pixels as the ink itself, or more.
pub(super) fn has_ghosts(even: &GrayImage, dpi: f32) -> bool {
    let darkest = percentile(even, 0.007);
    // Blurred and faint print has light ink: what counts as half-dark follows it.
    let (ink, paper) = ((darkest + (255.0 - darkest) * 0.5) as u8, (darkest + (255.0 - darkest) * 0.85) as u8);
    let reach = ((dpi / 75.0) as usize).max(2);
    let (width, height) = (even.width() as usize, even.height() as usize);
    let pixels = even.as_raw();
    let inked = pixels.iter().filter(|value| **value < ink).count();
    let mut ghosts = 0;
    for y in (reach..height.saturating_sub(reach)).step_by(2) {
        for x in (reach..width.saturating_sub(reach)).step_by(2) {
            if !(ink..paper).contains(&pixels[y * width + x]) {
                continue;
            }
            let rim = (y - reach..=y + reach)
                .any(|y| pixels[y * width + x - reach..=y * width + x + reach].iter().any(|value| *value < ink));
            ghosts += usize::from(!rim) * 4;
        }
    }
    ghosts * GHOSTS > inked
}
