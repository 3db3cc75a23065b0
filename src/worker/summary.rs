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
    if !receipts.is_empty() && !receipts.values().any(is_taken) {
        End::Skipped(words.join("; "))
    } else {
        End::Delivered {
            summary: words.join("; "),
            title: String::new(),
        }
    }
}

/// Whether the destination has the event now.
pub(super) const fn is_taken(receipt: &Receipt) -> bool {
    !matches!(receipt.delivery, Delivery::Blocklisted | Delivery::Unwanted)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn receipts(deliveries: &[Delivery]) -> BTreeMap<String, Receipt> {
        let receipt = |(number, delivery): (usize, &Delivery)| {
            let receipt = Receipt {
                delivery: *delivery,
                event: "5e1f0c2a".into(),
                location: None,
                notes: vec!["a note".into()],
                unfinished: None,
                at: chrono::Utc::now(),
            };
            (format!("d{number}"), receipt)
        };
        deliveries.iter().enumerate().map(receipt).collect()
    }

    #[test]
    fn what_nobody_took_is_skipped() {
        for (deliveries, skipped) in [
            (&[Delivery::Blocklisted, Delivery::Unwanted][..], true),
            (&[Delivery::Blocklisted, Delivery::Created], false),
            (&[Delivery::AlreadyThere], false),
            (&[], false),
        ] {
            let end = summarize(&receipts(deliveries));
            assert_eq!(matches!(end, End::Skipped(_)), skipped, "{end:?}");
        }
        let End::Delivered { summary, .. } = summarize(&receipts(&[Delivery::Created])) else {
            panic!("not delivered");
        };
        assert_eq!(summary, "d0: created (5e1f0c2a); a note");
    }
}
