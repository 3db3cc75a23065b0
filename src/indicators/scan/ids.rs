//! Identifiers with a form of their own: CVE, GHSA, CWE, AS, ATT&CK, CPE, MAC address, IBAN, ...

use std::ops::Range;

use super::{Raw, Text};

pub(super) fn find(_text: &Text<'_>, _gap: Range<usize>, _raws: &mut Vec<Raw>) {}
