//! `vanban train`: learning.

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Train, TrainChannel, TrainModel};
use super::output::{STRONG, emit, paint};
use super::said;
use vanban::Result;
use vanban::model::learn::{LearnOptions, learn_channel};
use vanban::model::train::{TrainOptions, train as learn};

/// Learns, and says what from.
pub(super) fn train(what: &Train) -> Result<u8> {
    match what {
        Train::Model(options) => model(options),
        Train::Channel(options) => channel(options),
    }
}

fn channel(options: &TrainChannel) -> Result<u8> {
    let TrainChannel { pairs, name, output } = options;
    let learnt = learn_channel(&LearnOptions { pairs: pairs.clone(), name: name.clone(), output: output.clone() })?;
    said(emit(&format!(
        "{}: {} rules of the channel {name}\nlearnt from {} pairs of lines ({} that are not alike left out)\n",
        paint(STRONG, output.display()),
        learnt.rules,
        learnt.used,
        learnt.given - learnt.used,
    )))
}

fn model(options: &TrainModel) -> Result<u8> {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let settings = TrainOptions {
        texts: options.corpora.clone(),
        unigrams: options.unigrams.clone(),
        bigrams: options.bigrams.clone(),
        output: options.output.clone(),
        max_grams: options.max_grams.unwrap_or(TrainOptions::default().max_grams),
    };
    let learnt = learn(&settings, &mut |stage| bar.set_message(stage.to_owned()))?;
    bar.finish_and_clear();
    said(emit(&format!(
        "{}: {:.1} MB, {} words, n-grams of two, three and four words: {:?}\nlearnt from {} paragraphs ({} repeated ones left out), {} tokens\n",
        paint(STRONG, options.output.display()),
        learnt.bytes as f64 / 1e6,
        learnt.words,
        learnt.grams,
        learnt.paragraphs,
        learnt.repeated,
        learnt.tokens,
    )))
}
