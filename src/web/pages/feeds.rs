//! The feeds.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};

use super::{Frame, Visitor, page};
use crate::web::Shared;
use crate::web::feeds::{Feed, Standing};
use crate::web::problem::Problem;
use crate::web::view::{Time, web_link};

#[derive(Template)]
#[template(path = "feeds.html")]
struct FeedsPage {
    frame: Frame,
    feeds: Arc<[Feed]>,
    /// How many stand how, those that nobody does left out.
    standings: Vec<(&'static str, usize)>,
}

impl FeedsPage {
    fn time(at: &DateTime<Utc>) -> Time {
        Time::of(*at)
    }

    /// When it is polled next, in words: `cron` decides when that is looked at.
    fn next(at: &DateTime<Utc>) -> String {
        if *at <= Utc::now() {
            "due".to_owned()
        } else {
            Time::of(*at).relative
        }
    }

    fn link(url: &str) -> Option<&str> {
        web_link(url)
    }
}

pub(super) async fn show(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Problem> {
    let feeds = web.feeds.all().await?;
    let standings = Standing::ALL
        .into_iter()
        .map(|standing| {
            let number = feeds.iter().filter(|feed| feed.state == standing).count();
            (standing.as_str(), number)
        })
        .filter(|(_, number)| *number > 0);
    Ok(page(&FeedsPage {
        frame: Frame::of(&web, &visitor),
        standings: standings.collect(),
        feeds,
    }))
}
