//! How an attempt went, in words.

use std::collections::BTreeMap;

use super::pipeline::End;
use crate::destinations::{Delivery, Receipt};
use crate::indicators::Indicator;

/// How many indicators there are, in words.
pub(super) fn count(judged: &[Indicator]) -> String {
    let indicators = judged.iter().filter(|one| one.verdict.is_indicator());
    let detect = judged.iter().filter(|one| one.to_ids).count();
    format!("{} indicators, {detect} for detection", indicators.count())
}

/// Skipped if no destination wanted it, else delivered.
pub(super) fn summarize(receipts: &BTreeMap<String, Receipt>) -> End {
    let words: Vec<String> = receipts
        .iter()
        .map(|(name, receipt)| describe(name, receipt))
        .collect();
    let unwanted =
        |receipt: &Receipt| matches!(receipt.delivery, Delivery::Blocklisted | Delivery::Unwanted);
    if !receipts.is_empty() && receipts.values().all(unwanted) {
        End::Skipped(words.join("; "))
    } else {
        End::Delivered {
            summary: words.join("; "),
            title: String::new(),
        }
    }
}

/// A receipt in words.
fn describe(name: &str, receipt: &Receipt) -> String {
    let what = match receipt.delivery {
        Delivery::Created => "created",
        Delivery::AlreadyThere => "already there",
        Delivery::Repaired => "half of it was there, now whole",
        Delivery::Blocklisted => "was deleted there before and stays deleted",
        Delivery::Unwanted => "not wanted",
    };
    let place = receipt.location.as_deref().unwrap_or(&receipt.event);
    let mut text = format!("{name}: {what} ({place})");
    for note in &receipt.notes {
        text.push_str("; ");
        text.push_str(note);
    }
    text
}
