//! The process that opens outside bytes, and the handle that its parent holds.
//!
//! A document can crash a decoder, hang it or make it ask for all memory. So files are read by a
//! child: the program itself, started again. Whatever happens to the child is one failed document
//! ([`Error::Worker`]), and the next file gets a new child. The two talk over the child's standard
//! input and output: the parent sends its options as one JSON line, then for each file a line that
//! says what follows and how long it is, and those bytes; the child answers with one JSON line for
//! each document in the file, and one that says that there are no more.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

use crate::document::{Document, Layout, Limits, PagePicture, Picture, Recognise};
use crate::error::{Error, Result};
use crate::ingest::{self, Member, too_large};
use crate::ocr;

/// How a worker reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Options {
    /// What is allowed in.
    pub limits: Limits,
    /// Language of the OCR engine.
    pub language: String,
    /// Whether numbers and dates on page pictures are read once only, not again by other means.
    #[serde(default)]
    pub once: bool,
    /// Longest time for one file, by the clock. The child may use as much processor time.
    pub timeout: Duration,
    /// Most memory of the child, in bytes of address space.
    pub memory: u64,
    /// Passwords to try on locked files. They go to the child over its standard input, where no list
    /// of processes shows them.
    pub passwords: Vec<String>,
    /// The program that calls [`serve`] when it is given the argument `worker`; none for the
    /// running one.
    #[serde(skip)]
    pub program: Option<PathBuf>,
}

impl Default for Options {
    /// The default limits, Vietnamese, 10 minutes a file, 4 GiB, and the running program.
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            language: "vie".into(),
            once: false,
            timeout: Duration::from_secs(600),
            memory: 4 << 30,
            passwords: Vec::new(),
            program: None,
        }
    }
}

/// What the parent asks for; as many bytes as `length` says follow the line.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    /// The bytes are the path of a file.
    Path { length: usize },
    /// The bytes are the file.
    Bytes { length: usize },
    /// The bytes are the file, of which the pictures of its pages are wanted.
    Pictures { length: usize },
}

/// What the child answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Response {
    /// A document in the file, by its name in it.
    Document { member: String, document: Box<Document> },
    /// One that could not be read.
    Failure { member: String, failure: Failure },
    /// What one of its pages looks like.
    Picture(Box<PagePicture>),
    /// No more documents are in the file.
    End,
}

/// An [`Error`] on its way from child to parent. The kinds that a caller acts upon keep their
/// kind; the others are their message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Failure {
    Io { code: i32 },
    NoOcr { reason: String },
    Encrypted { tried: usize },
    Worker { reason: String },
    Other { message: String },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { source, .. } if source.raw_os_error().is_some() => {
                Self::Io { code: source.raw_os_error().unwrap_or_default() }
            }
            Error::NoOcr(reason) => Self::NoOcr { reason },
            Error::Encrypted { tried } => Self::Encrypted { tried },
            Error::Worker(reason) => Self::Worker { reason },
            error => Self::Other { message: error.to_string() },
        }
    }
}

impl Failure {
    fn into_error(self, path: &Path) -> Error {
        match self {
            Self::Io { code } => Error::io(path)(std::io::Error::from_raw_os_error(code)),
            Self::NoOcr { reason } => Error::NoOcr(reason),
            Self::Encrypted { tried } => Error::Encrypted { tried },
            Self::Worker { reason } => Error::Worker(reason),
            Self::Other { message } => Error::Reader(message),
        }
    }
}

/// A child process that reads documents. It is started again after a crash.
#[derive(Debug)]
pub struct Worker {
    options: Options,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    input: ChildStdin,
    answers: Receiver<std::io::Result<String>>,
}

impl Worker {
    /// Starts a worker.
    pub fn spawn(options: Options) -> Result<Self> {
        let mut worker = Self { options, running: None };
        worker.running = Some(worker.start()?);
        Ok(worker)
    }

    /// Reads a file that is one document.
    pub fn read(&mut self, path: &Path) -> Result<Document> {
        only(|each| self.read_each(path, each))
    }

    /// Reads one document that is in memory already.
    pub fn read_bytes(&mut self, bytes: &[u8]) -> Result<Document> {
        only(|each| self.read_bytes_each(bytes, each))
    }

    /// Reads a file and hands on each document in it, as it is read: one for most kinds of files, the
    /// members of an archive, a mail and what is attached to it.
    pub fn read_each(&mut self, path: &Path, each: &mut dyn FnMut(Member)) {
        let name = path.as_os_str().as_bytes();
        self.ask(Request::Path { length: name.len() }, name, path, each);
    }

    /// [`Worker::read_each`] for a file that is in memory already.
    pub fn read_bytes_each(&mut self, bytes: &[u8], each: &mut dyn FnMut(Member)) {
        if bytes.len() as u64 > self.options.limits.file_bytes {
            let error = too_large("file", bytes.len() as u64, self.options.limits.file_bytes);
            return each(Member { path: String::new(), document: Err(error) });
        }
        self.ask(Request::Bytes { length: bytes.len() }, bytes, Path::new("-"), each);
    }

    /// The most memory that the running child has held so far, in bytes, where the system tells.
    pub fn peak_memory(&self) -> Option<u64> {
        let child = self.running.as_ref()?.child.id();
        let status = std::fs::read_to_string(format!("/proc/{child}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }

    /// What the pages of a file look like, in order.
    pub fn pictures(&mut self, bytes: &[u8]) -> Result<Vec<PagePicture>> {
        let mut pictures = Vec::new();
        let mut failed = None;
        let path = Path::new("-");
        let request = Request::Pictures { length: bytes.len() };
        let mut each = |member: Member| failed = member.document.err();
        self.converse(request, bytes, path, &mut each, &mut |picture| pictures.push(picture))?;
        failed.map_or(Ok(pictures), Err)
    }

    fn start(&self) -> Result<Running> {
        let broken = |error: &dyn std::fmt::Display| Error::Worker(format!("cannot be started: {error}"));
        let program = match &self.options.program {
            Some(program) => program.clone(),
            None => std::env::current_exe().map_err(|error| broken(&error))?,
        };
        let mut child = Command::new(program)
            .arg("worker")
            // Read by the OpenMP runtime before `main`: setting it in the child is too late.
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // The engine and its picture library chatter there.
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| broken(&error))?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(broken(&"it has no standard input or output"));
        };
        let (sender, answers) = channel();
        std::thread::Builder::new()
            .name("worker answers".into())
            .spawn(move || {
                for line in BufReader::new(output).lines() {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            })
            .map_err(|error| broken(&error))?;
        // A child that dies at once shows itself at the first request.
        let _ = write_line(&mut input, &self.options);
        Ok(Running { child, input, answers })
    }

    fn ask(&mut self, request: Request, bytes: &[u8], path: &Path, each: &mut dyn FnMut(Member)) {
        if let Err(error) = self.converse(request, bytes, path, each, &mut |_| {}) {
            each(Member { path: String::new(), document: Err(error) });
        }
    }

    /// An error is one that ended the conversation.
    fn converse(
        &mut self,
        request: Request,
        bytes: &[u8],
        path: &Path,
        each: &mut dyn FnMut(Member),
        show: &mut dyn FnMut(PagePicture),
    ) -> Result<()> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.start()?,
        };
        // If the child is gone, writing fails and so does waiting for the answer, which tells why.
        let _ = write_line(&mut running.input, &request).and_then(|()| running.input.write_all(bytes));
        let _ = running.input.flush();
        let reason = loop {
            match running.answers.recv_timeout(self.options.timeout) {
                Ok(Ok(line)) => match serde_json::from_str(&line) {
                    Ok(Response::Document { member, document }) => {
                        each(Member { path: member, document: Ok(*document) });
                    }
                    Ok(Response::Failure { member, failure }) => {
                        each(Member { path: member, document: Err(failure.into_error(path)) });
                    }
                    Ok(Response::Picture(picture)) => show(*picture),
                    Ok(Response::End) => {
                        self.running = Some(running);
                        return Ok(());
                    }
                    Err(error) => break format!("gave an answer that cannot be read: {error}"),
                },
                Err(RecvTimeoutError::Timeout) => {
                    break format!("took longer than {} s", self.options.timeout.as_secs_f32());
                }
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                    break running.child.wait().map_or_else(|error| error.to_string(), ending);
                }
            }
        };
        drop(running);
        Err(Error::Worker(reason))
    }
}

/// The one document that `read` hands on.
fn only(read: impl FnOnce(&mut dyn FnMut(Member))) -> Result<Document> {
    let mut members = Vec::new();
    read(&mut |member| members.push(member));
    let count = members.len();
    match (members.pop(), count) {
        (Some(member), 1) => member.document,
        (None, _) => Err(Error::NotADocument("nothing in it can be read".into())),
        _ => Err(Error::NotADocument(format!("a file with {count} documents in it"))),
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if the child is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a child ended that should not have.
fn ending(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(6), _) => "crashed (signal 6), perhaps for want of memory".into(),
        (Some(24), _) => "used up its processor time".into(),
        (Some(signal), _) => format!("crashed (signal {signal})"),
        (None, code) => format!("ended early (exit code {})", code.unwrap_or_default()),
    }
}

fn write_line(to: &mut impl Write, value: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

/// The child's main loop: answers the requests on standard input until there are no more.
///
/// Sets limits on this process: call it from a process that does nothing else.
pub fn serve() {
    // An error here means that the parent is gone: there is nobody to tell.
    let _ = answer_all(std::io::stdin().lock(), std::io::stdout().lock());
}

fn answer_all(mut input: impl BufRead, mut output: impl Write) -> std::io::Result<()> {
    let Some(options) = read_line::<Options>(&mut input)? else { return Ok(()) };
    limit(Resource::As, options.memory);
    limit(Resource::Core, 0);
    let passwords = options.passwords.clone();
    let mut reader = LazyOcr { language: options.language.clone(), passwords, once: options.once, engine: None };
    // A panic is an answer, not a message on a terminal.
    std::panic::set_hook(Box::new(|_| {}));
    while let Some(request) = read_line::<Request>(&mut input)? {
        allow_time(options.timeout);
        let (Request::Path { length } | Request::Bytes { length } | Request::Pictures { length }) = request;
        let mut bytes = vec![0; length];
        input.read_exact(&mut bytes)?;
        let mut written = Ok(());
        if let Request::Pictures { .. } = request {
            pictures(&bytes, &options, &mut output)?;
            continue;
        }
        let mut give = |Member { path: member, document }| {
            let response = match document {
                Ok(document) => Response::Document { member, document: Box::new(document) },
                Err(error) => Response::Failure { member, failure: error.into() },
            };
            if written.is_ok() {
                written = write_line(&mut output, &response);
            }
            // The next document in the file has its own time.
            allow_time(options.timeout);
        };
        let whole = |document| Member { path: String::new(), document };
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let bytes = match request {
                Request::Path { .. } => read_path(&PathBuf::from(OsString::from_vec(bytes)), &options.limits),
                Request::Bytes { .. } | Request::Pictures { .. } => Ok(bytes),
            };
            match bytes {
                Ok(bytes) => ingest::read_each(&bytes, &options.limits, &mut reader, &mut give),
                Err(error) => give(whole(Err(error))),
            }
        }));
        if let Err(panic) = done {
            give(whole(Err(Error::Worker(format!("panicked: {}", message(panic.as_ref()))))));
            // What the engine was doing is unknown.
            reader.engine = None;
        }
        written?;
        write_line(&mut output, &Response::End)?;
    }
    Ok(())
}

/// Answers with the pictures of a file's pages.
fn pictures(bytes: &[u8], options: &Options, output: &mut impl Write) -> std::io::Result<()> {
    let mut written = Ok(());
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        ingest::pictures(bytes, &options.limits, &options.passwords, &mut |picture| {
            if written.is_ok() {
                written = write_line(output, &Response::Picture(Box::new(picture)));
            }
        })
    }));
    written?;
    let done = done.unwrap_or_else(|panic| Err(Error::Worker(format!("panicked: {}", message(panic.as_ref())))));
    if let Err(error) = done {
        write_line(output, &Response::Failure { member: String::new(), failure: error.into() })?;
    }
    write_line(output, &Response::End)
}

fn read_line<T: for<'de> Deserialize<'de>>(input: &mut impl BufRead) -> std::io::Result<Option<T>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&line)?))
}

/// The bytes of a file, its kind and size checked first.
fn read_path(path: &Path, limits: &Limits) -> Result<Vec<u8>> {
    let about = std::fs::metadata(path).map_err(Error::io(path))?;
    if about.is_dir() {
        return Err(Error::NotADocument("a folder".into()));
    }
    // Opening a pipe would wait for its other end.
    if !about.is_file() {
        return Err(Error::NotADocument("neither a file nor a folder".into()));
    }
    if about.len() > limits.file_bytes {
        return Err(too_large("file", about.len(), limits.file_bytes));
    }
    let mut bytes = Vec::with_capacity(about.len() as usize);
    // The file may grow while it is read.
    let file = File::open(path).map_err(Error::io(path))?;
    file.take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(Error::io(path))?;
    Ok(bytes)
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").lines().next().unwrap_or_default().to_owned()
}

/// Lowers a limit of this process. Where the system refuses, the parent's clock still holds.
fn limit(resource: Resource, most: u64) {
    let most = getrlimit(resource).maximum.map_or(most, |hard| most.min(hard));
    let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
}

/// Allows as much processor time from now on as the clock allows, for the case that the parent
/// is gone and nobody looks at the clock.
fn allow_time(timeout: Duration) {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime).tv_sec.max(0) as u64;
    let maximum = getrlimit(Resource::Cpu).maximum;
    let most = used.saturating_add(timeout.as_secs()).saturating_add(2);
    let current = maximum.map_or(most, |hard| most.min(hard));
    let _ = setrlimit(Resource::Cpu, Rlimit { current: Some(current), maximum });
}

/// An OCR engine that is loaded when the first page needs it.
struct LazyOcr {
    language: String,
    once: bool,
    passwords: Vec<String>,
    engine: Option<ocr::Engine>,
}

impl Recognise for LazyOcr {
    fn recognise(&mut self, picture: &Picture) -> Result<Layout> {
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => ocr::Engine::new(&self.language)?.once(self.once),
        };
        self.engine.insert(engine).recognise(picture)
    }

    fn passwords(&self) -> &[String] {
        &self.passwords
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_keep_message_and_kind_on_the_way() {
        let errors = [
            Error::io("a.pdf")(std::io::Error::from_raw_os_error(2)),
            Error::NoOcr("none".into()),
            Error::Encrypted { tried: 0 },
            Error::Worker("panicked: x".into()),
            Error::Unsupported("DOCX"),
            Error::Damaged { format: "PDF", reason: "it has no pages".into() },
            too_large("file", 3, 2),
        ];
        for error in errors {
            let (before, kind) = (error.to_string(), std::mem::discriminant(&error));
            let sent =
                serde_json::to_string(&Response::Failure { member: String::new(), failure: error.into() }).unwrap();
            assert!(!sent.contains('\n'));
            let Ok(Response::Failure { failure, .. }) = serde_json::from_str(&sent) else { panic!("{sent}") };
            let after = failure.into_error(Path::new("a.pdf"));
            assert_eq!(after.to_string(), before);
            assert!(matches!(after, Error::Reader(_)) || std::mem::discriminant(&after) == kind);
        }
    }

    #[test]
    fn a_worker_can_be_handed_to_another_thread() {
        fn is_send<T: Send>() {}
        is_send::<Worker>();
    }
}
