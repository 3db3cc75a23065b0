//! Names that only the words before them give away: mutexes, pipes, services, tasks, user agents.

use std::ops::Range;

use super::{Raw, Text};

pub(super) fn find(_text: &Text<'_>, _gap: Range<usize>, _raws: &mut Vec<Raw>) {}
