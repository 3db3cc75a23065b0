//! A blog of as many articles as wanted, with a hook on each request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, header};
use axum::routing::get;

type Hook = Box<dyn Fn(usize) -> Serve + Send + Sync>;

/// What a page request is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serve {
    Page,
    /// Half of the page, and the connection left open.
    HalfAPage,
}

#[derive(Default)]
struct Inner {
    base: Mutex<String>,
    count: Mutex<usize>,
    hook: Mutex<Option<Hook>>,
    asked: Mutex<HashMap<usize, usize>>,
}

/// A running blog; stops when dropped.
pub(crate) struct Blog {
    inner: Arc<Inner>,
    base: String,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Blog {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Blog {
    /// Starts a blog with so many articles.
    pub(crate) async fn start(articles: usize) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner::default());
        inner.base.lock().unwrap().clone_from(&base);
        *inner.count.lock().unwrap() = articles;
        let router = Router::new()
            .route("/feed.xml", get(feed))
            .route("/articles/{number}", get(page))
            .with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            inner,
            base,
            server,
        }
    }

    /// A feed list with its feed.
    pub(crate) fn feed_list(&self) -> String {
        serde_json::json!({"feeds": [{"title": "Blog", "url": format!("{}/feed.xml", self.base), "tags": []}]})
            .to_string()
    }

    /// From now on the feed has so many articles.
    pub(crate) fn grow_to(&self, articles: usize) {
        *self.inner.count.lock().unwrap() = articles;
    }

    /// Calls this for each request of a page, with its number.
    pub(crate) fn hook(&self, hook: impl Fn(usize) -> Serve + Send + Sync + 'static) {
        *self.inner.hook.lock().unwrap() = Some(Box::new(hook));
    }

    /// How often a page was asked for.
    pub(crate) fn asked(&self, number: usize) -> usize {
        self.inner
            .asked
            .lock()
            .unwrap()
            .get(&number)
            .copied()
            .unwrap_or(0)
    }
}

async fn feed(State(inner): State<Arc<Inner>>) -> Response<Body> {
    let base = inner.base.lock().unwrap().clone();
    let items: String = (0..*inner.count.lock().unwrap())
        .map(|n| format!("<item><title>Article {n}</title><link>{base}/articles/{n}</link></item>"))
        .collect();
    let text = format!(r#"<rss version="2.0"><channel><title>Blog</title>{items}</channel></rss>"#);
    Response::builder()
        .header(header::CONTENT_TYPE, "application/rss+xml")
        .body(Body::from(text))
        .unwrap()
}

async fn page(State(inner): State<Arc<Inner>>, Path(number): Path<usize>) -> Response<Body> {
    *inner.asked.lock().unwrap().entry(number).or_default() += 1;
    let serve = inner
        .hook
        .lock()
        .unwrap()
        .as_ref()
        .map_or(Serve::Page, |hook| hook(number));
    let text = article(number);
    let response = Response::builder().header(header::CONTENT_TYPE, "text/html; charset=utf-8");
    match serve {
        Serve::Page => response.body(Body::from(text)).unwrap(),
        Serve::HalfAPage => {
            let half = text.as_bytes()[..text.len() / 2].to_vec();
            let stream = futures_util::stream::unfold(Some(half), |half| async move {
                match half {
                    Some(half) => Some((Ok::<_, std::io::Error>(half), None)),
                    None => std::future::pending().await,
                }
            });
            response.body(Body::from_stream(stream)).unwrap()
        }
    }
}

/// A page with enough text to pass for an article.
fn article(number: usize) -> String {
    let paragraph = format!(
        "<p>Report number {number} follows a campaign that we have watched for some weeks. The loader arrives by \
         mail, asks its server for a second stage, and stays on the machine as a scheduled task.</p>"
    );
    format!(
        "<!doctype html><html lang=en><head><title>Article {number}</title></head><body><article>\
         <h1>Article {number}</h1>{}<h2>Indicators</h2><table><tr><td>host-{number}[.]example</td></tr></table>\
         </article></body></html>",
        paragraph.repeat(4)
    )
}
