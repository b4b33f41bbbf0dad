//! Opening a store: is this file one, of a version that we know, and may we write?

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Error, Result};
use crate::resolve::RULES_VERSION;

use super::Store;

/// Marks the file as ours in its header ("vbdb"), so that `file` and we can tell.
const APPLICATION_ID: i32 = 0x7662_6462;

/// The schema of a new store.
const SCHEMA: &str = include_str!("schema.sql");

/// Each entry brings a store to the next version; the first, one of version 1.
const MIGRATIONS: [&str; 2] = [include_str!("migrations/2.sql"), include_str!("migrations/3.sql")];

/// The version of [`SCHEMA`].
const VERSION: usize = 1 + MIGRATIONS.len();

/// How long to wait for another program that is writing.
const BUSY: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the store at `path` for reading and writing, and makes it if there is none.
    ///
    /// Fails with a one-line reason if the file is no store, is of a newer version, may not be
    /// written, or is being changed by another program for longer than ten seconds.
    pub fn open(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(|error| explain(path, &error))?;
        prepare_connection(&connection).map_err(|error| explain(path, &error))?;
        if let Ok(true) = connection.is_readonly("main") {
            return Err(store_error(path, "the file may not be written; use it read-only or change its permissions"));
        }
        let version = version(&connection, path)?;
        // The page size holds for a new file only; larger pages suit compressed texts.
        if version == 0 {
            connection.execute_batch("PRAGMA page_size = 8192").map_err(|error| explain(path, &error))?;
        }
        connection.execute_batch("PRAGMA journal_mode = WAL").map_err(|error| explain(path, &error))?;
        if version < VERSION {
            migrate(&mut connection).map_err(|error| explain(path, &error))?;
        }
        Ok(Self { connection, read_only: false })
    }

    /// Opens an existing store for reading only.
    pub fn open_read_only(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(store_error(path, "there is no such store; import some documents first"));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| explain(path, &error))?;
        prepare_connection(&connection).map_err(|error| explain(path, &error))?;
        let version = version(&connection, path)?;
        if version == 0 {
            return Err(store_error(path, "the file is empty; import some documents first"));
        }
        if version < VERSION {
            return Err(store_error(path, "made by an older version; any command that writes brings it up to date"));
        }
        Ok(Self { connection, read_only: true })
    }

    /// Opens an existing store to ask it something: read-only, unless a killed import left parts of
    /// the graph undone and the file may be written; then they are done first.
    pub fn open_to_query(path: &Path) -> Result<Self> {
        let outdated = match Self::open_read_only(path) {
            Ok(store) => store.is_dirty()?,
            Err(_) if path.exists() => true,
            Err(error) => return Err(error),
        };
        if outdated && let Ok(mut store) = Self::open(path) {
            // Another program that is importing just now will resolve what it put in.
            store.connection.busy_timeout(Duration::from_millis(200))?;
            let _ = store.resolve();
        }
        Self::open_read_only(path)
    }

    /// Whether the store was opened for reading only.
    pub const fn is_read_only(&self) -> bool {
        self.read_only
    }
}

fn prepare_connection(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Without it every run of a cached statement with other values is compiled anew.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // With WAL, NORMAL loses nothing when a process dies; a power cut may lose the last documents
    // but never the file.
    connection.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; \
         PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 1073741824; PRAGMA trusted_schema = OFF;",
    )
}

/// The version of the schema; 0 for a new file. Refuses what is not ours.
fn version(connection: &Connection, path: &Path) -> Result<usize> {
    let number = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let read = || -> rusqlite::Result<(i64, i64, i64)> {
        Ok((
            number("PRAGMA application_id")?,
            number("PRAGMA user_version")?,
            number("SELECT count(*) FROM sqlite_schema")?,
        ))
    };
    let (application, version, objects) = read().map_err(|error| explain(path, &error))?;
    if objects == 0 && application == 0 {
        return Ok(0);
    }
    if application != i64::from(APPLICATION_ID) {
        return Err(store_error(path, "an SQLite database, but not a vanban store"));
    }
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > VERSION {
        let reason = format!(
            "made by a newer version of vanban (schema {version}, this one knows {VERSION}); update the program"
        );
        return Err(store_error(path, &reason));
    }
    Ok(version)
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another program may have done it while this one waited.
    let current: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match usize::try_from(current).unwrap_or(VERSION).checked_sub(1) {
        None => transaction.execute_batch(SCHEMA)?,
        Some(done) => MIGRATIONS.iter().skip(done).try_for_each(|step| transaction.execute_batch(step))?,
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION as u32)?;
    if current == 0 {
        transaction.execute("INSERT INTO meta (name, value) VALUES ('rules', ?1)", [RULES_VERSION])?;
    }
    transaction.commit()
}

fn store_error(path: &Path, reason: &str) -> Error {
    Error::Store(format!("{}: {reason}", path.display()))
}

/// What an error of `SQLite` means to a person who is opening this file.
fn explain(path: &Path, error: &rusqlite::Error) -> Error {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "not a vanban store".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program is writing to it; try again when it has finished".to_owned()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "the file may not be written".to_owned(),
        Some(ErrorCode::CannotOpen) => match std::fs::metadata(path) {
            Ok(data) if data.is_dir() => "a folder, not a store".to_owned(),
            Ok(_) => "may not be opened; see its permissions".to_owned(),
            Err(_) if path.parent().is_some_and(|parent| !parent.as_os_str().is_empty() && !parent.exists()) => {
                "its folder does not exist".to_owned()
            }
            Err(reason) => format!("may not be opened: {reason}"),
        },
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => "damaged; restore it from a copy, or import the documents again".to_owned(),
        _ => error.to_string(),
    };
    store_error(path, &reason)
}

/// Removes the store at `path` with the files that `SQLite` keeps beside it. What is not there is
/// no error.
pub fn remove(path: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::io(name)(error)),
            _ => {}
        }
    }
    Ok(())
}
