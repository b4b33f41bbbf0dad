//! Paragraphs as tasks: sentences with units of their own, reports by a day, deadlines without a unit.

use std::sync::LazyLock;

use regex::Regex;

use super::Finder;
use super::blocks::Block;
use super::sentence::Subject;
use crate::parse::date::expression;
use crate::parse::deadline::Context;
use crate::parse::found::{Deadline, DeadlineKind, Found, Task};
use crate::parse::unit::form;

impl Finder<'_> {
    /// An order from its first word at `at` to the end of its sentence.
    pub(super) fn push_order(&mut self, block: &Block, at: usize, units: Vec<Found<String>>) {
        let end = self.reader.sentence_end(at, block.to);
        self.push(at, end, units, "task.order", 0.75);
        // "… Báo cáo gửi về Sở trước ngày …": the next sentence says by when.
        let later = self.due(end, block.to, Context::Sentence);
        if let Some(task) = self.tasks.last_mut().filter(|task| task.deadline.is_none()) {
            task.deadline = later.filter(|deadline| deadline.kind == DeadlineKind::Before);
        }
    }

    /// A paragraph that names nobody: a task of the units above it, or one with a deadline of its own.
    pub(super) fn push_item(&mut self, block: &Block, scope: &[Found<String>]) {
        let printed = self.reader.folded.span(block.from, block.to).of(self.reader.text);
        if !printed.chars().any(char::is_lowercase) {
            return;
        }
        if !scope.is_empty() {
            if block.to - block.from > 24 {
                self.push_sentences(block.from, block.to, scope, "task.item", 0.75);
            }
        } else if let Some(deadline) = self.own_deadline(block) {
            let coordinate = self.reader.partners(block.from, block.to);
            self.tasks.push(Task {
                text: self.words(block.from, block.to, "task.deadline", 0.55),
                lead: Vec::new(),
                coordinate,
                deadline: Some(deadline),
                people: Vec::new(),
                product: None,
                budget: None,
            });
        }
    }

    /// "Ý kiến tham gia đề nghị gửi về Sở … trước ngày …": the deadline of what was asked before.
    pub(super) fn takes_reply(&mut self, block: &Block) -> bool {
        static REPLY: LazyLock<Regex> = LazyLock::new(|| {
            expression(r"^(?:van ban|y kien|noi dung|bao cao|ket qua|thong tin|ho so)\b[^.;:]{0,90}\b(?:gui|ve)\b")
        });
        if !REPLY.is_match(&self.plain()[block.from..block.to]) {
            return false;
        }
        let deadline = self.due(block.from, block.to, Context::Sentence).filter(is_firm);
        let Some(deadline) = deadline else { return false };
        let asked = self.tasks.last_mut().filter(|task| task.deadline.is_none() && task.text.rule != "task.labelled");
        asked.is_some_and(|task| {
            task.deadline = Some(deadline);
            true
        })
    }

    /// A paragraph as tasks: one for all of it, and one for each later sentence that opens with units of
    /// its own ("… Sở Tài chính có trách nhiệm …").
    pub(super) fn push_sentences(
        &mut self,
        from: usize,
        to: usize,
        units: &[Found<String>],
        rule: &'static str,
        confidence: f32,
    ) {
        let mut start = from;
        let mut units = units.to_vec();
        let mut at = from;
        while at < to {
            let end = self.sentence_or_clause_end(at, to);
            let next = end + self.plain()[end..to].len() - self.plain()[end..to].trim_start().len();
            // "Sở Y tế; Ủy ban nhân dân các xã chịu trách nhiệm …" is one list with one duty.
            let named = units.last().map_or(start, |unit| self.reader.folded.place(unit.span.end()));
            let done = end > start.max(named.min(end)) + 20;
            let own = (end < to && done).then(|| self.own_duty(next, to)).flatten();
            if let Some(subject) = own {
                self.push(start, end, std::mem::replace(&mut units, subject.units), rule, confidence);
                start = next;
            }
            at = next.max(at + 1);
        }
        self.push(start, to, units, rule, confidence);
    }

    /// The units that are told to act after a short topic and its colon.
    pub(super) fn after_topic(&self, block: &Block) -> Option<Subject> {
        let head = &self.flat[block.from..block.to.min(block.from + 90)];
        let colon = head.find(':')?;
        let rest = &head[colon + 1..];
        self.own_duty(block.from + colon + 1 + rest.len() - rest.trim_start().len(), block.to)
    }

    /// The end of the sentence or of the part up to the next semicolon.
    pub(super) fn sentence_or_clause_end(&self, at: usize, to: usize) -> usize {
        let end = self.reader.sentence_end(at, to);
        self.plain()[at..end].find(';').map_or(end, |semicolon| at + semicolon + 1)
    }

    /// The units with which a sentence opens, if it says in so many words that they are to act.
    pub(super) fn own_duty(&self, at: usize, to: usize) -> Option<Subject> {
        let end = self.sentence_or_clause_end(at, to);
        let subject = self.reader.subject(at, end).filter(|subject| !subject.alone)?;
        let rest = &self.flat[subject.end..end];
        let rest = &rest[..rest.len().min(60)];
        let duty = ["chu tri", "co trach nhiem", "chiu trach nhiem", "co nhiem vu", "la co quan dau moi"];
        duty.iter().any(|words| rest.contains(words)).then_some(subject)
    }

    /// Whether the paragraph begins by asking for the paper to be carried out: "… yêu cầu các Sở … nghiêm
    /// túc thực hiện; định kỳ …".
    pub(super) fn hands_on(&self, block: &Block) -> bool {
        let end = self.sentence_or_clause_end(block.from, block.to);
        let part = &self.flat[block.from..end];
        block.depth.is_none()
            && ["yeu cau", "de nghi"].iter().any(|word| part.contains(word))
            && (["nghiem tuc", "thuc hien tot"].iter().any(|words| part.contains(words))
                || part.trim_end_matches(['.', ';', ' ']).ends_with(" nay"))
    }

    /// The parts of a closing paragraph that ask for a report by a day or again and again.
    pub(super) fn dated_reports(&self, block: &Block) -> Vec<Task> {
        static REPORT: LazyLock<Regex> =
            LazyLock::new(|| expression(r"\b(?:bao\s+cao|gui\b|tong\s+hop|so\s+ket|tong\s+ket)"));
        let mut found = Vec::new();
        let mut at = block.from;
        let asked =
            self.reader.subject(block.from, block.to).filter(|subject| subject.ordered).or_else(|| {
                self.reader.orders(block.from, block.to, true).into_iter().next().map(|(_, subject)| subject)
            });
        while at < block.to {
            let end = self.sentence_or_clause_end(at, block.to);
            let start = at + self.plain()[at..end].len() - self.plain()[at..end].trim_start().len();
            at = end.max(at + 1);
            if end - start < 30 || !REPORT.is_match(&self.plain()[start..end]) {
                continue;
            }
            let Some(deadline) = self.due(start, end, Context::Sentence) else { continue };
            if !matches!(deadline.kind, DeadlineKind::Before | DeadlineKind::Recurring) {
                continue;
            }
            if deadline.end.is_some_and(|end| self.issued.is_some_and(|issued| end < issued)) {
                continue;
            }
            let after = self.reader.folded.place(deadline.text.span.end());
            let after = after + self.plain()[after..end.max(after)].len()
                - self.plain()[after..end.max(after)].trim_start_matches([' ', ',', '\n']).len();
            let own = [start, after].into_iter().find_map(|place| {
                self.reader.subject(place, end.max(place)).filter(|subject| !subject.alone && !self.is_issuer(subject))
            });
            let opens = self.reader.folded.place(deadline.text.span.start()) < start + 12;
            if own.is_none() && asked.is_none() && !opens {
                continue;
            }
            let lead = own.or_else(|| asked.clone()).map_or_else(Vec::new, |subject| subject.units);
            found.push(Task {
                text: self.words(start, end, "task.report", 0.65),
                lead,
                coordinate: Vec::new(),
                deadline: Some(deadline),
                people: Vec::new(),
                product: None,
                budget: None,
            });
        }
        found
    }

    /// Whether the units are the issuer itself.
    pub(super) fn is_issuer(&self, subject: &Subject) -> bool {
        !self.issuer.is_empty()
            && subject.units.iter().any(|unit| {
                let name = form(&unit.value);
                self.issuer.starts_with(&name) || name.starts_with(&self.issuer)
            })
    }

    /// Whether a section around the block is about goals, not about what is done for them.
    pub(super) fn among_goals(&self, block: &Block) -> bool {
        let mut parent = block.parent;
        while let Some(index) = parent {
            let section = &self.blocks[index];
            let title = &self.flat[section.from..section.to.min(section.from + 80)];
            if ["muc tieu", "muc dich", "yeu cau", "chi tieu", "quan diem", "kinh phi"]
                .iter()
                .any(|word| title.contains(word))
            {
                return true;
            }
            parent = section.parent;
        }
        false
    }

    pub(super) fn push(
        &mut self,
        from: usize,
        to: usize,
        lead: Vec<Found<String>>,
        rule: &'static str,
        confidence: f32,
    ) {
        let coordinate = self.reader.partners(from, to);
        let deadline = self.due(from, to, Context::Sentence);
        let text = self.words(from, to, rule, confidence);
        let lead = if self.flat[from..to].contains("trach nhiem thi hanh") { without_the_rest(lead) } else { lead };
        let budget = self.budget(from, to);
        self.tasks.push(Task { text, lead, coordinate, deadline, people: Vec::new(), product: None, budget });
    }

    /// Where the money comes from, as a sentence says it: "từ nguồn …", "kinh phí … do ngân sách tỉnh bảo đảm".
    pub(super) fn budget(&self, from: usize, to: usize) -> Option<Found<String>> {
        static SOURCE: LazyLock<Regex> = LazyLock::new(|| {
            expression(
                r"\b(?:(?:tu|bang|trong)\s+(?:cac\s+)?nguon\s+(?:kinh\s+phi|von|ngan\s+sach|du\s+toan)|(?:tu|bang)\s+ngan\s+sach|kinh\s+phi\s+(?:thuc\s+hien\s+)?(?:duoc\s+)?(?:lay|trich|bo\s+tri)?\s*(?:tu|do)\s)[^.;,\n]{0,120}",
            )
        });
        if !self.flat[from..to].contains("ngan sach") && !self.flat[from..to].contains("nguon ") {
            return None;
        }
        let hit = SOURCE.find(&self.flat[from..to])?;
        Some(self.words(from + hit.start(), from + hit.end(), "task.budget", 0.6))
    }

    /// A deadline that makes an item a task though no unit is named: a day, and one that is not past.
    pub(super) fn own_deadline(&self, block: &Block) -> Option<Deadline> {
        if block.to - block.from > 900 {
            return None;
        }
        let deadline = self.due(block.from, block.to, Context::Sentence)?;
        let late = match (self.issued, deadline.end) {
            (Some(issued), Some(end)) => end >= issued,
            (_, end) => end.is_some(),
        };
        let day = deadline.text.value.contains("ngày") || deadline.text.value.contains('/');
        // "Định kỳ hằng năm công bố …" as an item of its own, but not among the goals.
        let again = deadline.kind == DeadlineKind::Recurring && block.depth.is_some() && !self.among_goals(block);
        (again || late && day && is_firm(&deadline)).then_some(deadline)
    }
}

/// "… và các tổ chức, cá nhân có liên quan" closes every enforcement clause and names nobody.
fn without_the_rest(mut units: Vec<Found<String>>) -> Vec<Found<String>> {
    if units.len() > 1 {
        units.retain(|unit| {
            let name = form(&unit.value);
            !(name.starts_with("cac ") && name.ends_with("lien quan"))
        });
    }
    units
}

/// Whether the deadline names a day or a rule.
pub(super) fn is_firm(deadline: &Deadline) -> bool {
    matches!(deadline.kind, DeadlineKind::Before | DeadlineKind::Recurring)
        || deadline.kind == DeadlineKind::Interval && deadline.start.is_some()
}
