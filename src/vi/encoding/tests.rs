use super::*;
use crate::text::Why;
