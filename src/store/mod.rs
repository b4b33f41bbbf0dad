//! One `SQLite` file with everything that was read, and the graph concluded from it.
//!
//! The only module that knows SQL. It is handed [`Record`](crate::record::Record)s and gives plain
//! structures back; what a document says is written once, in one transaction a document, and the
//! graph is made from those rows by [`resolve`](crate::resolve), block by block, so that a killed
//! run loses nothing and the next one heals it. Tables and views are explained in docs/schema.md.

mod answer;
mod claims;
mod compress;
mod filter;
mod find;
mod graph;
mod open;
mod prepare;
mod put;
mod query;
mod reach;
mod search;
mod tables;
mod tasks;
mod view;

use rusqlite::Connection;

pub use answer::{
    Citation, Citer, Citers, Cites, CitesRow, DocumentBrief, Evidence, NodeBrief, Rival, Shown, ShownFile, Wanted,
};
pub use filter::{CiteFilter, ListFilter};
pub use find::{Asked, Candidate};
pub use graph::Resolved;
pub use open::remove;
pub use put::{Batch, Put};
pub use reach::{Direction, Impact, Path, Reached, Step};
pub use search::{Hit, SearchFilter};
pub use tables::{Cells, Column, Table, TableName};
pub use tasks::{Role, TaskFilter, TaskRow, UnitRow};
pub use view::{GraphEdge, GraphView, Statistics};

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    read_only: bool,
}
