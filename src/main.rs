//! A stand-in until the command line exists: the worker only.

fn main() {
    if std::env::args().nth(1).as_deref() == Some("worker") {
        vanban::worker::serve();
    }
}
