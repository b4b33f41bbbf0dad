//! Citations and tasks against annotations.
