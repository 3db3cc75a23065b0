//! Random steps on both stores and on a model small enough to be right: all three answer the same.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use gleaner::article::MediaType;
use gleaner::queue::{
    Body, Counts, Hour, Job, JobState, Lease, Outcome, Published, Queue, Submission,
};
use gleaner::story::{KEPT, Story};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::world::{HOUR, NOW, World, failure, job, receipt, story};

/// Articles: links and GUIDs overlap, so that some are known by one and some by the other.
const ARTICLES: [(&str, Option<&str>); 6] = [
    ("https://blog.test/a", None),
    ("https://blog.test/b", Some("g1")),
    ("https://blog.test/c", Some("g1")),
    ("https://blog.test/c", Some("g2")),
    ("https://blog.test/d", Some("g2")),
    ("https://blog.test/e", Some("g3")),
];

#[derive(Debug, Clone)]
enum Step {
    Publish(Vec<usize>),
    /// With a page, and whether it is taken although it is known.
    Submit(usize, bool),
    MarkSeen(usize),
    /// Link of this article for the job of that lease.
    ClaimLink(usize, usize),
    Claim(usize),
    /// These are about one of the leases ever given out, lost or not.
    Renew(usize),
    Record(usize, bool),
    Complete(usize, bool),
    Retry(usize, bool),
    Defer(usize, bool),
    Bury(usize),
    /// One of the jobs ever published.
    Revive(usize),
    Drop(usize),
    /// An event, and the prints it leaves.
    Tell(u128, Vec<usize>),
    Told(Vec<usize>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = 0..64_usize;
    let article = 0..ARTICLES.len();
    let prints = prop::collection::vec(0..3_usize, 0..3);
    let step = prop_oneof![
        3 => prop::collection::vec(article.clone(), 1..4).prop_map(Step::Publish),
        2 => (article.clone(), any::<bool>()).prop_map(|(a, b)| Step::Submit(a, b)),
        1 => article.clone().prop_map(Step::MarkSeen),
        1 => (article, n.clone()).prop_map(|(a, n)| Step::ClaimLink(a, n)),
        5 => (1..4_usize).prop_map(Step::Claim),
        1 => n.clone().prop_map(Step::Renew),
        1 => (n.clone(), any::<bool>()).prop_map(|(n, b)| Step::Record(n, b)),
        2 => (n.clone(), any::<bool>()).prop_map(|(n, b)| Step::Complete(n, b)),
        3 => (n.clone(), any::<bool>()).prop_map(|(n, b)| Step::Retry(n, b)),
        2 => (n.clone(), any::<bool>()).prop_map(|(n, b)| Step::Defer(n, b)),
        3 => n.clone().prop_map(Step::Bury),
        3 => n.clone().prop_map(Step::Revive),
        1 => n.prop_map(Step::Drop),
        3 => (0..12_u128, prints.clone()).prop_map(|(event, prints)| Step::Tell(event, prints)),
        1 => prints.prop_map(Step::Told),
    ];
    prop::collection::vec(step, 1..60)
}

#[derive(Debug, Clone)]
struct Known {
    job: Job,
    state: JobState,
    attempts: u32,
    failures: usize,
    receipts: Vec<String>,
    has_body: bool,
}

/// The queue as a few maps. Holding a lease is being the last claim of a running job.
#[derive(Debug, Default)]
struct Model {
    seen: BTreeMap<String, String>,
    claimed: BTreeMap<String, String>,
    left_out: BTreeSet<String>,
    jobs: BTreeMap<String, Known>,
    /// Handed back, read first.
    again: VecDeque<String>,
    new: VecDeque<String>,
    /// Number of the last claim of each running job.
    holder: BTreeMap<String, usize>,
    claims: usize,
    /// How many were delivered, skipped and buried, each time.
    ended: [u64; 3],
    stories: BTreeMap<u128, Story>,
    /// The events that left each print, the latest last.
    prints: BTreeMap<usize, Vec<u128>>,
}

fn keys(job: &Job) -> Vec<String> {
    let guid = job.entry.guid.iter().map(|guid| format!("guid {guid}"));
    std::iter::once(job.entry.link.clone())
        .chain(guid)
        .collect()
}

impl Model {
    fn tell(&mut self, story: &Story, prints: &[usize]) {
        let event = story.event.as_u128();
        self.stories.entry(event).or_insert_with(|| story.clone());
        for print in prints {
            let events = self.prints.entry(*print).or_default();
            if !events.contains(&event) {
                events.push(event);
            }
            let past = events.len().saturating_sub(KEPT);
            events.drain(..past);
        }
    }

    fn told(&self, print: usize) -> Vec<Story> {
        let events = self.prints.get(&print).into_iter().flatten().rev();
        events.map(|event| self.stories[event].clone()).collect()
    }

    fn leave_out(&mut self, job: &Job) {
        self.left_out.extend(keys(job));
    }

    fn claim_link(&mut self, link: &str, id: &str) -> Option<String> {
        let published = self.seen.get(link).cloned();
        let claimed = self.claimed.get(link).cloned();
        let other = published
            .iter()
            .chain(&claimed)
            .find(|holder| *holder != id);
        if other.is_none() && published.is_none() {
            self.claimed.insert(link.to_owned(), id.to_owned());
        }
        other.cloned()
    }

    fn known(&mut self, job: &Job, value: &str) -> Option<String> {
        let keys = keys(job);
        let known = keys.iter().find_map(|key| self.seen.get(key).cloned());
        if known.is_none() && keys.iter().any(|key| self.left_out.contains(key)) {
            self.left_out.extend(keys);
            return Some(String::new());
        }
        let value = known.clone().unwrap_or_else(|| value.to_owned());
        for key in keys {
            self.seen.entry(key).or_insert_with(|| value.clone());
        }
        known
    }

    fn publish(&mut self, job: &Job) -> Published {
        if job.is_again() {
            for key in keys(job) {
                self.seen.insert(key, job.id.clone());
            }
        } else if let Some(id) = self.known(job, &job.id) {
            return Published::Known(id);
        }
        let known = Known {
            job: job.clone(),
            state: JobState::Waiting,
            attempts: 0,
            failures: 0,
            receipts: Vec::new(),
            has_body: job.body().is_some(),
        };
        self.jobs.insert(job.id.clone(), known);
        self.new.push_back(job.id.clone());
        Published::New
    }

    /// The jobs given out: id and attempt.
    fn claim(&mut self, max: usize) -> Vec<(String, u32, Vec<String>)> {
        let mut out = Vec::new();
        while out.len() < max {
            let Some(id) = self.again.pop_front().or_else(|| self.new.pop_front()) else {
                break;
            };
            let job = self.jobs.get_mut(&id).unwrap();
            job.state = JobState::Running;
            job.attempts += 1;
            out.push((id.clone(), job.attempts, job.receipts.clone()));
            self.holder.insert(id, self.claims);
            self.claims += 1;
        }
        out
    }

    /// The job, if this claim still holds it.
    fn held(&mut self, id: &str, claim: usize) -> Option<&mut Known> {
        (self.holder.get(id) == Some(&claim)).then(|| self.jobs.get_mut(id).unwrap())
    }

    fn end(&mut self, id: &str, claim: usize, state: JobState) -> bool {
        let Some(job) = self.held(id, claim) else {
            return false;
        };
        job.state = state;
        job.has_body &= !matches!(state, JobState::Delivered | JobState::Skipped);
        let ends = [JobState::Delivered, JobState::Skipped, JobState::Dead];
        if let Some(end) = ends.iter().position(|end| *end == state) {
            self.ended[end] += 1;
        }
        self.holder.remove(id);
        if state == JobState::Waiting {
            self.again.push_back(id.to_owned());
        }
        true
    }

    fn counts(&self) -> (u64, u64, u64, u64) {
        let count = |state| {
            let jobs = self.jobs.values().filter(|job| job.state == state);
            u64::try_from(jobs.count()).unwrap()
        };
        (
            count(JobState::Waiting),
            count(JobState::Running),
            count(JobState::Later),
            count(JobState::Dead),
        )
    }
}

/// One store beside the model.
struct Run<'a> {
    queue: &'a dyn Queue,
    model: Model,
    leases: Vec<Lease>,
    ids: Vec<String>,
}

impl Run<'_> {
    async fn step(&mut self, step: &Step) {
        match step {
            Step::Publish(articles) => {
                let jobs: Vec<Job> = articles.iter().map(|&a| article(a)).collect();
                self.ids.extend(jobs.iter().map(|job| job.id.clone()));
                let expected: Vec<_> = jobs.iter().map(|job| self.model.publish(job)).collect();
                assert_eq!(self.queue.publish(&jobs).await.unwrap(), expected);
            }
            Step::Submit(a, again) => {
                let mut job = article(*a).submitted(Submission {
                    again: *again,
                    body: Some(Body::new(MediaType::Text, b"text".as_slice())),
                    ..Submission::default()
                });
                self.ids.push(job.id.clone());
                let answers = self.queue.publish(std::slice::from_ref(&job)).await;
                let body = job.submission.as_mut().and_then(|by| by.body.as_mut());
                // The store keeps them beside the job.
                body.unwrap().bytes = Vec::new().into();
                assert_eq!(answers.unwrap(), [self.model.publish(&job)]);
            }
            Step::MarkSeen(a) => {
                let job = article(*a);
                self.model.leave_out(&job);
                self.queue.mark_seen(&[job]).await.unwrap();
            }
            Step::Claim(max) => self.claim(*max).await,
            Step::Tell(event, prints) => {
                let story = story(*event, &format!("told at step {}", self.model.claims));
                self.model.tell(&story, prints);
                let prints: Vec<String> = prints.iter().map(usize::to_string).collect();
                let told = self.queue.tell_story(&story, &prints, HOUR).await;
                told.unwrap();
            }
            Step::Told(prints) => {
                let expected: Vec<_> = prints.iter().map(|it| self.model.told(*it)).collect();
                let prints: Vec<String> = prints.iter().map(usize::to_string).collect();
                assert_eq!(self.queue.stories(&prints).await.unwrap(), expected);
            }
            Step::Revive(n) | Step::Drop(n) => self.dead(step, *n).await,
            Step::ClaimLink(_, n)
            | Step::Renew(n)
            | Step::Record(n, _)
            | Step::Complete(n, _)
            | Step::Retry(n, _)
            | Step::Defer(n, _)
            | Step::Bury(n) => {
                if !self.leases.is_empty() {
                    let claim = n % self.leases.len();
                    let lease = self.leases[claim].clone();
                    self.on_lease(step, claim, &lease).await;
                }
            }
        }
    }

    async fn claim(&mut self, max: usize) {
        let leases = self.queue.claim("worker", max, NOW).await.unwrap();
        let got: Vec<_> = leases
            .iter()
            .map(|lease| {
                let receipts = lease.receipts.keys().cloned().collect();
                (lease.job.id.clone(), lease.attempt, receipts)
            })
            .collect();
        assert_eq!(got, self.model.claim(max));
        self.leases.extend(leases);
    }

    async fn dead(&mut self, step: &Step, n: usize) {
        if self.ids.is_empty() {
            return;
        }
        let id = self.ids[n % self.ids.len()].clone();
        let dead = |known: &&mut Known| known.state == JobState::Dead;
        let known = self.model.jobs.get_mut(&id).filter(dead);
        let expected = known.is_some();
        if let Step::Revive(_) = step {
            if let Some(known) = known {
                known.state = JobState::Waiting;
                known.attempts = 0;
                self.model.again.push_back(id.clone());
            }
            assert_eq!(self.queue.revive(&id).await.unwrap(), expected);
        } else {
            if expected {
                self.model.jobs.remove(&id);
            }
            assert_eq!(self.queue.drop_dead(&id).await.unwrap(), expected);
        }
    }

    async fn on_lease(&mut self, step: &Step, claim: usize, lease: &Lease) {
        let (queue, model, id) = (self.queue, &mut self.model, &lease.job.id);
        match *step {
            Step::ClaimLink(a, _) => {
                let link = ARTICLES[a].0;
                let expected = model.claim_link(link, id);
                assert_eq!(queue.claim_link(link, id).await.unwrap(), expected);
            }
            Step::Renew(_) => {
                let expected = model.held(id, claim).is_some();
                assert_eq!(queue.renew(lease).await.unwrap(), expected);
            }
            Step::Record(_, which) => {
                let name = if which { "misp" } else { "misp-feed" };
                let held = model.held(id, claim);
                let expected = held.is_some();
                if let Some(job) = held {
                    job.receipts.push(name.into());
                    job.receipts.sort();
                    job.receipts.dedup();
                }
                let got = queue.record(lease, name, &receipt("e")).await.unwrap();
                assert_eq!(got, expected);
            }
            _ => self.end(step, claim, lease).await,
        }
    }

    async fn end(&mut self, step: &Step, claim: usize, lease: &Lease) {
        let (queue, model, id) = (self.queue, &mut self.model, &lease.job.id);
        let why = failure("why");
        let wait = |later| if later { HOUR } else { NOW };
        let (got, expected) = match *step {
            Step::Complete(_, delivered) => {
                let (outcome, state) = if delivered {
                    (Outcome::Delivered, JobState::Delivered)
                } else {
                    (Outcome::Skipped("rule".into()), JobState::Skipped)
                };
                let expected = model.end(id, claim, state);
                (queue.complete(lease, &outcome).await.unwrap(), expected)
            }
            Step::Retry(_, later) => {
                if let Some(job) = model.held(id, claim) {
                    job.failures += 1;
                }
                let expected = model.end(id, claim, when(later));
                (
                    queue.retry(lease, wait(later), &why).await.unwrap(),
                    expected,
                )
            }
            Step::Defer(_, later) => {
                if let Some(job) = model.held(id, claim) {
                    job.attempts -= 1;
                }
                let expected = model.end(id, claim, when(later));
                (
                    queue.defer(lease, wait(later), None).await.unwrap(),
                    expected,
                )
            }
            _ => {
                if let Some(job) = model.held(id, claim) {
                    job.failures += 1;
                }
                let expected = model.end(id, claim, JobState::Dead);
                (queue.bury(lease, &why).await.unwrap(), expected)
            }
        };
        assert_same(got, expected, lease, queue).await;
    }

    async fn compare(&self) {
        let Counts {
            waiting,
            running,
            later,
            dead,
            ..
        } = self.queue.counts().await.unwrap();
        assert_eq!((waiting, running, later, dead), self.model.counts());
        let hours = self.queue.hours().await.unwrap();
        let sum = |of: fn(&Hour) -> u64| hours.iter().map(of).sum::<u64>();
        let ended = [
            sum(|hour| hour.delivered),
            sum(|hour| hour.skipped),
            sum(Hour::died),
        ];
        assert_eq!(ended, self.model.ended);
        for state in JobState::ALL {
            let has = |known: &&Known| known.state == state;
            let expected = self.model.jobs.values().filter(has).count();
            let page = self.queue.page(Some(state), 1, 2).await.unwrap();
            assert_eq!(page.total, expected as u64, "{state}");
            let shown = expected.saturating_sub(1).min(2);
            assert_eq!(page.records.len(), shown, "{state}");
        }
        for id in &self.ids {
            let body = self.queue.body(id).await.unwrap();
            let expected = self.model.jobs.get(id).is_some_and(|known| known.has_body);
            assert_eq!(body.is_some(), expected, "body of {id}");
            let record = self.queue.job(id).await.unwrap();
            let got = record.map(|record| {
                let receipts: Vec<String> = record.receipts.into_keys().collect();
                let failures = record.history.len();
                (
                    record.job,
                    record.state,
                    record.attempts,
                    failures,
                    receipts,
                )
            });
            let expected = self.model.jobs.get(id).cloned().map(|known| {
                (
                    known.job,
                    known.state,
                    known.attempts,
                    known.failures.min(20),
                    known.receipts,
                )
            });
            assert_eq!(got, expected);
        }
    }
}

const fn when(later: bool) -> JobState {
    if later {
        JobState::Later
    } else {
        JobState::Waiting
    }
}

/// A store that may lose an answer says yes again to the lease that ended the job last; that changes nothing.
async fn assert_same(got: bool, expected: bool, lease: &Lease, queue: &dyn Queue) {
    if got != expected {
        assert!(got, "a held lease was refused: {lease:?}");
        assert!(!queue.renew(lease).await.unwrap(), "an ended lease is held");
    }
}

fn article(n: usize) -> Job {
    let (link, guid) = ARTICLES[n];
    job(link, guid)
}

fn check(cases: u32, world: impl Fn() -> World) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let checked = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(async {
            let world = world();
            let queue = world.open().await;
            let mut run = Run {
                queue: &*queue,
                model: Model::default(),
                leases: Vec::new(),
                ids: Vec::new(),
            };
            for step in &steps {
                run.step(step).await;
            }
            run.compare().await;
        });
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[test]
fn sqlite_is_as_the_model() {
    check(32, World::sqlite);
}

#[test]
fn redis_is_as_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let first = runtime.block_on(World::redis());
    check(128, || World::redis_at(first.config.store.url.expose()));
}
