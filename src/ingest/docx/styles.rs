//! Styles and lists of a DOCX: what a paragraph and a run inherit.

use std::collections::HashMap;

use crate::ingest::numbering::{Level, Style as Numeral};
use crate::ingest::xml::Element;
use crate::vi::encoding::{OldFont, old_font};

/// Settings of a run; none where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    /// The old encoding that the font speaks for, if it is such a font.
    #[allow(clippy::option_option, reason = "not said, or said to be a font of today")]
    pub(super) font: Option<Option<OldFont>>,
    pub(super) capitals: Option<bool>,
    pub(super) hidden: Option<bool>,
}

impl Run {
    /// What an `rPr` element says.
    pub(super) fn of(properties: Option<&Element>) -> Self {
        let Some(properties) = properties else { return Self::default() };
        let switch = |name| properties.child(name).map(is_on);
        let font = properties.child("w:rFonts").and_then(|fonts| {
            // Letters with marks take the second of the two; either name tells.
            let names: Vec<&str> = ["w:hAnsi", "w:ascii"].iter().filter_map(|name| fonts.attr(name)).collect();
            let themed = ["w:hAnsiTheme", "w:asciiTheme"].iter().any(|name| fonts.attr(name).is_some());
            let old = names.iter().find_map(|name| old_font(name));
            (!names.is_empty() || themed).then_some(old)
        });
        Self { font, capitals: switch("w:caps").or_else(|| switch("w:smallCaps")), hidden: switch("w:vanish") }
    }

    /// These settings, and under them those of `base`.
    pub(super) fn over(self, base: Self) -> Self {
        Self {
            font: self.font.or(base.font),
            capitals: self.capitals.or(base.capitals),
            hidden: self.hidden.or(base.hidden),
        }
    }
}

/// Whether a switch is on: `<w:caps/>` is, `<w:caps w:val="0"/>` is not.
pub(super) fn is_on(element: &Element) -> bool {
    !matches!(element.attr("w:val"), Some("0" | "false" | "off" | "none"))
}

#[derive(Debug, Default)]
struct Style {
    base: Option<String>,
    run: Run,
    list: Option<String>,
    level: Option<usize>,
}

/// A list: the levels, and where their counting is shared.
#[derive(Debug)]
pub(super) struct List {
    /// Lists of one family count on from each other.
    pub(super) family: String,
    pub(super) levels: Vec<Level>,
    /// The number that a level begins anew with when the list is first used.
    pub(super) restarts: Vec<(usize, i64)>,
    /// The paragraph style of each level.
    styles: Vec<Option<String>>,
}

/// All styles and lists.
#[derive(Debug, Default)]
pub(super) struct Styles {
    #[allow(clippy::struct_field_names, reason = "the word of the format")]
    styles: HashMap<String, Style>,
    lists: HashMap<String, List>,
    defaults: Run,
    paragraph: Option<String>,
}

/// Styles that build on each other; a loop ends here.
const CHAIN: usize = 24;

impl Styles {
    pub(super) fn of(styles: Option<&Element>, numbering: Option<&Element>) -> Self {
        let mut all = Self::default();
        for element in styles.iter().flat_map(|root| root.elements()) {
            match &*element.name {
                "w:docDefaults" => {
                    all.defaults = Run::of(element.child("w:rPrDefault").and_then(|run| run.child("w:rPr")));
                }
                "w:style" => {
                    let Some(id) = element.attr("w:styleId") else { continue };
                    let value = |name| element.child(name).and_then(|child| child.attr("w:val")).map(str::to_owned);
                    let list = element.child("w:pPr").and_then(|paragraph| paragraph.child("w:numPr"));
                    let (list, level) = list.map_or((None, None), number_of);
                    if element.attr("w:type") == Some("paragraph")
                        && element.attr("w:default").is_some_and(|on| on != "0")
                    {
                        all.paragraph = Some(id.to_owned());
                    }
                    let style = Style { base: value("w:basedOn"), run: Run::of(element.child("w:rPr")), list, level };
                    all.styles.insert(id.to_owned(), style);
                }
                _ => {}
            }
        }
        if let Some(root) = numbering {
            all.lists = lists(root);
        }
        all
    }

    fn chain(&self, id: Option<&str>) -> impl Iterator<Item = &Style> {
        let first = id.and_then(|id| self.styles.get(id));
        std::iter::successors(first, |style| style.base.as_ref().and_then(|base| self.styles.get(base))).take(CHAIN)
    }

    /// What the runs of a paragraph of this style inherit.
    pub(super) fn paragraph_run(&self, style: Option<&str>) -> Run {
        let style = style.or(self.paragraph.as_deref());
        self.chain(style).fold(Run::default(), |run, style| run.over(style.run)).over(self.defaults)
    }

    /// What a character style says.
    pub(super) fn run(&self, style: Option<&str>) -> Run {
        self.chain(style).fold(Run::default(), |run, style| run.over(style.run))
    }

    /// The list and level of a paragraph, from its own settings or its style's.
    pub(super) fn list_of(&self, properties: Option<&Element>) -> Option<(&str, &List, usize)> {
        let own = properties.and_then(|properties| properties.child("w:numPr")).map_or((None, None), number_of);
        let name = properties.and_then(|properties| properties.child("w:pStyle")).and_then(|style| style.attr("w:val"));
        let name = name.or(self.paragraph.as_deref());
        let list = own.0.clone().or_else(|| self.chain(name).find_map(|style| style.list.clone()))?;
        let (id, list) = self.lists.get_key_value(&list)?;
        let by_style = || {
            let mut names = vec![name.unwrap_or_default()];
            names.extend(self.chain(name).filter_map(|style| style.base.as_deref()));
            names.into_iter().find_map(|name| list.styles.iter().position(|style| style.as_deref() == Some(name)))
        };
        let level = own.1.or_else(|| if own.0.is_none() { by_style() } else { None });
        let level = level.or_else(|| self.chain(name).find_map(|style| style.level)).unwrap_or(0);
        Some((id, list, level.min(8)))
    }
}

/// List and level of a `numPr`. List 0 means none.
fn number_of(properties: &Element) -> (Option<String>, Option<usize>) {
    let value = |name| properties.child(name).and_then(|child| child.attr("w:val"));
    (value("w:numId").map(str::to_owned), value("w:ilvl").and_then(|level| level.parse().ok()))
}

fn lists(root: &Element) -> HashMap<String, List> {
    let value =
        |element: &Element, name: &str| element.child(name).and_then(|child| child.attr("w:val")).map(str::to_owned);
    let families: HashMap<&str, &Element> = root
        .elements()
        .filter(|element| *element.name == *"w:abstractNum")
        .filter_map(|element| Some((element.attr("w:abstractNumId")?, element)))
        .collect();
    let levels = |element: &Element, levels: &mut Vec<Level>, styles: &mut Vec<Option<String>>| {
        for level in element.elements().filter(|child| *child.name == *"w:lvl") {
            let Some(index) = level.attr("w:ilvl").and_then(|index| index.parse::<usize>().ok()) else { continue };
            if index > 8 {
                continue;
            }
            if levels.len() <= index {
                levels.resize(index + 1, Level::default());
                styles.resize(index + 1, None);
            }
            styles[index] = value(level, "w:pStyle");
            levels[index] = Level {
                style: numeral(&value(level, "w:numFmt").unwrap_or_default()),
                text: value(level, "w:lvlText").unwrap_or_default(),
                start: value(level, "w:start").and_then(|start| start.parse().ok()).unwrap_or(0),
                legal: level.child("w:isLgl").is_some_and(is_on),
            };
        }
    };
    let mut lists = HashMap::new();
    for number in root.elements().filter(|element| *element.name == *"w:num") {
        let (Some(id), Some(family)) = (number.attr("w:numId"), value(number, "w:abstractNumId")) else { continue };
        let mut list = List { levels: Vec::new(), styles: Vec::new(), restarts: Vec::new(), family };
        if let Some(element) = families.get(list.family.as_str()) {
            levels(element, &mut list.levels, &mut list.styles);
        }
        for change in number.elements().filter(|child| *child.name == *"w:lvlOverride") {
            levels(change, &mut list.levels, &mut list.styles);
            let level = change.attr("w:ilvl").and_then(|level| level.parse().ok());
            let start = value(change, "w:startOverride").and_then(|start| start.parse().ok());
            list.restarts.extend(level.zip(start));
        }
        lists.insert(id.to_owned(), list);
    }
    lists
}

fn numeral(format: &str) -> Numeral {
    match format {
        "upperRoman" => Numeral::UpperRoman,
        "lowerRoman" => Numeral::LowerRoman,
        "upperLetter" => Numeral::UpperLetter,
        "lowerLetter" => Numeral::LowerLetter,
        "decimalZero" => Numeral::Padded,
        "bullet" => Numeral::Bullet,
        "none" => Numeral::None,
        _ => Numeral::Decimal,
    }
}
