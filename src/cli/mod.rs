//! The program: from arguments to an exit code. One function a subcommand; only this part of the
//! program reads the clock or the environment, and prints.

mod args;
mod demo;
mod doctor;
mod eval;
mod export;
mod import;
mod numbers;
mod output;
mod pages;
mod query;
mod read;
mod reading;
mod show;
mod trace;
mod train;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Arguments, Command, Global};
use output::{BAD, complain, paint};
use vanban::{Error, Result, model::Model};

/// All well.
const DONE: u8 = 0;
/// Some files failed, or nothing was found.
const PARTLY: u8 = 1;
/// Could not run.
const STOPPED: u8 = 2;

/// Reads the command line and runs what it says.
pub(crate) fn main() -> ExitCode {
    // One is started for each document read: it need not wait for the table of all commands.
    if std::env::args_os().skip(1).eq(["worker"]) {
        vanban::worker::serve();
        return ExitCode::from(DONE);
    }
    let arguments = Arguments::parse();
    output::set_color(arguments.global.color);
    match run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain(&format!("{} {error}", paint(BAD, "error:")));
            ExitCode::from(STOPPED)
        }
    }
}

/// How workers read: what is common to every command.
fn worker_options(global: &Global) -> Result<vanban::worker::Options> {
    let mut passwords: Vec<String> = global.password.iter().cloned().collect();
    if let Some(path) = &global.passwords {
        let lines = std::fs::read_to_string(path).map_err(Error::io(path))?;
        passwords.extend(lines.lines().filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(vanban::worker::Options { passwords, ..Default::default() })
}

fn run(arguments: Arguments) -> Result<u8> {
    let global = &arguments.global;
    match arguments.command {
        Command::Import(options) => import::import(global, &options),
        Command::Read { file, format, output } => pages::read(global, &file, format, output.as_deref()),
        Command::Repair { file, explain } => read::repair(global, &file, explain),
        Command::WhoCites(question) => query::who_cites(global, &question),
        Command::Cites { key } => query::cites(global, &key),
        Command::Trace(question) => trace::trace(global, &question),
        Command::Impact { key, late } => trace::impact(global, key.as_deref(), late),
        Command::Suspects => trace::suspects(global),
        Command::Stats => trace::stats(global),
        Command::Show { key, text } => query::show(global, &key, text),
        Command::List(filter) => query::list(global, &filter),
        Command::Tasks(filter) => query::tasks(global, &filter),
        Command::Search { words, kind, about, limit } => query::search(global, &words, kind, &about, limit),
        Command::Graph { format, around, depth, svg, base } => {
            let format = if svg { vanban::export::Format::Svg } else { format };
            query::graph(global, format, around.as_deref(), depth, &base)
        }
        Command::Export(options) => export::export(global, &options),
        Command::Doctor => doctor::doctor(global),
        Command::Train(options) => train::train(&options),
        Command::Eval(what) => eval::eval(global, &what),
        Command::Demo { corpus } => demo::demo(global, &corpus),
        Command::Schema => print(&schemars::schema_for!(vanban::record::Record)),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "vanban", &mut script);
            said(output::emit(&String::from_utf8_lossy(&script)))
        }
        Command::Worker => {
            vanban::worker::serve();
            Ok(DONE)
        }
    }
}

/// The model and the channels that were asked for, or those built in.
fn load_model(global: &Global) -> Result<&'static Model> {
    match (global.model.as_deref(), global.channel.as_deref()) {
        (None, None) => Ok(Model::builtin()),
        // It is used to the end of the run.
        (model, channel) => Model::load(model, channel).map(|model| &*Box::leak(Box::new(model))),
    }
}

/// Prints `value` as JSON.
fn print(value: &impl serde::Serialize) -> Result<u8> {
    said(output::emit_json(value))
}

/// All was said, or standard output is gone.
fn said(written: std::io::Result<()>) -> Result<u8> {
    written.map(|()| DONE).map_err(Error::io("standard output"))
}
