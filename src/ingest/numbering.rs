//! Numbers of list items as a word processor prints them: `1.`, `a)`, `II.`, `Điều 5.`, `1.2.`.

/// How a number is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Style {
    #[default]
    Decimal,
    /// `01`
    Padded,
    UpperRoman,
    LowerRoman,
    UpperLetter,
    LowerLetter,
    /// No number; the level's text is what is printed.
    Bullet,
    /// Nothing is printed.
    None,
}

/// One level of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    pub(super) style: Style,
    /// What is printed; `%1` to `%9` stand for the numbers of the levels.
    pub(super) text: String,
    pub(super) start: i64,
    /// Whether higher levels' numbers are written as 1, 2, 3 in it.
    pub(super) legal: bool,
}

/// The numbers that a list has come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters([Option<i64>; 9]);

impl Counters {
    /// Sets the next number of a level, as a list that begins anew does.
    pub(super) fn restart(&mut self, level: usize, at: i64) {
        if let Some(counter) = self.0.get_mut(level) {
            *counter = Some(at.saturating_sub(1));
        }
    }

    /// Counts one item of a level and gives what is printed before it, without the blank.
    pub(super) fn next(&mut self, levels: &[Level], level: usize) -> String {
        let level = level.min(8);
        let Some(this) = levels.get(level) else { return String::new() };
        self.0[level] = Some(self.0[level].map_or(this.start, |number| number.saturating_add(1)));
        self.0[level + 1..].fill(None);
        if this.style == Style::Bullet {
            return bullet(&this.text);
        }
        if this.style == Style::None && !this.text.contains('%') {
            return this.text.trim().to_owned();
        }
        let mut out = String::new();
        let mut chars = this.text.chars().peekable();
        while let Some(c) = chars.next() {
            let place = chars.peek().and_then(|digit| digit.to_digit(10)).filter(|place| c == '%' && *place > 0);
            let Some(place) = place else {
                out.push(c);
                continue;
            };
            chars.next();
            let index = place as usize - 1;
            let Some(other) = levels.get(index) else { continue };
            let number = self.0[index].unwrap_or(other.start);
            let style = if this.legal && index != level { Style::Decimal } else { other.style };
            out.push_str(&write(number, style));
        }
        out.trim().to_owned()
    }
}

/// The mark of a list without numbers. Symbol fonts keep theirs in the private area: they become the
/// mark that they look like.
fn bullet(text: &str) -> String {
    match text.trim().chars().next() {
        None => String::new(),
        Some('\u{f000}'..='\u{f0ff}' | 'o' | '§' | '·' | 'Ø' | 'ü' | 'q' | 'v' | '¨') => "•".into(),
        Some(c) => c.to_string(),
    }
}

/// A number in a style.
pub(super) fn write(number: i64, style: Style) -> String {
    match style {
        Style::Padded => format!("{number:02}"),
        Style::UpperRoman => roman(number),
        Style::LowerRoman => roman(number).to_lowercase(),
        Style::UpperLetter => letters(number),
        Style::LowerLetter => letters(number).to_lowercase(),
        Style::Bullet | Style::None => String::new(),
        Style::Decimal => number.to_string(),
    }
}

fn roman(number: i64) -> String {
    const SIGNS: [(i64, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..4000).contains(&number) {
        return number.to_string();
    }
    let mut rest = number;
    let mut out = String::new();
    for (value, sign) in SIGNS {
        while rest >= value {
            out.push_str(sign);
            rest -= value;
        }
    }
    out
}

/// A, B, …, Z, AA, BB, … as Word counts.
fn letters(number: i64) -> String {
    if !(1..=780).contains(&number) {
        return number.to_string();
    }
    let index = (number - 1) as usize;
    char::from(b'A' + (index % 26) as u8).to_string().repeat(index / 26 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_counted_as_printed() {
        let level = |style, text: &str| Level { style, text: text.into(), start: 1, legal: false };
        let levels = [
            level(Style::UpperRoman, "%1."),
            level(Style::Decimal, "%2."),
            Level { legal: true, ..level(Style::Decimal, "%1.%3)") },
        ];
        let mut counters = Counters::default();
        let items: Vec<String> = [0, 1, 1, 2, 0, 1].iter().map(|level| counters.next(&levels, *level)).collect();
        assert_eq!(items, ["I.", "1.", "2.", "1.1)", "II.", "1."]);
        let article = [level(Style::Decimal, "Điều %1.")];
        let mut counters = Counters::default();
        counters.restart(0, 5);
        assert_eq!([counters.next(&article, 0), counters.next(&article, 0)], ["Điều 5.", "Điều 6."]);
        assert_eq!(write(28, Style::LowerLetter), "bb");
        assert_eq!(write(49, Style::LowerRoman), "xlix");
        assert_eq!(bullet("\u{f0b7}"), "•");
        assert_eq!(bullet("-"), "-");
    }
}
