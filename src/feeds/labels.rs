//! Labels: what a feed's entry or a page says it is about, in a word or two (`<category>`, tags, keywords).
//!
//! They are written carelessly and in any number, so only so many short ones are kept, each once.

/// Labels kept of one entry or page; more of them are a cloud of words.
const MAX_LABELS: usize = 30;

/// Longest label, in characters; a longer one is a sentence.
const MAX_LABEL: usize = 80;

/// Adds labels to others, each once whatever its case, up to the bound.
pub(crate) fn add(labels: &mut Vec<String>, more: impl IntoIterator<Item = String>) {
    for label in more {
        if labels.len() >= MAX_LABELS {
            return;
        }
        let label = label.trim();
        let is_fit = !label.is_empty() && label.chars().count() <= MAX_LABEL;
        let lower = label.to_lowercase();
        if is_fit && !labels.iter().any(|there| there.to_lowercase() == lower) {
            labels.push(label.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_few_short_and_different() {
        let mut labels = vec!["Emotet".to_owned()];
        let long = "x".repeat(MAX_LABEL + 1);
        add(
            &mut labels,
            ["emotet", " APT28 ", "", " ", &long].map(String::from),
        );
        assert_eq!(labels, ["Emotet", "APT28"]);
        add(&mut labels, (0..1_000).map(|n| format!("label {n}")));
        assert_eq!(labels.len(), MAX_LABELS);
    }
}
