//! What can be typed. Every other file of the program sees these types and no raw argument.
#![allow(clippy::doc_markdown, reason = "the comments are the text of --help, where back quotes are noise")]

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use jiff::civil::Date;
use vanban::export::table::TableFormat;
use vanban::export::{Format, Profile};
use vanban::model::channel::LEARNT;
use vanban::store::TableName;

/// Reads Vietnamese administrative documents and builds their citation graph
#[derive(Debug, Parser)]
#[command(name = "vanban", version, arg_required_else_help = true, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

const EXAMPLES: &str = "\
Examples:
  vanban import scans/                     read every document under a folder into the store
  vanban who-cites 1927/KH-UBND            which documents cite this plan, with the sentences
  vanban tasks --unit 'Văn phòng Sở'       what a unit is to do, by due date
  vanban read plan.pdf --json | jq .header one document as JSON, nothing stored
  vanban repair broken.txt > clean.txt     restore diacritics and misread letters
  vanban doctor                            what is installed, what is missing

Exit codes: 0 all well, 1 some files failed or nothing was found, 2 could not run.";

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The store: one SQLite file
    #[arg(long, global = true, value_name = "FILE", env = "VANBAN_STORE", default_value = "vanban.sqlite", value_hint = ValueHint::FilePath)]
    pub(crate) store: PathBuf,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language model to use instead of the one built in
    #[arg(long, global = true, value_name = "FILE", env = "VANBAN_MODEL", value_hint = ValueHint::FilePath)]
    pub(crate) model: Option<PathBuf>,
    /// Table of how your scanner and its OCR break letters, from `vanban train channel`
    #[arg(long, global = true, value_name = "FILE", env = "VANBAN_CHANNEL", value_hint = ValueHint::FilePath)]
    pub(crate) channel: Option<PathBuf>,
    /// Password of locked files. Others on this machine see what is typed here: a file of passwords
    /// or the variable is better
    #[arg(long, global = true, value_name = "PASSWORD", env = "VANBAN_PASSWORD", hide_env_values = true)]
    pub(crate) password: Option<String>,
    /// File of passwords to try on locked files, one a line
    #[arg(long, global = true, value_name = "FILE", env = "VANBAN_PASSWORDS", value_hint = ValueHint::FilePath)]
    pub(crate) passwords: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The forms in which one document is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Everything that was found, as with --json
    Json,
    /// The repaired text
    Text,
    /// HTML with the place of each line and word (hOCR)
    Hocr,
    /// XML with the place of each line and word (ALTO 4)
    Alto,
    /// PDF/A-2b: the pages' pictures, the repaired text unseen under them
    Pdf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read documents into the store; folders are searched through
    #[command(after_help = "\
Files that did not change since the last import are skipped by their digest. A file that cannot
be read is named with the reason, and the rest goes on.

Exit codes: 0 all files stored, 1 some files failed, 2 could not run.")]
    Import(Import),
    /// Read one document and print what was found; nothing is stored
    Read {
        /// The file; `-` for standard input
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// Print the pages in another form instead
        #[arg(long, value_name = "FORM", value_enum)]
        format: Option<Form>,
        /// Where to write it [default: standard output]
        #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
        output: Option<PathBuf>,
    },
    /// Restore diacritics and misread letters of a text, line for line
    Repair {
        /// The text file; `-` for standard input
        #[arg(default_value = "-", value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// Show each edit with its reason instead of the text
        #[arg(long)]
        explain: bool,
    },
    /// Which documents cite this one, with the sentences that do
    WhoCites(WhoCites),
    /// What this document cites
    Cites {
        /// A document number, in any spelling: `1927/KH-UBND`, `1927 kh ubnd`
        key: String,
    },
    /// What lies behind a document, or what follows from it, over several steps
    #[command(after_help = "\
Examples:
  vanban trace 441/KH-THPTLTT              what it rests on, and what that rests on
  vanban trace 30/2020/NĐ-CP --down        what follows from a decree
  vanban trace 441/KH-THPTLTT --to 30/2020/NĐ-CP   the shortest way from one to the other")]
    Trace(Trace),
    /// What rests on a document that was replaced or repealed
    Impact {
        /// Only what rests on this document
        key: Option<String>,
        /// Only documents issued after the end of what they rest on
        #[arg(long)]
        late: bool,
    },
    /// Numbers and dates that look misread, beside what they probably should be; nothing is changed
    Suspects,
    /// What the store holds, in numbers
    Stats,
    /// All that is known of a document
    Show {
        /// A document number, in any spelling
        key: String,
        /// Print the repaired text too
        #[arg(long)]
        text: bool,
    },
    /// The documents in the store
    List(List),
    /// Tasks with their units and deadlines
    Tasks(Tasks),
    /// Search the texts; words without diacritics match both ways of writing
    Search {
        /// Words or a "quoted phrase"
        #[arg(required = true)]
        words: Vec<String>,
        /// Only documents of this type: `Kế hoạch`, `ke hoach`, `KH`
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        #[command(flatten)]
        about: About,
        /// At most this many documents
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// The citation graph, for other programs
    Graph {
        /// The form
        #[arg(long, default_value = "json", value_parser = graph_format())]
        format: Format,
        /// Only what is near this document
        #[arg(long, value_name = "KEY")]
        around: Option<String>,
        /// How many steps away
        #[arg(long, default_value_t = 2, requires = "around")]
        depth: usize,
        /// A picture: short for `--format svg`
        #[arg(long, conflicts_with = "format")]
        svg: bool,
        /// Base of the IRIs of JSON-LD
        #[arg(long, value_name = "IRI", default_value = vanban::export::BASE)]
        base: String,
    },
    /// Tables for spreadsheets, databases and archives
    #[command(after_help = "\
Examples:
  vanban export citations -o citations.parquet       duckdb -c \"from 'citations.parquet' limit 5\"
  vanban export documents --archive tt02 -o metadata.xlsx
  vanban export neo4j -o graph/                      nodes.csv and edges.csv for neo4j-admin import
  vanban export akn 441/KH-THPTLTT -o plan.xml       one document as Akoma Ntoso")]
    Export(Export),
    /// What is installed, what is missing and how to get it
    Doctor,
    /// Learn a language model, or how a scanner breaks letters
    #[command(subcommand)]
    Train(Train),
    /// Measure against annotated documents
    #[command(subcommand)]
    Eval(Eval),
    /// The whole way once, on the documents of this project
    Demo {
        /// Folder with the sample documents
        #[arg(long, default_value = "corpus", value_hint = ValueHint::DirPath)]
        corpus: PathBuf,
    },
    /// The JSON Schema of `read --json`
    Schema,
    /// Shell completions, to standard output
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The child process that opens files
    #[command(hide = true)]
    Worker,
}

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// Header, citations and tasks, against annotated documents
    Parse {
        /// Folder with `gold.jsonl`, one annotated document a line (docs/gold.md), and the texts, `docs/ID.txt`
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        gold: PathBuf,
        /// Read these texts instead, `ID.txt` each: what an OCR program made of the same documents
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        readings: Option<PathBuf>,
        /// Take all marks off the texts first
        #[arg(long)]
        strip_marks: bool,
        /// Figures only, nothing of what was missed: for sets that nobody may look into
        #[arg(long, conflicts_with = "html")]
        summary: bool,
        /// Also write a page that shows each text with what was read marked in it, beside the annotations
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        html: Option<PathBuf>,
    },
    /// Which layer of each PDF page is read, against labels
    Layers {
        /// Folder of PDFs with `labels.tsv`, as corpus/tools/layers.py makes it
        folder: PathBuf,
    },
    /// Repair, against what the paper said
    Repair {
        /// Folders of clean texts: what repair changes in them, and what it makes of them without marks
        #[arg(long, value_name = "DIR", num_args = 1..)]
        clean: Vec<PathBuf>,
        /// Tables of line pairs, the paper's and the reading, parted by a tab
        #[arg(long, value_name = "FILE.tsv", num_args = 1..)]
        pairs: Vec<PathBuf>,
        /// A broken text and the truth; personal names are scored without tones
        #[arg(long, num_args = 2, value_names = ["RAW", "TRUTH"])]
        document: Vec<PathBuf>,
        /// A broken text and the truth in another order (columns): syllables missing before and after
        #[arg(long, num_args = 2, value_names = ["RAW", "TRUTH"])]
        scan: Vec<PathBuf>,
    },
    /// Reading of pictures and scanned PDFs, against what the paper says
    #[command(after_help = "\
The truth of NAME.png, NAME.jpg, NAME.tif or NAME.pdf is NAME.txt or NAME.truth.txt beside it.
Pages are put together in sets by their name up to the last `_`.")]
    Reading(EvalReading),
    /// Numbers and dates on pictures and scanned PDFs, against what the paper says
    #[command(after_help = "\
The truth of NAME.png, NAME.jpg, NAME.tif or NAME.pdf is NAME.numbers.tsv beside it, a line a fact: number, date
or cite; print, italic or hand; the value; a tab between them. Without one the citations of NAME.truth.txt.")]
    Numbers(EvalNumbers),
}

#[derive(Debug, Args)]
pub(crate) struct EvalReading {
    /// Folders and files
    #[arg(required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// Files read at the same time [default: one a core]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Read with tesseract and ocrmypdf too, where they are installed
    #[arg(long)]
    pub(crate) peers: bool,
    /// Data of the OCR engine
    #[arg(long, value_name = "NAME", default_value = "vie")]
    pub(crate) language: String,
    /// Write what was read of each file into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvalNumbers {
    /// Folders and files
    #[arg(required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// Files read at the same time [default: one a core]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Read numbers once only, as without the second reader
    #[arg(long)]
    pub(crate) once: bool,
    /// Read with tesseract too, where it is installed
    #[arg(long)]
    pub(crate) peers: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files and folders
    #[arg(required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// Documents read at the same time [default: one a core]
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Read files again even when the store has them
    #[arg(long)]
    pub(crate) again: bool,
    /// Seconds after which one file is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) timeout: u64,
}

/// Which documents are meant, besides their type.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct About {
    /// Only documents whose issuer contains these words
    #[arg(long)]
    pub(crate) issuer: Option<String>,
    /// Only documents from this province: `Hồ Chí Minh`, `lao cai`
    #[arg(long)]
    pub(crate) place: Option<String>,
    /// Only documents issued on or after this day
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<Date>,
    /// Only documents issued on or before this day
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<Date>,
}

#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// A document number, in any spelling
    pub(crate) key: String,
    /// What follows from it (who cites it) instead of what it rests on
    #[arg(long, conflicts_with = "to")]
    pub(crate) down: bool,
    /// How many steps
    #[arg(long, default_value_t = 3)]
    pub(crate) depth: u32,
    /// The shortest chain of citations up to this document
    #[arg(long, value_name = "KEY")]
    pub(crate) to: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct WhoCites {
    /// A document number, in any spelling: `1927/KH-UBND`, `1927 kh ubnd`, `2417/KH-SGDDT`
    pub(crate) key: String,
    /// Only this relation: based_on, implements, amends …
    #[arg(long)]
    pub(crate) relation: Option<String>,
    /// Only documents of this type: `Kế hoạch`, `ke hoach`, `KH`
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    #[command(flatten)]
    pub(crate) about: About,
    /// At most this many citations, the newest documents first [default: all]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only documents of this type: `Kế hoạch`, `ke hoach`, `KH`
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    #[command(flatten)]
    pub(crate) about: About,
    /// Documents that are cited but not in the store, the most cited first
    #[arg(long)]
    pub(crate) wanted: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// What to write
    #[arg(value_parser = exported())]
    pub(crate) what: String,
    /// The document, for akn
    pub(crate) key: Option<String>,
    /// The file, or the folder for neo4j; without it CSV or XML goes to standard output
    #[arg(long, short, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) output: Option<PathBuf>,
    /// The form of a table [default: told from the file's ending, else csv]
    #[arg(long, value_parser = table_format())]
    pub(crate) format: Option<TableFormat>,
    /// The documents in the fields that an archive asks for
    #[arg(long, value_name = "RULES", value_parser = profile())]
    pub(crate) archive: Option<Profile>,
    /// Base of the IRIs of akn
    #[arg(long, value_name = "IRI", default_value = vanban::export::BASE)]
    pub(crate) base: String,
}

#[derive(Debug, Args)]
pub(crate) struct Tasks {
    /// Only tasks of units whose name contains these words
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// Only tasks of this document
    #[arg(long, value_name = "KEY")]
    pub(crate) document: Option<String>,
    /// Only tasks due on or before this day
    #[arg(long, value_name = "DATE")]
    pub(crate) due_by: Option<Date>,
    /// Only tasks due before this day (`--overdue 2025-01-01`)
    #[arg(long, value_name = "DATE")]
    pub(crate) overdue: Option<Date>,
    /// Print a calendar (iCalendar) instead of a table
    #[arg(long, conflicts_with = "json")]
    pub(crate) ics: bool,
}

/// What to learn.
#[derive(Debug, Subcommand)]
pub(crate) enum Train {
    /// Learn a language model from text
    #[command(after_help = "\
Examples:
  vanban train model laws.txt.zst letters.txt -o ours.model
  vanban repair broken.txt --model ours.model")]
    Model(TrainModel),
    /// Learn how a scanner and its OCR break letters, from pairs of lines
    #[command(after_help = "\
A pair is a line of a table: what the paper says, a tab, what the OCR read. Pairs whose lines are
not alike are left out. A few thousand pairs from one scanner are enough; take pages that you do
not measure with.

Examples:
  vanban train channel pairs.tsv --name english -o channel.tsv
  vanban repair broken.txt --channel channel.tsv
  vanban eval repair --pairs other-pages.tsv --channel channel.tsv   is it better than the built-in?")]
    Channel(TrainChannel),
}

#[derive(Debug, Args)]
pub(crate) struct TrainChannel {
    /// Tables of line pairs, the paper's and the reading, parted by a tab
    #[arg(required = true, value_name = "PAIRS.tsv", value_hint = ValueHint::FilePath)]
    pub(crate) pairs: Vec<PathBuf>,
    /// Which built-in channel it takes the place of: OCR by a model for English or for Vietnamese
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(LEARNT.map(|(name, _)| name)))]
    pub(crate) name: String,
    /// Where to write the table; other channels in it are kept
    #[arg(long, short, value_name = "FILE", default_value = "channel.tsv", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct TrainModel {
    /// Texts to learn from, one paragraph a line; `.zst` is unpacked
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    pub(crate) corpora: Vec<PathBuf>,
    /// Counts of words of other text, `word<TAB>count`, for what official prose lacks
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) unigrams: Option<PathBuf>,
    /// Counts of pairs of words of other text, `word<TAB>word<TAB>count`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) bigrams: Option<PathBuf>,
    /// Most n-grams to keep; a model takes about five bytes for each
    #[arg(long, value_name = "N")]
    pub(crate) max_grams: Option<usize>,
    /// Where to write the model
    #[arg(long, short, default_value = "vanban.model", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
}

/// Reads what `export` is to write; `--help` lists it all.
fn exported() -> PossibleValuesParser {
    let tables = TableName::ALL.iter().map(|(name, _, about)| PossibleValue::new(name).help(about));
    let others = [
        PossibleValue::new("neo4j").help("Nodes and relationships, two files in a folder"),
        PossibleValue::new("akn").help("One document as Akoma Ntoso XML"),
    ];
    PossibleValuesParser::new(tables.chain(others).collect::<Vec<_>>())
}

/// Reads the name of a form of a table.
fn table_format() -> impl TypedValueParser<Value = TableFormat> {
    let values = TableFormat::ALL.map(|(name, _, about)| PossibleValue::new(name).help(about));
    PossibleValuesParser::new(values)
        .try_map(|name| TableFormat::from_name(&name).ok_or_else(|| format!("no form `{name}`")))
}

/// Reads the name of an archive's rules.
fn profile() -> impl TypedValueParser<Value = Profile> {
    let values = Profile::ALL.map(|(name, _, about)| PossibleValue::new(name).help(about));
    PossibleValuesParser::new(values)
        .try_map(|name| Profile::from_name(&name).ok_or_else(|| format!("no rules `{name}`")))
}

/// Reads the name of a form of the graph; `--help` lists them all.
fn graph_format() -> impl TypedValueParser<Value = Format> {
    let values = Format::ALL.map(|(name, _, about)| PossibleValue::new(name).help(about));
    PossibleValuesParser::new(values)
        .try_map(|name| Format::from_name(&name).ok_or_else(|| format!("no form `{name}`")))
}
