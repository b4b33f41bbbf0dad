//! Property modifiers (sprm, [MS-DOC] 2.6): what a paragraph or a run of a DOC says of itself.

use super::bytes::{byte, long, short};

/// The modifiers in a list of them, each with its operand.
pub(super) struct Sprms<'a> {
    bytes: &'a [u8],
}

impl<'a> Sprms<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }
}

impl<'a> Iterator for Sprms<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let code = short(self.bytes, 0)?;
        let length = match code >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            _ => match code {
                // The definition of a table has a long length that counts one byte too much.
                0xd608 => usize::from(short(self.bytes, 2)?) + 1,
                // Tabulator stops say 255 where they are too many for a byte.
                0xc615 if byte(self.bytes, 2)? == 255 => {
                    let deleted = usize::from(byte(self.bytes, 3)?);
                    let added = usize::from(byte(self.bytes, 4 + 4 * deleted)?);
                    3 + 4 * deleted + 3 * added
                }
                _ => usize::from(byte(self.bytes, 2)?) + 1,
            },
        };
        let operand = self.bytes.get(2..2 + length)?;
        self.bytes = &self.bytes[2 + length..];
        Some((code, operand))
    }
}

/// What a run says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    /// Number of the font of its letters.
    pub(super) font: Option<u16>,
    pub(super) capitals: Option<bool>,
    pub(super) hidden: Option<bool>,
    pub(super) deleted: bool,
    /// The character stands for something else: a picture, a note.
    pub(super) special: bool,
    /// Font and code of a symbol.
    pub(super) symbol: Option<(u16, u16)>,
    /// Number of its character style.
    pub(super) style: Option<u16>,
}

impl Run {
    /// These settings, and under them those of `base`.
    pub(super) fn over(self, base: Self) -> Self {
        Self {
            font: self.font.or(base.font),
            capitals: self.capitals.or(base.capitals),
            hidden: self.hidden.or(base.hidden),
            ..self
        }
    }
}

pub(super) fn run(modifiers: &[u8]) -> Run {
    let mut run = Run::default();
    for (code, operand) in Sprms::new(modifiers) {
        let value = operand[0];
        // 128 and 129 mean "as the style" and "not as the style".
        let switch = match value {
            0 => Some(false),
            1 | 129 => Some(true),
            _ => None,
        };
        match code {
            // Letters with marks take the third font of a run; letters without the first.
            0x4a4f if run.font.is_none() => run.font = short(operand, 0),
            0x4a51 => run.font = short(operand, 0),
            0x083a | 0x083b => run.capitals = switch.or(run.capitals),
            0x083c => run.hidden = switch,
            0x0800 => run.deleted = value == 1,
            0x0855 => run.special = value == 1,
            0x6a09 => run.symbol = short(operand, 0).zip(short(operand, 2)),
            0x4a30 => run.style = short(operand, 0),
            _ => {}
        }
    }
    run
}

/// What a paragraph says.
#[derive(Clone, Debug, Default)]
pub(super) struct Paragraph {
    pub(super) style: u16,
    pub(super) in_table: bool,
    /// Ends a row of a table.
    pub(super) row_end: bool,
    /// How many tables it is inside.
    pub(super) depth: u32,
    /// Level and number of its list.
    pub(super) level: Option<u8>,
    pub(super) list: Option<u16>,
    pub(super) table: Option<Vec<Column>>,
    pub(super) head: bool,
}

/// One column of a row: its edges, and whether it goes on the cell above or before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Column {
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) down: bool,
    pub(super) merged: bool,
}

/// Adds what the modifiers of a paragraph say.
pub(super) fn paragraph(modifiers: &[u8], paragraph: &mut Paragraph) {
    for (code, operand) in Sprms::new(modifiers) {
        match code {
            0x2416 => paragraph.in_table = operand[0] != 0,
            0x2417 => paragraph.row_end = operand[0] != 0,
            0x6649 => paragraph.depth = long(operand, 0).unwrap_or(0),
            0x260a => paragraph.level = Some(operand[0]),
            0x460b => paragraph.list = short(operand, 0),
            0x3404 => paragraph.head = operand[0] != 0,
            0xd608 => paragraph.table = columns(operand),
            0xd62b => {
                let (index, flags) = (operand.get(1).copied(), operand.get(2).copied().unwrap_or(0));
                let column = paragraph.table.as_mut().zip(index).and_then(|(t, i)| t.get_mut(usize::from(i)));
                if let Some(column) = column {
                    column.down = flags & 3 == 1;
                }
            }
            _ => {}
        }
    }
}

/// The columns that a definition of a table names: length, count, edges, then 20 bytes a cell.
fn columns(operand: &[u8]) -> Option<Vec<Column>> {
    let count = usize::from(byte(operand, 2)?);
    let edge = |index: usize| short(operand, 3 + 2 * index).map(|edge| i32::from(edge as i16));
    (0..count)
        .map(|index| {
            // Cells at the end may be left out where nothing is special about them.
            let flags = short(operand, 3 + 2 * (count + 1) + 20 * index).unwrap_or(0);
            let down = flags & 0x60 == 0x20;
            Some(Column { left: edge(index)?, right: edge(index + 1)?, down, merged: flags & 3 != 0 })
        })
        .collect()
}
