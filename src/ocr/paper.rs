//! What of a page picture is not its text: black borders, punch holes, what a portal prints down the
//! margin; which way up the page lies, and whether it is two.
//!
//! All of it is told from a coarse map of the page, cells of about two thirds of a millimetre.

use image::{GrayImage, Luma};

use crate::ocr::ground::{divide, percentile, shrink};

/// Cells of the map an inch.
const CELLS: f32 = 37.5;
/// Cells a millimetre.
const MILLIMETRE: f32 = CELLS / 25.4;

/// A page in cells.
#[derive(Debug)]
struct Map {
    width: usize,
    height: usize,
    /// Pixels of a side of a cell.
    cell: u32,
    /// Whether a cell is dark as a whole.
    dark: Vec<bool>,
    /// Whether a cell holds some ink.
    inked: Vec<bool>,
}

impl Map {
    fn of(grey: &GrayImage, dpi: f32) -> Self {
        let cell = ((dpi / CELLS).round() as u32).max(1);
        let (width, height) = ((grey.width() / cell).max(1) as usize, (grey.height() / cell).max(1) as usize);
        let paper = percentile(&shrink(grey, cell), 0.8);
        let ink = (paper * 0.62) as u8;
        let (mut sums, mut inks) = (vec![0_u32; width * height], vec![0_u32; width * height]);
        for (y, row) in grey.rows().enumerate().take(height * cell as usize) {
            let cells = y / cell as usize * width;
            for (x, value) in row.enumerate().take(width * cell as usize) {
                let at = cells + x / cell as usize;
                sums[at] += u32::from(value.0[0]);
                inks[at] += u32::from(value.0[0] < ink);
            }
        }
        let pixels = cell * cell;
        let dark = sums.iter().map(|sum| (*sum / pixels) as f32 <= paper * 0.45).collect();
        // A single pixel is a grain of dust.
        let inked = inks.iter().map(|inks| *inks > pixels / 24).collect();
        Self { width, height, cell, dark, inked }
    }

    /// Paints the cells of `chosen`, and those around them, over with `paper`.
    fn paint(&self, grey: &mut GrayImage, chosen: &[bool], paper: u8) {
        for (at, _) in chosen.iter().enumerate().filter(|(_, chosen)| **chosen) {
            let (x, y) = ((at % self.width) as u32 * self.cell, (at / self.width) as u32 * self.cell);
            // The last cell takes in what is over.
            let edge = |place: u32, cells: usize, side: u32| {
                if place / self.cell + 1 == cells as u32 { side } else { (place + 2 * self.cell).min(side) }
            };
            let (right, bottom) = (edge(x, self.width, grey.width()), edge(y, self.height, grey.height()));
            for y in y.saturating_sub(self.cell)..bottom {
                for x in x.saturating_sub(self.cell)..right {
                    grey.put_pixel(x, y, Luma([paper]));
                }
            }
        }
    }
}

/// Whitens black borders and punch holes. Tells what it found.
pub(super) fn clean(grey: &mut GrayImage, dpi: f32) -> Vec<&'static str> {
    let map = Map::of(grey, dpi);
    let mut borders = vec![false; map.dark.len()];
    let mut holes = borders.clone();
    for blob in blobs(&map) {
        let (x0, y0, x1, y1) = blob.bounds(&map);
        let (width, height) = ((x1 - x0 + 1) as f32, (y1 - y0 + 1) as f32);
        let touches = x0 == 0 || y0 == 0 || x1 + 1 == map.width || y1 + 1 == map.height;
        let margin = 25.0 * MILLIMETRE;
        let (middle_x, middle_y) = ((x0 + x1) as f32 / 2.0, (y0 + y1) as f32 / 2.0);
        let outside = middle_x < margin || middle_x > map.width as f32 - margin || middle_y < margin;
        let round = width.max(height) <= 1.4 * width.min(height)
            && (3.0..=9.5).contains(&(width.max(height) / MILLIMETRE))
            && blob.0.len() as f32 >= 0.65 * width * height;
        let chosen = if touches && blob.0.len() >= 12 {
            &mut borders
        } else if outside && round {
            &mut holes
        } else {
            continue;
        };
        blob.0.iter().for_each(|at| chosen[*at] = true);
    }
    let paper = percentile(&shrink(grey, map.cell), 0.8) as u8;
    let mut found = Vec::new();
    for (chosen, what) in [(borders, "black borders"), (holes, "punch holes")] {
        if chosen.contains(&true) {
            map.paint(grey, &chosen, paper);
            found.push(what);
        }
    }
    found
}

/// Dark cells that touch each other.
struct Blob(Vec<usize>);

impl Blob {
    /// First and last column and row.
    fn bounds(&self, map: &Map) -> (usize, usize, usize, usize) {
        self.0.iter().fold((usize::MAX, usize::MAX, 0, 0), |(x0, y0, x1, y1), at| {
            let (x, y) = (at % map.width, at / map.width);
            (x0.min(x), y0.min(y), x1.max(x), y1.max(y))
        })
    }
}

fn blobs(map: &Map) -> Vec<Blob> {
    let mut seen = vec![false; map.dark.len()];
    let mut found = Vec::new();
    for start in 0..map.dark.len() {
        if !map.dark[start] || seen[start] {
            continue;
        }
        seen[start] = true;
        let (mut cells, mut next) = (vec![start], 0);
        while let Some(at) = cells.get(next).copied() {
            next += 1;
            let (x, y) = (at % map.width, at / map.width);
            for (x, y) in [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)] {
                let inside = x < map.width && y < map.height;
                let at = y.wrapping_mul(map.width).wrapping_add(x);
                if inside && map.dark[at] && !seen[at] {
                    seen[at] = true;
                    cells.push(at);
                }
            }
        }
        found.push(Blob(cells));
    }
    found
}

/// Whitens what stands down a margin, parted from the text: the name and the telephone number of a
/// legal portal, a line of a file's name. Letters that run upwards leave no gaps between lines, which
/// tells them from a column of numbers. Tells whether there was any.
pub(super) fn clean_margins(grey: &mut GrayImage, dpi: f32) -> bool {
    let map = Map::of(grey, dpi);
    let rows_inked = |x: usize| (0..map.height).filter(|y| map.inked[y * map.width + x]).count();
    let counts: Vec<usize> = (0..map.width).map(rows_inked).collect();
    // A stray speck is no ink of a column.
    let empty: Vec<bool> = counts.iter().map(|count| *count * 200 <= map.height).collect();
    let mut chosen = vec![false; map.inked.len()];
    let mut strip = |columns: Vec<usize>| {
        let Some(first) = columns.iter().position(|x| !empty[*x]) else { return };
        let width = columns[first..].iter().take_while(|x| !empty[**x]).count();
        let gap = columns[first + width..].iter().take_while(|x| empty[**x]).count();
        let near = (first + width) as f32 <= 28.0 * MILLIMETRE;
        if !near || width as f32 > 9.0 * MILLIMETRE || (gap as f32) < 2.0 * MILLIMETRE {
            return;
        }
        let columns = &columns[..first + width];
        let rows: Vec<usize> =
            (0..map.height).filter(|y| columns[first..].iter().any(|x| map.inked[y * map.width + x])).collect();
        let (Some(top), Some(bottom)) = (rows.first(), rows.last()) else { return };
        let extent = (bottom - top + 1) as f32;
        if extent >= 25.0 * MILLIMETRE && rows.len() as f32 >= 0.7 * extent {
            for y in 0..map.height {
                for x in columns {
                    chosen[y * map.width + x] |= map.inked[y * map.width + x];
                }
            }
        }
    };
    strip((0..map.width / 4).collect());
    strip((map.width * 3 / 4..map.width).rev().collect());
    let any = chosen.contains(&true);
    if any {
        let paper = percentile(&shrink(grey, map.cell), 0.8) as u8;
        map.paint(grey, &chosen, paper);
    }
    any
}

/// Whether the page holds so little ink that there is nothing to read.
pub(super) fn is_blank(grey: &GrayImage, dpi: f32) -> bool {
    let map = Map::of(grey, dpi);
    map.inked.iter().filter(|inked| **inked).count() < 6
}

/// Whether the lines of the page run up and down. Across lines of text, ink and paper alternate from
/// row to row; along them it is everywhere the same.
pub(super) fn is_sideways(grey: &GrayImage, dpi: f32) -> bool {
    let by = (grey.width().max(grey.height()) / 1400).max(1);
    let small = divide(&shrink(grey, by), dpi / by as f32);
    let (width, height) = (small.width() as usize, small.height() as usize);
    let ink = |x: usize, y: usize| small.as_raw()[y * width + x] < 150;
    let across = alternation(height, width, |row, along| ink(along, row));
    let down = alternation(width, height, ink);
    down > 1.5 * across && down > 0.3
}

/// How much the number of edges of ink along a row differs from row to row, as a share of it: the mean
/// over five bands, so that a skewed page tells too.
fn alternation(rows: usize, length: usize, ink: impl Fn(usize, usize) -> bool) -> f32 {
    let bands = 5;
    let mut sum = 0.0;
    for band in 0..bands {
        let (from, to) = (length * band / bands, length * (band + 1) / bands);
        let edges: Vec<f32> =
            (0..rows).map(|row| (from + 1..to).filter(|at| ink(row, *at) != ink(row, at - 1)).count() as f32).collect();
        let all: f32 = edges.iter().sum();
        // Over a few rows, the height of a letter: the middle of a line against the space beside it.
        let change: f32 = edges.iter().zip(edges.iter().skip(5)).map(|(a, b)| (a - b).abs()).sum();
        sum += if all > 0.0 { change / all / 2.0 } else { 0.0 };
    }
    sum / bands as f32
}

/// Where a picture that holds two pages side by side is to be cut, if it does.
pub(super) fn gutter(grey: &GrayImage, dpi: f32) -> Option<u32> {
    if (grey.width() as f32) < 1.2 * grey.height() as f32 {
        return None;
    }
    let map = Map::of(grey, dpi);
    let count = |x: usize| (0..map.height).filter(|y| map.inked[y * map.width + x]).count();
    let counts: Vec<usize> = (0..map.width).map(count).collect();
    let (from, to) = (map.width * 2 / 5, map.width * 3 / 5);
    let (mut best, mut start) = ((0, 0), from);
    for (x, count) in counts.iter().enumerate().take(to + 1).skip(from) {
        if x == to || count * 200 > map.height {
            if x - start > best.1 - best.0 {
                best = (start, x);
            }
            start = x + 1;
        }
    }
    let middle = best.0.midpoint(best.1);
    let (left, all) = (counts[..middle].iter().sum::<usize>() as f32, counts.iter().sum::<usize>() as f32);
    // Two inner margins; a gap between columns of one page is narrower.
    let wide = (best.1 - best.0) as f32 >= 18.0 * MILLIMETRE;
    (wide && (0.2..=0.8).contains(&(left / all.max(1.0)))).then_some(middle as u32 * map.cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of words like text at 100 dpi, from `left` to `right`.
    fn text(grey: &mut GrayImage, left: u32, right: u32) {
        for y in 60..grey.height() - 60 {
            for x in left..right {
                // Words of uneven length, letters with gaps.
                let word = (x * 7 + y / 25 * 131) % 61;
                if y % 25 < 10 && word > 12 && x % 5 < 3 {
                    grey.put_pixel(x, y, Luma([30]));
                }
            }
        }
    }

    fn paper(width: u32, height: u32) -> GrayImage {
        GrayImage::from_pixel(width, height, Luma([240]))
    }

    fn fill(grey: &mut GrayImage, x: std::ops::Range<u32>, y: std::ops::Range<u32>) {
        for y in y {
            x.clone().for_each(|x| grey.put_pixel(x, y, Luma([15])));
        }
    }

    #[test]
    fn borders_and_holes_go_and_text_stays() {
        let mut page = paper(830, 1170);
        text(&mut page, 120, 760);
        let clear = page.clone();
        fill(&mut page, 0..14, 0..1170);
        fill(&mut page, 0..830, 1150..1170);
        for y in 300..324 {
            for x in 40..64 {
                if (x as i32 - 52).pow(2) + (y as i32 - 312).pow(2) <= 144 {
                    page.put_pixel(x, y, Luma([10]));
                }
            }
        }
        assert_eq!(clean(&mut page, 100.0), ["black borders", "punch holes"]);
        assert!(page == clear);
        assert!(clean(&mut page, 100.0).is_empty());
    }

    #[test]
    fn words_down_the_margin_go_and_a_column_of_numbers_stays() {
        let mut page = paper(830, 1170);
        text(&mut page, 160, 760);
        let clear = page.clone();
        for y in 200..900 {
            for x in 30..44 {
                if y % 5 < 4 && x % 4 < 3 {
                    page.put_pixel(x, y, Luma([60]));
                }
            }
        }
        assert!(clean_margins(&mut page, 100.0) && page == clear);
        let mut numbers = clear.clone();
        for y in (60..1100).filter(|y| y % 25 < 10) {
            (80..95).for_each(|x| numbers.put_pixel(x, y, Luma([30])));
        }
        assert!(!clean_margins(&mut numbers, 100.0));
    }

    #[test]
    fn a_page_on_its_side_is_told() {
        let mut page = paper(830, 1170);
        text(&mut page, 120, 760);
        assert!(!is_sideways(&page, 100.0));
        assert!(is_sideways(&image::imageops::rotate90(&page), 100.0));
        assert!(!is_sideways(&paper(830, 1170), 100.0));
    }

    #[test]
    fn two_pages_side_by_side_are_cut_between_and_one_wide_page_is_not() {
        let mut sheet = paper(1660, 1170);
        text(&mut sheet, 120, 740);
        text(&mut sheet, 940, 1560);
        let cut = gutter(&sheet, 100.0).expect("two pages");
        assert!((740..940).contains(&cut), "{cut}");
        let mut wide = paper(1660, 1170);
        text(&mut wide, 120, 1560);
        assert_eq!(gutter(&wide, 100.0), None);
    }

    #[test]
    fn paper_alone_is_blank() {
        assert!(is_blank(&paper(830, 1170), 100.0));
        let mut page = paper(830, 1170);
        text(&mut page, 120, 760);
        assert!(!is_blank(&page, 100.0));
    }
}
