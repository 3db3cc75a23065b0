//! `serve`: the intake endpoint. A page and a JSON API to submit articles, and to see what became of them.
//!
//! A request passes `gate` (host, pace, origin, size), then who asks is looked up (`auth`), then a page (`pages`)
//! or an operation (`api`) talks to the queue. Nothing is downloaded here but previews (`preview`), under the
//! worker's rules. What comes from articles is shown through templates that escape.

mod api;
mod auth;
mod client;
mod feeds;
mod gate;
mod large;
mod limits;
mod metrics;
mod overview;
mod pages;
mod preview;
mod problem;
mod report;
mod results;
mod server;
mod submission;
mod tls;
mod view;

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http};
use tower_http::catch_panic::CatchPanicLayer;

pub use self::auth::new_token;
use self::auth::{Auth, Caller, Key};
use self::client::Clients;
use self::feeds::Feeds;
use self::large::Room;
use self::limits::Pace;
use self::overview::Overview;
use self::preview::Previewer;
use self::problem::Problem;
use self::results::Results;
pub use self::server::run;
pub use self::tls::Certificate;
use crate::config::Config;
use crate::config::load::ConfigError;
use crate::config::serve::{MetricsToken, is_loopback};
use crate::metrics::Exporter;
use crate::queue::{self, JobState, Listing, Queue};

/// Alive?
const HEALTH: &str = "/healthz";
/// Of use?
const READY: &str = "/readyz";
/// Numbers.
const METRICS: &str = "/metrics";
/// Where the API is.
const API: &str = "/api/";

/// What every handler can reach.
struct Web {
    queue: Arc<dyn Queue>,
    clients: Clients,
    auth: Auth,
    pace: Pace,
    overview: Overview,
    feeds: Feeds,
    results: Results,
    previewer: Option<Previewer>,
    metrics: Exporter,
    metrics_need_token: bool,
    /// For requests that bring pages.
    room: Room,
    max_body: usize,
    /// Largest page that is handed in, in bytes.
    max_page: usize,
    max_urls: usize,
    record_remote: bool,
    tls: bool,
}

type Shared = Arc<Web>;

impl Web {
    /// A page of jobs, the last changed first. Pages count from 1.
    async fn page(
        &self,
        state: Option<JobState>,
        page: usize,
        per_page: usize,
    ) -> queue::Result<Listing> {
        let before = page.saturating_sub(1).saturating_mul(per_page);
        self.queue.page(state, before, per_page).await
    }

    /// Brings a dead job back.
    async fn retry(&self, id: &str, caller: &Caller) -> Result<(), Problem> {
        let done = self.queue.revive(id).await?;
        self.changed(id, caller, done, "retried").await
    }

    /// Removes a dead job for good.
    async fn remove(&self, id: &str, caller: &Caller) -> Result<(), Problem> {
        let done = self.queue.drop_dead(id).await?;
        self.changed(id, caller, done, "removed").await
    }

    async fn changed(
        &self,
        id: &str,
        caller: &Caller,
        done: bool,
        what: &'static str,
    ) -> Result<(), Problem> {
        if done {
            tracing::info!(job = id, user = caller.name(), what, "changed by hand");
            self.overview.forget().await;
            return Ok(());
        }
        match self.queue.job(id).await? {
            Some(_) => Err(Problem::not_dead()),
            None => Err(Problem::no_such_article()),
        }
    }

    fn previewer(&self) -> Result<&Previewer, Problem> {
        self.previewer.as_ref().ok_or_else(|| {
            Problem::forbidden("previews are switched off (`serve.preview`), or it is MISP that downloads pages (`misp.fetch`)")
        })
    }
}

/// Everything that answers. `listen` is where it is listened in fact. Once per process: it counts metrics.
pub fn router(
    config: &Config,
    listen: std::net::SocketAddr,
    queue: Arc<dyn Queue>,
    feed_list: Option<PathBuf>,
) -> anyhow::Result<Router> {
    let settings = &config.serve;
    let web = Arc::new(Web {
        clients: Clients::new(settings).map_err(|fault| ConfigError(vec![fault]))?,
        auth: Auth::new(settings, Key::of_file(&config.session_key_path())?),
        pace: Pace::per_minute(settings.rate_limit),
        overview: Overview::new(Arc::clone(&queue)),
        feeds: Feeds::new(Arc::clone(&queue), feed_list)?,
        results: Results::new(Arc::clone(&queue)),
        previewer: Previewer::new(config, Arc::clone(&queue))?,
        metrics: metrics::start()?,
        metrics_need_token: match settings.metrics_token {
            MetricsToken::Auto => !is_loopback(listen.ip()) || !settings.proxy.addresses.is_empty(),
            MetricsToken::Always => true,
            MetricsToken::Never => false,
        },
        room: Room::for_bodies(settings.max_body.get()),
        max_body: settings.max_body.get(),
        max_page: settings.max_body.get().min(config.article.max_size.get()),
        max_urls: settings.max_urls,
        record_remote: settings.record_remote,
        tls: settings.has_tls(),
        queue,
    });
    let (usual, longer) = (
        settings.request_timeout.get(),
        settings.preview_timeout.get(),
    );
    // A preview waits for a place and a turn before its own time begins.
    let longer = longer.max(usual) + Duration::from_secs(15);
    Ok(routes(&web, usual, longer).with_state(web))
}

fn routes(web: &Shared, usual: Duration, longer: Duration) -> Router<Shared> {
    let within = |limit: Duration| {
        from_fn(move |request: Request, next: Next| gate::within(limit, request, next))
    };
    let (api, document) = api::routes(web);
    let quick = Router::new()
        .route(HEALTH, get(healthy))
        .route(READY, get(ready))
        .route(METRICS, get(metrics::show))
        .merge(document)
        .merge(api.quick)
        .merge(pages::routes(web))
        .layer(within(usual));
    let slow = api
        .slow
        .merge(pages::slow_routes(web))
        .layer(within(longer));
    quick
        .merge(slow)
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            let detail = "this address does not know that method; see the `Allow` header";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
        })
        .layer(DefaultBodyLimit::max(large::small(web)))
        .layer(from_fn_with_state(Arc::clone(web), gate::way_in))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(metrics::count))
        .layer(from_fn_with_state(Arc::clone(web), gate::out))
}

/// The panic itself was reported by the panic hook.
fn panicked(_: Box<dyn Any + Send>) -> http::Response<axum::body::Body> {
    Problem::internal().into_response()
}

/// Whether a path is for programs, which read problem details, and not for people, who read pages.
fn is_for_machines(path: &str) -> bool {
    path.starts_with(API) || [HEALTH, READY, METRICS].contains(&path)
}

async fn healthy() -> &'static str {
    "ok\n"
}

/// Whether the queue can be reached. Its numbers are not told here: anybody may ask.
async fn ready(State(web): State<Shared>) -> Response {
    match web.overview.counts().await {
        Ok(_) => "ready\n".into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}
