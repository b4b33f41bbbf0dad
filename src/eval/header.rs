//! Header fields against annotations.
