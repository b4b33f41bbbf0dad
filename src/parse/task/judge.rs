//! What is a duty and what is only said: the judgement on paragraphs that name units.
//!
//! A unit at the start of a paragraph may be told to do something, may tell others, or may be what a
//! section is about. Words and the sections around decide; where they do not, it is no task.

use std::sync::LazyLock;

use regex::Regex;

use super::Finder;
use super::blocks::Block;
use super::sentence::Subject;
use crate::parse::date::expression;
use crate::parse::deadline::Context;
use crate::parse::unit::{self, form};

/// What begins a closing paragraph, or says nothing but that the paper is to be carried out.
pub(super) static CLOSING: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"^(?:tren day la|trong qua trinh|qua trinh (?:trien khai|thuc hien)|noi nhan|kinh phi|nguon kinh phi|cac van ban|quyet dinh nay|ke hoach nay|nghi quyet nay|thong tu nay|chi thi nay|can cu|de to chuc|de thuc hien|nham|nhung noi dung|\(|ket qua|muc tieu|yeu cau:|noi dung:|doi tuong|ky boi|co quan:|ngay ky|thoi gian ky|cong bao/so|tm\.|kt\.|\[[0-9]+\]|phu luc)",
    )
});

impl Finder<'_> {
    /// Whether a paragraph that ends in a colon hands its items to its units: it is no sentence in
    /// which the issuer says what it issues.
    pub(super) fn gives_duties(&self, block: &Block, subject: &Subject) -> bool {
        let rest = &self.flat[subject.end..block.to];
        let own = self.is_issuer(subject);
        let issues =
            ["ban hanh", "xay dung ke hoach", "bao cao", "nhu sau", "thong bao", "ket luan", "nhan thay", "co y kien"]
                .iter()
                .any(|words| rest.contains(words));
        let duty = ["trach nhiem", "thuc hien", "tap trung", "chu tri", "nhiem vu", "phoi hop"]
            .iter()
            .any(|words| rest.contains(words));
        !own && (!issues || duty) && (subject.colon || duty)
    }

    /// Whether units at the start of a paragraph make it a duty, not a description.
    pub(super) fn is_duty(&self, block: &Block, subject: &Subject, scoped: bool, letter: bool) -> bool {
        static DUTY: LazyLock<Regex> = LazyLock::new(|| {
            expression(
                r"^[\s,;:*]*(?:(?:khan truong|tiep tuc|thuong xuyen|chu dong|co trach nhiem|chiu trach nhiem|can cu|theo|tren co so|trong pham vi)\b.{0,200}?)?\b(?:chu tri|phoi hop|chiu trach nhiem|co trach nhiem|co nhiem vu|tham muu|theo doi|to chuc|trien khai|thuc hien|huong dan|chi dao|xay dung|ban hanh|bao cao|tong hop|cu|lap|ra soat|kiem tra|don doc|tang cuong|day manh|bo tri|cung cap|day nhanh|bao dam|dam bao|tuyen truyen|thu thap)\b",
            )
        });
        static OUT: LazyLock<Regex> = LazyLock::new(|| {
            expression(r"^[\s,;:*]*(?:da|dang|se|duoc|la|co the|khong|bao gom|gom|thong bao|nhan duoc)\b")
        });
        // What an issuer says of this paper, unless a section about who does what says it of others.
        static ISSUES: LazyLock<Regex> = LazyLock::new(|| expression(r"^[\s,;:*]*(?:ban hanh|xay dung)\s+ke hoach\b"));
        let plain = self.flat;
        let rest = &plain[subject.end..block.to];
        if subject.colon || subject.ordered {
            // "Trưởng ban: Phó Thủ tướng …" says who is what.
            let names = subject.colon
                && block.to - subject.rest < 100
                && unit::begins(self.reader.folded, self.reader.text, subject.rest);
            return !names && block.to - subject.rest > 12 && !self.is_closing(block);
        }
        if CLOSING.is_match(&plain[block.from..block.to])
            || self.is_closing(block)
            || OUT.is_match(rest) && !scoped
            || ISSUES.is_match(rest) && !scoped && !self.in_organising(block)
        {
            return false;
        }
        let organised = self.in_organising(block) || block.depth.is_some();
        let duty = DUTY.is_match(&rest[..rest.len().min(260)]);
        let strong = ["chiu trach nhiem", "co trach nhiem", "chu tri"]
            .iter()
            .any(|word| rest[..rest.len().min(120)].contains(word));
        let verb = unit::ends_at_verb(self.reader.folded, self.reader.text, subject.end);
        let acts = verb && block.to > subject.end + 24 && !OUT.is_match(rest) && self.in_organising(block);
        strong || acts || (scoped && verb) || (duty && (organised || scoped) && !letter) || (duty && organised)
    }

    /// "Sở Công Thương đề nghị …": the units at the start are those that ask.
    pub(super) fn asks(&self, block: &Block, subject: &Subject) -> bool {
        let rest = self.flat[subject.end..block.to].trim_start();
        !subject.colon
            && !subject.ordered
            && ["de nghi", "kinh de nghi", "yeu cau", "giao", "tran trong de nghi"]
                .iter()
                .any(|word| rest.starts_with(word))
    }

    /// Whether a paragraph asks for no more than that the paper be carried out.
    pub(super) fn is_closing(&self, block: &Block) -> bool {
        let end = self.reader.sentence_end(block.from, block.to);
        let part = &self.flat[block.from..end];
        let asks = part.starts_with("yeu cau") || part.starts_with("de nghi");
        let this_paper = asks
            && part.contains("thuc hien")
            && ["ke hoach nay", "quyet dinh nay", "chi thi nay", "nghi quyet nay", "cong van nay", "van ban nay"]
                .iter()
                .any(|words| part.trim_end_matches(['.', '/', ' ']).ends_with(words));
        let words =
            ["duoc biet", "biet, thuc hien", "biet va thuc hien", "nghiem tuc trien khai", "nghiem tuc thuc hien"];
        part.len() < 400
            && (this_paper || words.iter().any(|words| part.contains(words)))
            && !part.contains("chu tri")
            && !part.contains("trach nhiem")
            && self.due(block.from, end, Context::Sentence).is_none()
    }

    /// Whether a section around the block is about who does what.
    pub(super) fn in_organising(&self, block: &Block) -> bool {
        let mut parent = block.parent;
        while let Some(index) = parent {
            let section = &self.blocks[index];
            if self.organises(section) {
                return true;
            }
            parent = section.parent;
        }
        false
    }

    /// Whether the block is the heading of a section about who does what.
    pub(super) fn organises(&self, block: &Block) -> bool {
        let title = &self.flat[block.from..block.to.min(block.from + 120)];
        (block.depth.is_some() || block.to - block.from < 80)
            && [
                "to chuc thuc hien",
                "phan cong",
                "trach nhiem thuc hien",
                "to chuc trien khai",
                "dieu khoan thi hanh",
                "trach nhiem cua",
                "nhiem vu cua",
                "trach nhiem thi hanh",
                "phan cong thuc hien",
                "phan cong nhiem vu",
                "nhiem vu cu the",
                "trach nhiem cac",
            ]
            .iter()
            .any(|words| title.contains(words))
    }

    /// Whether a heading outside the organising section names whom it is about, not who is to act: "Đối
    /// với các doanh nghiệp", "Doanh nghiệp số".
    pub(super) fn is_topic(&self, block: &Block, subject: &Subject) -> bool {
        let part = &self.flat[block.from..subject.end];
        let class = |name: &str| {
            ["cac ", "nhung ", "doanh nghiep", "co so", "nhom", "to chuc", "dia phuong"]
                .iter()
                .any(|word| name.starts_with(word))
        };
        part.starts_with("doi voi") || subject.units.iter().all(|unit| class(&form(&unit.value)))
    }
}
