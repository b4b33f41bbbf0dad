//! Words that a line break cut in two (`Thà-` and `nh phố` on the next line), made whole.
//!
//! Vietnamese writes its syllables apart, so that a hyphen at the end of a line is nearly always one
//! of the text (`kinh tế-` `xã hội`, `2021-` `2025`). Only two runs of letters of which one is no
//! syllable, and which together are one, are taken for a word that was cut; the language model has to
//! agree. The line break stays: the word goes to the first of the two lines, with the space after it,
//! or to the second if a mark follows.

use super::decode::{Edge, Lattice};
use super::lattice::{Spot, cost};
use super::line::{self, Glyph, Kind, Unit};
use super::workshop::Workshop;
use crate::model::channel::CLEAN;
use crate::vi::fold::fold;
use crate::vi::syllable::is_possible;

/// What it costs that a word was cut: little, since nothing else explains a hyphen after such letters.
const CUT: f32 = 1.0;
/// In a line that is clean to this share, the letters are what they are.
const SURE: f32 = 0.999;

/// Whether a character ends a line.
pub(super) const fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// The second part of a word whose first part is the unit at `index`, if a hyphen and one line break
/// stand between, and nothing else.
pub(super) fn rest_of(units: &[Unit], glyphs: &[Glyph], index: usize) -> Option<usize> {
    let [first, hyphen, space, rest] = units.get(index..index + 4)? else { return None };
    let gaps = hyphen.kind == Kind::Gap && space.kind == Kind::Gap;
    if first.kind != Kind::Word || rest.kind != Kind::Word || !gaps {
        return None;
    }
    let [mark] = hyphen.of(glyphs) else { return None };
    let (space, letters) =
        (space.of(glyphs), |unit: &Unit| unit.of(glyphs).iter().all(|glyph| glyph.c.is_alphabetic()));
    let one_break = match space.iter().filter(|glyph| is_break(glyph.c)).count() {
        1 => true,
        2 => space.windows(2).any(|two| (two[0].c, two[1].c) == ('\r', '\n')),
        _ => false,
    };
    let cut = matches!(mark.c, '-' | '\u{ad}') && one_break && letters(first) && letters(rest);
    cut.then_some(index + 3)
}

/// A word in the place of the two parts that `glyphs` are: with their line break, before it if a space
/// went with them.
pub(super) fn laid_out(word: String, glyphs: &[Glyph]) -> String {
    let Some(first) = glyphs.iter().position(|glyph| is_break(glyph.c)) else { return word };
    let ends = glyphs.last().is_some_and(|glyph| glyph.c.is_whitespace());
    let breaks: String = glyphs[first..].iter().map(|glyph| glyph.c).filter(|c| is_break(*c)).collect();
    if ends { word + &breaks } else { breaks + &word }
}

impl Workshop<'_, '_> {
    /// Adds the edges of a word that was cut after the unit at `index`.
    pub(super) fn mend(&mut self, index: usize, spot: Spot<'_>, lattice: &mut Lattice) {
        let Some(rest) = rest_of(&self.units, &self.glyphs, index) else { return };
        let (first, second) = (self.units[index], self.units[rest]);
        if self.is_syllable(first) && self.is_syllable(second) {
            return;
        }
        let whole = [first.of(&self.glyphs), second.of(&self.glyphs)].concat();
        // The space after it goes with it, if there is one.
        let space = self.units.get(rest + 1).filter(|unit| {
            unit.kind == Kind::Gap && unit.of(&self.glyphs).iter().all(|glyph| matches!(glyph.c, ' ' | '\t'))
        });
        let to = space.map_or(second.end, |space| space.end);
        let form = self.memory.form(&whole);
        let found = self.memory.found(form);
        let clean = spot.shares()[CLEAN] > SURE;
        for candidate in found.whole.iter().filter(|candidate| candidate.keep || !clean) {
            if is_possible(self.model.lexicon().word(candidate.id)) {
                let cost = cost(candidate, &candidate.chances, spot) + CUT;
                let edge = Edge { from: first.start, to, id: candidate.id, case: candidate.case, cost, keep: false };
                lattice.edges.push(edge);
            }
        }
    }

    /// Whether letters are a syllable, as they are or with other marks.
    fn is_syllable(&mut self, unit: Unit) -> bool {
        let letters = line::string(unit.of(&self.glyphs));
        let (form, plain) = (self.memory.form(unit.of(&self.glyphs)), fold(&letters));
        let found = self.memory.found(form);
        is_possible(&letters)
            || found.whole.iter().any(|candidate| {
                let word = self.model.lexicon().word(candidate.id);
                is_possible(word) && fold(word) == plain
            })
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Model;
    use crate::repair::repair_text;
    use crate::text::Why;

    #[test]
    fn words_cut_by_a_line_break_are_made_whole() {
        for (raw, right) in [
            ("Ủy ban nhân dân Thà-\nnh phố Hồ Chí Minh", "Ủy ban nhân dân Thành\nphố Hồ Chí Minh"),
            ("Các cơ quan, đơn vị có tr-\r\nách nhiệm thi hành", "Các cơ quan, đơn vị có trách\r\nnhiệm thi hành"),
            ("Can cu Ke hoach cua Uy ban nhan dan tha-\nnh pho", "Căn cứ Kế hoạch của Ủy ban nhân dân thành\nphố"),
            ("theo quy định của ph\u{ad}\náp luật, các sở, ngành", "theo quy định của pháp\nluật, các sở, ngành"),
            (
                "tổ chức thực hiện các quyết đị-\nnh, chỉ thị của cấp trên",
                "tổ chức thực hiện các quyết \nđịnh, chỉ thị của cấp trên",
            ),
        ] {
            let text = repair_text(raw, Model::builtin());
            assert_eq!(text.fixed(), right);
            let edit = text.edits().iter().find(|edit| edit.why == Why::Join).expect("the edit says that it joined");
            assert!(edit.raw.of(raw).contains('\n') && edit.new.contains('\n'), "{edit:?}");
        }
    }

    #[test]
    fn hyphens_of_the_text_stay() {
        for raw in [
            "Mục tiêu phát triển kinh tế-\nxã hội của tỉnh",
            "Kế hoạch giai đoạn 2021-\n2025 của thành phố",
            "Thực hiện Quyết định số 12/QĐ-\nUBND ngày 01/02/2023",
            "đồng bào dân tộc Ê-\nđê và các dân tộc khác",
            "Báo cáo công tác phòng, chống dịch COVID-\n19 tại địa phương",
            "Nơi nhận:\n- Như trên;\n- Lưu: VT-\nNC.",
        ] {
            assert_eq!(repair_text(raw, Model::builtin()).fixed(), raw);
        }
    }
}
