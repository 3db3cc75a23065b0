//! Labels: what the words before a value, the header of its column or the cell before it call it.

use super::super::Kind;
use super::Text;

/// Which of these kinds the value at `at` is called, if any.
pub(super) fn named(_text: &Text<'_>, _at: usize, _among: &[Kind]) -> Option<Kind> {
    None
}
