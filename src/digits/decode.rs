//! Scores of columns into ranked texts: a beam search that knows that a digit covers several
//! columns, and that two of the same kind have a column of nothing between them.

use std::collections::HashMap;

use super::Ranked;
use super::net::CLASSES;

/// Readings that are kept from column to column.
const BEAM: usize = 24;
/// Classes less likely than this in a column are not followed.
const LEAST: f32 = 0.003;
/// Readings that are given back.
const MOST: usize = 8;
/// Scores are divided by this: a small network is surer than it should be.
const TEMPERATURE: f32 = 1.4;

/// A way to read the columns so far: the chance that its last column was nothing, and that it was
/// its last class.
#[derive(Clone, Copy, Debug, Default)]
struct Chance {
    nothing: f32,
    class: f32,
}

/// The likeliest texts, best first; their chances add up to 1 at most.
pub(super) fn rank(columns: &[[f32; CLASSES]]) -> Vec<Ranked> {
    let mut beam: Vec<(Vec<u8>, Chance)> = vec![(Vec::new(), Chance { nothing: 1.0, class: 0.0 })];
    for scores in columns {
        let chances = soften(scores);
        let mut next: HashMap<Vec<u8>, Chance> = HashMap::new();
        for (classes, chance) in &beam {
            let whole = chance.nothing + chance.class;
            let same = next.entry(classes.clone()).or_default();
            same.nothing += whole * chances[0];
            if let Some(last) = classes.last() {
                same.class += chance.class * chances[usize::from(*last)];
            }
            for (class, seen) in chances.iter().enumerate().skip(1) {
                if *seen < LEAST {
                    continue;
                }
                let repeated = classes.last().is_some_and(|last| usize::from(*last) == class);
                let mut longer = classes.clone();
                longer.push(class as u8);
                let before = if repeated { chance.nothing } else { whole };
                next.entry(longer).or_default().class += before * seen;
            }
        }
        beam = next.into_iter().collect();
        let whole = |chance: &Chance| chance.nothing + chance.class;
        beam.sort_by(|(a, x), (b, y)| whole(y).total_cmp(&whole(x)).then_with(|| a.cmp(b)));
        beam.truncate(BEAM);
        let sum: f32 = beam.iter().map(|(_, chance)| whole(chance)).sum();
        for (_, chance) in &mut beam {
            chance.nothing /= sum.max(f32::MIN_POSITIVE);
            chance.class /= sum.max(f32::MIN_POSITIVE);
        }
    }
    // One text may have been read as a hand's and as print.
    let mut texts: Vec<Ranked> = Vec::new();
    for (classes, chance) in beam {
        let chance = chance.nothing + chance.class;
        let text: String = classes.iter().map(|class| letter(*class)).collect();
        let digits = classes.iter().filter(|class| (1..=20).contains(*class)).count();
        let by_hand = classes.iter().filter(|class| (1..=10).contains(*class)).count();
        let hand = by_hand as f32 / digits.max(1) as f32;
        match texts.iter_mut().find(|known| known.text == text) {
            Some(known) => {
                known.hand =
                    (known.hand * known.chance + hand * chance) / (known.chance + chance).max(f32::MIN_POSITIVE);
                known.chance += chance;
            }
            None => texts.push(Ranked { text, chance, hand }),
        }
    }
    texts.sort_by(|a, b| b.chance.total_cmp(&a.chance).then_with(|| a.text.cmp(&b.text)));
    texts.truncate(MOST);
    texts
}

fn letter(class: u8) -> char {
    match class {
        21 => '/',
        22 => '-',
        digit => char::from(b'0' + (digit + 9) % 10),
    }
}

fn soften(scores: &[f32; CLASSES]) -> [f32; CLASSES] {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let raised = scores.map(|score| ((score - most) / TEMPERATURE).exp());
    let sum: f32 = raised.iter().sum();
    raised.map(|value| value / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(sure: &[(usize, f32)]) -> [f32; CLASSES] {
        let mut scores = [-20.0; CLASSES];
        for (class, score) in sure {
            scores[*class] = *score;
        }
        scores
    }

    #[test]
    fn a_digit_over_columns_is_one_and_two_have_nothing_between_them() {
        let (one, nothing) = (column(&[(2, 9.0)]), column(&[(0, 9.0)]));
        let text = |columns: &[[f32; CLASSES]]| rank(columns)[0].text.clone();
        assert_eq!(text(&[one, one, nothing]), "1");
        assert_eq!(text(&[one, nothing, one]), "11");
        assert_eq!(text(&[nothing, column(&[(20, 9.0)]), column(&[(21, 9.0)])]), "9/");
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn rivals_come_ranked_and_a_hand_is_told_from_print() {
        let ranked = rank(&[column(&[(4, 2.0), (9, 1.5)]), column(&[(0, 9.0)]), column(&[(18, 9.0)])]);
        assert_eq!(ranked.iter().take(2).map(|ranked| ranked.text.as_str()).collect::<Vec<_>>(), ["37", "87"]);
        assert!((ranked[0].hand - 0.5).abs() < 0.01 && ranked[0].chance > ranked[1].chance, "{ranked:?}");
    }
}
