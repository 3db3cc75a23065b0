//! Third check of an article's identity: what the page itself says it is called.
//!
//! The same article may stand in two feeds under two links. Its page's canonical link then tells; but pages
//! are wrong about it, too: templates that name the section page, pages that name each other, pages that want to
//! pass for another site's. So it is believed within the site of the article's own link only, and only of a job
//! that was published under it or has the same title.

use url::Url;

use crate::article::Article;
use crate::feeds::canonical::canonical;
use crate::feeds::same_site;
use crate::queue::{Job, JobState, Queue, QueueError};

/// Whether another job has this article. Answers the rule to skip by.
pub(super) async fn known_elsewhere(
    queue: &dyn Queue,
    job: &Job,
    article: &Article,
) -> Result<Option<String>, QueueError> {
    let Ok(link) = Url::parse(&job.entry.link) else {
        return Ok(None);
    };
    let own = article.canonical.as_ref().map(canonical);
    let own = own
        .filter(|own| same_site(own, &link) && !is_section_of(own, &link))
        .unwrap_or(link);
    let Some(other) = queue.claim_link(own.as_str(), &job.id).await? else {
        return Ok(None);
    };
    let Some(record) = queue.job(&other).await? else {
        return Ok(None);
    };
    if record.state == JobState::Dead || !is_same(&record.job, &own, job) {
        return Ok(None);
    }
    let gives_way = queue
        .yield_link(&job.entry.link, &record.job.entry.link, &job.id, &other)
        .await?;
    Ok(gives_way
        .then(|| format!("already known: the page calls itself `{own}`, which is job {other}")))
}

/// A canonical link that names a folder above the page is a mistake of its template: believed, it would make
/// one article of a whole blog.
fn is_section_of(own: &Url, link: &Url) -> bool {
    let folder = format!("{}/", own.path().trim_end_matches('/'));
    own.query().is_none() && link.path().starts_with(&folder) && link.path() != folder
}

/// Whether the other job is about the page of this canonical link, and does not only claim to be as we do. Then
/// the title must agree as well.
fn is_same(other: &Job, own: &Url, job: &Job) -> bool {
    let title = |job: &Job| {
        job.entry
            .title
            .split_whitespace()
            .collect::<String>()
            .to_lowercase()
    };
    other.entry.link == own.as_str() || (!title(job).is_empty() && title(other) == title(job))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_told_from_articles() {
        for (own, link, section) in [
            (
                "https://b.example/posts",
                "https://b.example/posts/one",
                true,
            ),
            (
                "https://b.example/posts/",
                "https://b.example/posts/one",
                true,
            ),
            ("https://b.example/", "https://b.example/one", true),
            (
                "https://b.example/posts/one",
                "https://b.example/posts/one?page=2",
                false,
            ),
            (
                "https://b.example/posts/on",
                "https://b.example/posts/one",
                false,
            ),
            (
                "https://b.example/posts/one/",
                "https://b.example/posts/one",
                false,
            ),
            (
                "https://b.example/?p=1",
                "https://b.example/posts/one",
                false,
            ),
            (
                "https://b.example/other",
                "https://b.example/posts/one",
                false,
            ),
        ] {
            assert_eq!(
                is_section_of(&own.parse().unwrap(), &link.parse().unwrap()),
                section,
                "{own} of {link}"
            );
        }
    }
}
