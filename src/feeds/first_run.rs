//! What to take from a feed that is read for the first time.

use chrono::{DateTime, Utc};

use super::FirstRun;
use super::parse::ParsedEntry;

/// Splits entries into those the policy takes and the rest, both in feed order.
pub(crate) fn split(
    entries: Vec<ParsedEntry>,
    policy: FirstRun,
    now: DateTime<Utc>,
) -> (Vec<ParsedEntry>, Vec<ParsedEntry>) {
    let date = |entry: &ParsedEntry| entry.published.or(entry.updated);
    match policy {
        FirstRun::All => (entries, Vec::new()),
        FirstRun::Since(days) => {
            let oldest = chrono::TimeDelta::try_days(i64::from(days))
                .and_then(|days| now.checked_sub_signed(days))
                .unwrap_or(DateTime::<Utc>::MIN_UTC);
            entries
                .into_iter()
                .partition(|entry| date(entry).is_none_or(|date| date >= oldest))
        }
        FirstRun::Latest(count) => {
            // Feeds put the newest first; without a date on every entry that is all there is to go by.
            let mut order: Vec<usize> = (0..entries.len()).collect();
            if let Some(dates) = entries.iter().map(date).collect::<Option<Vec<_>>>() {
                order.sort_by_key(|index| std::cmp::Reverse(dates.get(*index).copied()));
            }
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let taken: std::collections::HashSet<usize> = order.into_iter().take(count).collect();
            let (wanted, rest): (Vec<_>, Vec<_>) = entries
                .into_iter()
                .enumerate()
                .partition(|(index, _)| taken.contains(index));
            let strip = |list: Vec<(usize, ParsedEntry)>| {
                list.into_iter().map(|(_, entry)| entry).collect()
            };
            (strip(wanted), strip(rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn entries(dates: &[&str]) -> Vec<ParsedEntry> {
        let entry = |(index, date): (usize, &&str)| ParsedEntry {
            title: index.to_string(),
            link_as_given: String::new(),
            link: Url::parse("https://blog.example/").unwrap(),
            guid: None,
            published: date.parse().ok(),
            updated: None,
            categories: Vec::new(),
        };
        dates.iter().enumerate().map(entry).collect()
    }

    #[test]
    fn first_run_policies() {
        let now = "2026-11-20T10:00:00Z".parse().unwrap();
        let (old, older, new) = (
            "2026-11-01T00:00:00Z",
            "2020-01-01T00:00:00Z",
            "2026-11-19T00:00:00Z",
        );
        for (policy, dates, expected) in [
            ("all", vec![old, new], "0 1"),
            ("latest 1", vec![old, new], "1"),
            ("latest 2", vec![older, new, old], "1 2"),
            ("latest 1", vec!["", new], "0"),
            ("latest 0", vec![new], ""),
            ("latest 9", vec![new, old], "0 1"),
            ("since 7", vec![new, old, ""], "0 2"),
            ("since 0", vec![new, ""], "1"),
            ("since 4294967295", vec![new, older], "0 1"),
        ] {
            let (wanted, rest) = split(entries(&dates), policy.parse().unwrap(), now);
            let titles: Vec<_> = wanted.iter().map(|entry| entry.title.as_str()).collect();
            assert_eq!(titles.join(" "), expected, "{policy}");
            assert_eq!(wanted.len() + rest.len(), dates.len());
        }
    }
}
