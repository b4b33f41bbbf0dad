//! Who has to do what by when?

use jiff::civil::Date;
use rusqlite::params;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::resolve::issuer;

use super::Store;
use super::answer::{BRIEF, BRIEF_COLUMNS, DocumentBrief, brief};

/// What a unit does in a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Responsible (chủ trì).
    Lead,
    /// Takes part (phối hợp).
    Coordinate,
}

/// Which tasks to list. Nothing set: all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaskFilter {
    /// Words of a unit's name, in any spelling.
    pub unit: Option<String>,
    /// Only where the unit has this role.
    pub role: Option<Role>,
    /// Only of the documents that these words mean.
    pub document: Option<String>,
    /// Due on this day or later.
    #[schemars(with = "Option<String>")]
    pub from: Option<Date>,
    /// Due on this day or earlier.
    #[schemars(with = "Option<String>")]
    pub to: Option<Date>,
    /// Only what is overdue on this day.
    #[schemars(with = "Option<String>")]
    pub overdue_on: Option<Date>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// One task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskRow {
    /// The document that asks for it.
    pub document: DocumentBrief,
    /// Its place in that document, from 0.
    pub ordinal: u32,
    /// What is to be done.
    pub text: String,
    /// Who is responsible, and who takes part.
    pub units: Vec<UnitRow>,
    /// The deadline's words.
    pub deadline: Option<String>,
    /// before, interval, recurring or event.
    pub kind: Option<String>,
    /// First day, ISO 8601.
    pub start: Option<String>,
    /// Last day, ISO 8601.
    pub end: Option<String>,
    /// Whether the last day itself still counts.
    pub inclusive: Option<bool>,
    /// Said to be a plan only ("dự kiến").
    pub tentative: bool,
    /// RFC 5545 rule of a recurring deadline.
    pub recurrence: Option<String>,
    /// Page, from 1.
    pub page: u32,
    /// 0 to 1.
    pub confidence: f64,
}

/// One unit of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitRow {
    /// Its name as printed.
    pub name: String,
    /// What it does.
    pub role: Role,
}

impl Store {
    /// The tasks that `filter` admits, the first due first, those without a day last.
    pub fn tasks(&self, filter: &TaskFilter) -> Result<Vec<TaskRow>> {
        let nodes: Option<String> = match &filter.document {
            None => None,
            Some(words) => {
                let ids: Vec<String> =
                    self.find(words)?.candidates.iter().map(|candidate| candidate.id.to_string()).collect();
                Some(format!("[{}]", ids.join(",")))
            }
        };
        let role = filter.role.map(|role| if role == Role::Lead { "lead" } else { "coordinate" });
        let unit = filter.unit.as_deref().map(issuer::normal);
        // The names that fit are found among the distinct ones, which are few.
        let by_unit = if unit.is_some() {
            "t.id IN (SELECT tu.task FROM task_unit tu WHERE tu.unit IN \
             (SELECT id FROM unit WHERE instr(folded, ?1) > 0) AND (?2 IS NULL OR tu.role = ?2))"
        } else {
            "?1 IS NULL AND (?2 IS NULL OR EXISTS (SELECT 1 FROM task_unit tu WHERE tu.task = t.id AND tu.role = ?2))"
        };
        let sql = format!(
            "SELECT {BRIEF}, t.id, t.ordinal, t.text, t.deadline, t.kind, t.due_start, t.due_end, t.inclusive, \
             coalesce(t.tentative, 0), t.recurrence, t.page, t.confidence \
             FROM task t JOIN document d ON d.id = t.document LEFT JOIN holding h ON h.document = d.id \
             LEFT JOIN node n ON n.id = h.node \
             WHERE {by_unit} AND (?3 IS NULL OR h.node IN (SELECT value FROM json_each(?3))) \
             AND (?4 IS NULL OR t.due_end >= ?4) AND (?5 IS NULL OR t.due_end <= ?5) \
             AND (?6 IS NULL OR t.kind IN ('before', 'interval') AND (t.due_end < ?6 OR t.due_end = ?6 AND NOT t.inclusive)) \
             ORDER BY t.due_end IS NULL, t.due_end, d.date, d.digest, t.ordinal LIMIT ?7"
        );
        let day = |date: Option<Date>| date.map(|date| date.to_string());
        let limit = filter.limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(-1);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let values = params![unit, role, nodes, day(filter.from), day(filter.to), day(filter.overdue_on), limit];
        let mut found = statement.query(values)?;
        let mut tasks = Vec::new();
        while let Some(row) = found.next()? {
            let at = BRIEF_COLUMNS;
            let id: i64 = row.get(at)?;
            tasks.push(TaskRow {
                document: brief(row)?,
                ordinal: row.get(at + 1)?,
                text: row.get(at + 2)?,
                units: self.units(id)?,
                deadline: row.get(at + 3)?,
                kind: row.get(at + 4)?,
                start: row.get(at + 5)?,
                end: row.get(at + 6)?,
                inclusive: row.get(at + 7)?,
                tentative: row.get(at + 8)?,
                recurrence: row.get(at + 9)?,
                page: row.get(at + 10)?,
                confidence: row.get(at + 11)?,
            });
        }
        Ok(tasks)
    }

    fn units(&self, task: i64) -> Result<Vec<UnitRow>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT u.name, tu.role FROM task_unit tu JOIN unit u ON u.id = tu.unit WHERE tu.task = ?1 ORDER BY tu.ordinal",
        )?;
        let rows = statement.query_map([task], |row| {
            let role: String = row.get(1)?;
            Ok(UnitRow { name: row.get(0)?, role: if role == "lead" { Role::Lead } else { Role::Coordinate } })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
