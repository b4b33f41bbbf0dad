//! The text as paragraphs and items, each with the section that holds it.
//!
//! Lines that were wrapped are put together again: a line goes on the one before unless a marker, a
//! blank line, an indent or the end of a sentence parts them. Sections come from the outline; what is
//! in no section's title is a paragraph of the section around it. Knows lines, not tasks.

use crate::parse::cite::ends_sentence;
use crate::parse::folded::Folded;
use crate::parse::found::Section;

/// A paragraph or an item, in bytes of the folded text.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Where its marker starts.
    pub(super) start: usize,
    /// Where its words start, after the marker.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The depth of the section that it opens; none for a paragraph.
    pub(super) depth: Option<u8>,
    /// The marker as printed, without full stop or bracket.
    pub(super) label: String,
    /// The block of the section around it.
    pub(super) parent: Option<usize>,
}

impl Block {
    /// Whether the marker is a bullet.
    pub(super) fn is_bullet(&self) -> bool {
        self.depth.is_some() && !self.label.chars().any(char::is_alphanumeric)
    }
}

/// The blocks of `from..to`, in order. A line of which `opens` holds begins one, whatever stands
/// before it.
pub(super) fn read_blocks(
    folded: &Folded,
    text: &str,
    (from, to): (usize, usize),
    outline: &[Section],
    opens: impl Fn(&str) -> bool,
) -> Vec<Block> {
    let plain = folded.text();
    let width = width(&plain[from..to]);
    let wrapped = width < UNWRAPPED;
    let spaced = is_spaced(folded, (from, to), outline);
    let mut sections = outline
        .iter()
        .map(|section| {
            (
                folded.place(section.span.start()),
                folded.place(section.title.span.start()),
                folded.place(section.title.span.end()),
                section,
            )
        })
        .filter(|(start, ..)| (from..to).contains(start))
        .peekable();
    let mut blocks: Vec<Block> = Vec::new();
    let mut stack: Vec<(u8, usize)> = Vec::new();
    let mut line_start = from;
    let mut blank = true;
    let mut last_indent = 0;
    // Where the title of the open section ends: up to there its lines are its own.
    let mut title_end = from;
    for line in plain[from..to].split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t', '#', '>', '*', '_']).len();
        let words = line.trim_end();
        let (start, end) = (line_start, line_start + words.len());
        line_start += line.len();
        if words.trim().is_empty() || is_rule(words) {
            blank = true;
            continue;
        }
        let first = start + indent.min(words.len());
        let mut opened = false;
        while sections.peek().is_some_and(|(at, ..)| *at < end) {
            let Some((at, title, title_to, section)) = sections.next() else { break };
            while stack.last().is_some_and(|(depth, _)| *depth >= section.depth) {
                stack.pop();
            }
            if let Some(last) = blocks.last_mut().filter(|last| last.to > at) {
                last.to = at;
            }
            let parent = stack.last().map(|(_, index)| *index);
            stack.push((section.depth, blocks.len()));
            blocks.push(Block {
                start: at,
                from: title.max(at),
                to: end,
                depth: Some(section.depth),
                label: section.label.clone(),
                parent,
            });
            title_end = title_to;
            opened = true;
        }
        if !opened {
            let goes_on = !blank
                && !opens(&plain[first..end])
                && blocks.last().is_some_and(|last| {
                    first < title_end
                        || continues(folded, text, last, (first, end), (indent, last_indent), width, spaced)
                            && (wrapped || goes_on_in_lower_case(folded, text, first))
                });
            match blocks.last_mut().filter(|_| goes_on) {
                Some(last) => last.to = end,
                None => blocks.push(Block {
                    start: first,
                    from: first,
                    to: end,
                    depth: None,
                    label: String::new(),
                    parent: stack.last().map(|(_, index)| *index),
                }),
            }
        }
        blank = false;
        last_indent = indent;
    }
    // A section inside the line of another may have cut it before its words.
    for block in &mut blocks {
        block.to = block.to.max(block.start);
        block.from = block.from.min(block.to);
    }
    blocks
}

/// A line of dashes and bars only.
fn is_rule(words: &str) -> bool {
    words.bytes().all(|b| matches!(b, b'-' | b'_' | b'=' | b' ' | b'*' | b'|' | b':'))
}

/// Long lines of this length are whole paragraphs: no page is that wide.
const UNWRAPPED: usize = 220;

fn goes_on_in_lower_case(folded: &Folded, text: &str, first: usize) -> bool {
    folded.span(first, first + 1).of(text).chars().all(char::is_lowercase)
}

/// Whether the line `first..end` goes on the block before it.
fn continues(
    folded: &Folded,
    text: &str,
    block: &Block,
    (first, end): (usize, usize),
    (indent, last_indent): (usize, usize),
    width: usize,
    spaced: bool,
) -> bool {
    let plain = folded.text();
    if plain[first..end].contains(['\t', '|']) || plain[block.to.saturating_sub(1)..block.to].contains('|') {
        return false;
    }
    let printed = folded.span(first, first + 1).of(text);
    if printed.chars().all(char::is_lowercase) {
        return true;
    }
    let before = plain[block.from..block.to].trim_end();
    // "1." alone on its line: the heading follows.
    if before.len() <= 5 && before.ends_with(['.', ')']) {
        return true;
    }
    let last_line = before.rfind('\n').map_or(block.start, |at| block.from + at + 1);
    let short = block.to - last_line < width * 7 / 10;
    let whole = before.ends_with([';', ':', '!', '?'])
        || (before.ends_with('.') && ends_sentence(folded, text, block.from + before.len() - 1));
    if spaced {
        // Blank lines part the paragraphs of such a text; nothing else does but a whole sentence.
        return !(whole && short);
    }
    let caps = |from: usize, to: usize| !folded.span(from, to).of(text).chars().any(char::is_lowercase);
    if caps(first, end) && caps(last_line.max(block.from), block.to) && !whole {
        return true;
    }
    let indented = indent > last_indent + 2;
    !(short || (whole && indented))
}

/// Whether blank lines part the paragraphs: they stand before most sections.
fn is_spaced(folded: &Folded, (from, to): (usize, usize), outline: &[Section]) -> bool {
    let plain = folded.text();
    let starts = outline.iter().map(|section| folded.place(section.span.start()));
    let (mut sections, mut spaced) = (0, 0);
    for start in starts.filter(|start| (from..to).contains(start)) {
        let head = plain[from..start].trim_end_matches([' ', '\t', '#', '*']);
        sections += 1;
        spaced += usize::from(head.ends_with("\n\n") || head.trim_end_matches('\n').ends_with("\n "));
    }
    sections > 2 && spaced * 10 >= sections * 6
}

/// The length at which lines were wrapped: the 80th percentile of long lines, 400 at most.
fn width(part: &str) -> usize {
    let mut lengths: Vec<usize> = part.lines().map(str::len).filter(|length| *length > 40).collect();
    lengths.sort_unstable();
    lengths.get(lengths.len() * 8 / 10).copied().unwrap_or(80).min(400)
}
