//! The way of an article, in order: queued, attempts, answers of destinations, end.

use chrono::{DateTime, Utc};

use crate::queue::{HISTORY, JobRecord, JobState};
use crate::web::view::{self, Time};

/// Something that happened on the way, or is to.
#[derive(Debug)]
pub(super) struct Happened {
    pub(super) at: Time,
    pub(super) what: String,
    /// The word of a reason.
    pub(super) word: &'static str,
    /// What is known besides.
    pub(super) detail: String,
}

impl Happened {
    fn new(at: DateTime<Utc>, what: impl Into<String>) -> Self {
        Self {
            at: Time::of(at),
            what: what.into(),
            word: "",
            detail: String::new(),
        }
    }

    fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// All of it.
pub(super) fn of(record: &JobRecord) -> Vec<Happened> {
    let mut way = vec![queued(record)];
    let mut between: Vec<(DateTime<Utc>, Happened)> = Vec::new();
    for attempt in &record.history {
        let failure = &attempt.failure;
        let what = format!(
            "Attempt {} failed: {}",
            attempt.attempt,
            failure.reason.in_words()
        );
        let happened = Happened {
            word: failure.reason.as_str(),
            ..Happened::new(attempt.at, what).with(&failure.message)
        };
        between.push((attempt.at, happened));
    }
    for (name, receipt) in &record.receipts {
        let did = view::delivery_in_words(receipt.delivery);
        let happened = Happened::new(receipt.at, format!("{name}: {did}"));
        between.push((receipt.at, happened));
    }
    between.sort_by_key(|(at, _)| *at);
    if record.history.len() >= HISTORY
        && let (Some((at, _)), Some(first)) = (between.first(), record.history.first())
        && first.attempt > 1
    {
        way.push(Happened::new(*at, "Earlier attempts are not kept"));
    }
    way.extend(between.into_iter().map(|(_, happened)| happened));
    way.extend(now(record));
    way
}

fn queued(record: &JobRecord) -> Happened {
    let job = &record.job;
    let Some(by) = &job.submission else {
        return Happened::new(job.created, "Queued");
    };
    let what = if by.again { "Queued again" } else { "Queued" };
    let mut detail = Vec::new();
    if let Some(user) = &by.user {
        detail.push(format!("handed in by {user}"));
    }
    if let Some(body) = &by.body {
        let name = body.file_name.as_deref().unwrap_or("the page");
        detail.push(format!("with {name} ({} bytes)", body.size));
    }
    Happened::new(job.created, what).with(detail.join(" "))
}

/// How it ended, or what comes next. Nothing for one that waits for its first attempt: that it is queued says so.
fn now(record: &JobRecord) -> Option<Happened> {
    let note = record.note.as_deref().unwrap_or_default();
    let happened = |what: &str| Happened::new(record.updated, what);
    match record.state {
        JobState::Waiting if record.history.is_empty() => None,
        JobState::Waiting => Some(happened("Waits for a worker")),
        JobState::Running => Some(happened(&format!("Attempt {} began", record.attempts))),
        JobState::Later => {
            let due = record.due.unwrap_or(record.updated);
            Some(Happened::new(due, "The next attempt is due"))
        }
        JobState::Delivered => Some(happened("Delivered")),
        JobState::Skipped => Some(happened("Skipped").with(note)),
        JobState::Dead => Some(happened("Given up").with(note)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::destinations::{Delivery, Receipt};
    use crate::failure::{Failure, Reason};
    use crate::feeds::entry::Entry;
    use crate::queue::{Attempt, Job, Source, Submission};

    fn record(state: JobState) -> JobRecord {
        let entry = Entry {
            link: "https://blog.example/a".into(),
            link_as_given: "https://blog.example/a".into(),
            title: String::new(),
            guid: None,
            categories: Vec::new(),
            published: None,
            updated: None,
        };
        let job = Job::new(entry, Source::manual());
        JobRecord {
            updated: job.created + TimeDelta::minutes(9),
            due: None,
            state,
            attempts: 1,
            history: Vec::new(),
            receipts: [].into(),
            note: None,
            job,
        }
    }

    fn words(record: &JobRecord) -> Vec<String> {
        of(record).into_iter().map(|one| one.what).collect()
    }

    #[test]
    fn it_reads_in_order() {
        let mut record = record(JobState::Delivered);
        let begun = record.job.created;
        record.job = record.job.submitted(Submission {
            user: Some("alice".into()),
            ..Submission::default()
        });
        record.history = [1, 3]
            .map(|number| Attempt {
                at: begun + TimeDelta::minutes(i64::from(number)),
                attempt: number,
                failure: Failure::new(Reason::Timeout, "slow"),
            })
            .into();
        let receipt = |minutes| Receipt {
            delivery: Delivery::Created,
            event: "0".into(),
            location: None,
            notes: Vec::new(),
            unfinished: None,
            at: begun + TimeDelta::minutes(minutes),
        };
        record.receipts = [("a".into(), receipt(4)), ("z".into(), receipt(2))].into();
        let failed = Reason::Timeout.in_words();
        assert_eq!(
            words(&record),
            [
                "Queued",
                &format!("Attempt 1 failed: {failed}"),
                "z: created",
                &format!("Attempt 3 failed: {failed}"),
                "a: created",
                "Delivered"
            ]
        );
        let all = of(&record);
        assert_eq!(all[0].detail, "handed in by alice");
        assert_eq!((all[1].word, all[1].detail.as_str()), ("timeout", "slow"));
    }

    #[test]
    fn it_ends_with_where_the_article_stands() {
        for (state, expected) in [
            (JobState::Waiting, None),
            (JobState::Running, Some("Attempt 1 began")),
            (JobState::Later, Some("The next attempt is due")),
            (JobState::Delivered, Some("Delivered")),
            (JobState::Skipped, Some("Skipped")),
            (JobState::Dead, Some("Given up")),
        ] {
            let said = words(&record(state));
            assert_eq!(said.get(1).map(String::as_str), expected, "{state}");
        }
        let mut revived = record(JobState::Waiting);
        let attempt = |number| Attempt {
            at: revived.updated,
            attempt: number,
            failure: Failure::new(Reason::Timeout, "slow"),
        };
        revived.history = (5..5 + 20).map(attempt).collect();
        let said = words(&revived);
        assert_eq!(said[1], "Earlier attempts are not kept");
        assert_eq!(said.last().unwrap(), "Waits for a worker");
    }
}
