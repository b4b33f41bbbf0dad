//! Rows whose cells are known by their edges (RTF, DOC) into a grid of columns.
//!
//! Each row of such a file names the places of its own cell borders. Borders that agree, within what
//! drawing by hand leaves between them, are borders between the same two columns.

use std::collections::HashMap;

use crate::ingest::flow::{Block, Grid, Place};

/// A row.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Whether it is repeated on each page as a head.
    pub(super) head: bool,
    pub(super) cells: Vec<Cell>,
}

/// A cell; edges are in twentieths of a point.
#[derive(Debug, Default)]
pub(super) struct Cell {
    pub(super) left: i32,
    pub(super) right: i32,
    /// Goes on the cell above.
    pub(super) down: bool,
    /// Goes on the cell before.
    pub(super) aside: bool,
    pub(super) blocks: Vec<Block>,
}

/// Borders nearer than this are one: a tenth of an inch is less than any column.
const NEAR: i32 = 100;

/// The grid of some rows that follow each other.
pub(super) fn grid(rows: Vec<Row>) -> Grid {
    let mut edges: Vec<i32> = rows.iter().flat_map(|row| &row.cells).flat_map(|cell| [cell.left, cell.right]).collect();
    edges.sort_unstable();
    edges.dedup_by(|next, kept| next.abs_diff(*kept) < NEAR as u32);
    let column = |edge: i32| edges.partition_point(|other| other.saturating_add(NEAR) <= edge) as u32;
    let mut grid = Grid::default();
    // For each column, the row and place of the last cell that began there.
    let mut above: HashMap<u32, (usize, usize)> = HashMap::new();
    for row in rows {
        if row.head && grid.heads as usize == grid.rows.len() {
            grid.heads += 1;
        }
        let mut places: Vec<Place> = Vec::new();
        for mut cell in row.cells {
            // Damaged widths must not put two cells in one place.
            let least = places.last().map_or(0, |place| place.column + place.wide);
            let start = column(cell.left).max(least);
            let wide = column(cell.right).saturating_sub(start).max(1);
            if cell.aside
                && let Some(last) = places.last_mut()
            {
                last.wide += wide;
                last.blocks.append(&mut cell.blocks);
            } else if cell.down
                && let Some((row, index)) = above.get(&start)
            {
                let tall = (grid.rows.len() + 1 - row) as u32;
                let merged = &mut grid.rows[*row][*index];
                merged.tall = tall;
                merged.blocks.append(&mut cell.blocks);
            } else {
                above.insert(start, (grid.rows.len(), places.len()));
                places.push(Place { column: start, tall: 1, wide, blocks: cell.blocks });
            }
        }
        grid.rows.push(places);
    }
    grid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_that_nearly_agree_are_one() {
        let cell = |left, right| Cell { left, right, ..Cell::default() };
        let down = |left, right| Cell { down: true, ..cell(left, right) };
        let rows = vec![
            Row { head: true, cells: vec![cell(0, 1000), cell(1000, 3000), cell(3000, 4000)] },
            Row { head: false, cells: vec![down(10, 1010), cell(1010, 2000), cell(2000, 4005)] },
        ];
        let grid = grid(rows);
        let shape = |row: usize| grid.rows[row].iter().map(|p| (p.column, p.wide, p.tall)).collect::<Vec<_>>();
        assert_eq!(shape(0), [(0, 1, 2), (1, 2, 1), (3, 1, 1)]);
        assert_eq!(shape(1), [(1, 1, 1), (2, 2, 1)]);
        assert_eq!(grid.heads, 1);
    }
}
