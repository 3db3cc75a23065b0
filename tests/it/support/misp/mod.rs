//! A stand-in for a MISP server: stateful, on loopback, and true to recordings of a real one for all that
//! Gleaner calls (a test replays them). Errors, silent losses and half-stored events included.
mod events;
mod reports;
mod search;
mod state;
mod store;
mod tags;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use serde_json::{Value, json};

pub(crate) use self::state::{Event as Stored, Role, State};

/// When something happens to a request: before anything is stored, or after, before the answer goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    AfterStoring,
}

/// What is answered in place of the truth.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This status and body.
    Status(u16, &'static str),
    /// 302 to this address.
    Redirect(&'static str),
    /// 200 with nothing in it.
    Empty,
    /// Half an answer, then the end of the connection.
    BreakOff,
    /// The true answer, this much later.
    Slow(Duration),
}

struct Planned {
    path: String,
    moment: Moment,
    fault: Fault,
    times: usize,
}

/// Sees every request; may kill the client at that instant.
type Hook = Box<dyn Fn(Moment, &Method, &str) + Send + Sync>;

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    planned: Mutex<Vec<Planned>>,
    hooks: Mutex<Vec<Hook>>,
    requests: Mutex<Vec<String>>,
}

/// A running double; stops when dropped.
pub(crate) struct MispDouble {
    inner: Arc<Inner>,
    url: String,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for MispDouble {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl MispDouble {
    /// Starts on a free port of loopback, empty.
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        inner.state.lock().unwrap().url.clone_from(&url);
        let router = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inner, url, server }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What it holds, to look at or to change.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    /// Answers the next `times` requests whose path starts so with a fault.
    pub(crate) fn fault(&self, path: &str, moment: Moment, times: usize, fault: Fault) {
        let path = path.to_owned();
        let planned = Planned {
            path,
            moment,
            fault,
            times,
        };
        self.inner.planned.lock().unwrap().push(planned);
    }

    /// Answers truthfully from now on.
    pub(crate) fn forget_faults(&self) {
        self.inner.planned.lock().unwrap().clear();
    }

    /// Changes what it holds, every time a request whose path starts so comes to this moment.
    pub(crate) fn meanwhile(
        &self,
        path: &'static str,
        moment: Moment,
        change: impl Fn(&mut State) + Send + Sync + 'static,
    ) {
        let inner = Arc::downgrade(&self.inner);
        self.hook(move |now, _, asked| {
            if now == moment
                && asked.starts_with(path)
                && let Some(inner) = inner.upgrade()
            {
                change(&mut inner.state.lock().unwrap());
            }
        });
    }

    /// Calls this for every request, twice.
    pub(crate) fn hook(&self, hook: impl Fn(Moment, &Method, &str) + Send + Sync + 'static) {
        self.inner.hooks.lock().unwrap().push(Box::new(hook));
    }

    /// How many requests came for paths that start so.
    pub(crate) fn count(&self, path: &str) -> usize {
        let requests = self.inner.requests.lock().unwrap();
        requests
            .iter()
            .filter(|request| request.starts_with(path))
            .count()
    }

    /// The paths of all requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.inner.requests.lock().unwrap().clone()
    }
}

/// One request, as the handlers see it.
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// Path as asked, for `url` in answers.
    pub(crate) path: String,
    /// Path without `.json`, by segments.
    pub(crate) parts: Vec<String>,
    pub(crate) role: Role,
    pub(crate) body: Result<Option<Value>, ()>,
}

impl Ask {
    pub(crate) fn part(&self, index: usize) -> &str {
        self.parts.get(index).map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        self.body.clone().ok().flatten().unwrap_or(Value::Null)
    }
}

/// An answer before it is one of HTTP.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: 200,
            body,
            headers: Vec::new(),
        }
    }

    pub(crate) fn error(status: u16, message: &str, url: &str) -> Self {
        let body = json!({"name": message, "message": message, "url": url});
        Self {
            status,
            ..Self::ok(body)
        }
    }

    pub(crate) fn internal(url: &str) -> Self {
        Self::error(500, "An Internal Error Has Occurred.", url)
    }

    pub(crate) fn forbidden(url: &str) -> Self {
        Self::error(
            403,
            "You do not have permission to use this functionality.",
            url,
        )
    }

    /// "Could not ACTION MODEL", with errors.
    pub(crate) fn could_not(what: &str, url: &str, errors: impl Into<Value>) -> Self {
        let errors = errors.into();
        let message = format!("Could not {what}");
        let body = json!({"saved": false, "name": message, "message": message, "url": url, "errors": errors});
        Self {
            status: 403,
            ..Self::ok(body)
        }
    }

    pub(crate) fn saved(message: &str, url: &str, id: &str) -> Self {
        Self::ok(
            json!({"saved": true, "success": true, "name": message, "message": message, "url": url, "id": id}),
        )
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

async fn handle(
    Shared(inner): Shared<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path().to_owned();
    inner.requests.lock().unwrap().push(path.clone());
    for hook in inner.hooks.lock().unwrap().iter() {
        hook(Moment::Before, &method, &path);
    }
    if let Some(fault) = take(&inner, &path, Moment::Before)
        && let Some(response) = faulty(fault).await
    {
        return response;
    }
    let response = answer(&inner, method.clone(), &path, &headers, &body);
    for hook in inner.hooks.lock().unwrap().iter() {
        hook(Moment::AfterStoring, &method, &path);
    }
    if let Some(fault) = take(&inner, &path, Moment::AfterStoring)
        && let Some(response) = faulty(fault).await
    {
        return response;
    }
    response
}

fn take(inner: &Inner, path: &str, moment: Moment) -> Option<Fault> {
    let mut planned = inner.planned.lock().unwrap();
    let found = planned.iter_mut().find(|planned| {
        planned.times > 0 && planned.moment == moment && path.starts_with(&planned.path)
    })?;
    found.times -= 1;
    Some(found.fault.clone())
}

async fn faulty(fault: Fault) -> Option<Response<Body>> {
    let html = |status: u16| {
        Response::builder()
            .status(status)
            .header("Content-Type", "text/html")
    };
    match fault {
        Fault::Status(status, body) => html(status).body(Body::from(body)).ok(),
        Fault::Redirect(target) => html(302)
            .header("Location", target)
            .body(Body::empty())
            .ok(),
        Fault::Empty => html(200).body(Body::empty()).ok(),
        Fault::BreakOff => {
            let parts = [Ok("{\"Event\":"), Err(std::io::Error::other("cut"))];
            let stream = futures_util::stream::iter(parts);
            html(200).body(Body::from_stream(stream)).ok()
        }
        Fault::Slow(wait) => {
            tokio::time::sleep(wait).await;
            None
        }
    }
}

fn answer(
    inner: &Inner,
    method: Method,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Response<Body> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let mut state = inner.state.lock().unwrap();
    let login = || {
        let target = format!("{}/users/login", state.url);
        let found = Response::builder().status(302).header("Location", target);
        found
            .header("Content-Type", "text/html; charset=UTF-8")
            .body(Body::empty())
            .unwrap()
    };
    if !text("accept").contains("application/json") && path.strip_suffix(".json").is_none() {
        return login();
    }
    let Some(role) = Role::of_key(text("authorization")) else {
        let message = "Authentication failed. Please make sure you pass the API key of an API enabled user along \
                       in the Authorization header.";
        return written(&Reply::error(403, message, path));
    };
    if state.maintenance && role != Role::Admin {
        return login();
    }
    let is_json = text("content-type").contains("json");
    let body = match body {
        [] => Ok(None),
        _ if !is_json => Ok(None),
        bytes => serde_json::from_slice(bytes).map(Some).map_err(|_| ()),
    };
    let ask = Ask {
        parts: path
            .trim_end_matches(".json")
            .split('/')
            .skip(1)
            .map(Into::into)
            .collect(),
        path: path.to_owned(),
        method,
        role,
        body,
    };
    written(&route(&mut state, &ask))
}

fn route(state: &mut State, ask: &Ask) -> Reply {
    if ask.body.is_err() {
        let message = "Invalid JSON input. Make sure that the JSON input is a correctly formatted JSON string. \
                       This request has been blocked to avoid an unfiltered request.";
        return Reply::error(405, message, &ask.path);
    }
    match (ask.part(0), ask.part(1)) {
        ("servers", "getVersion") => State::version(ask.role),
        ("users", "view") => State::me(ask.role),
        ("events", "add") => state.add_event(ask),
        ("events", "edit") => state.edit_event(ask),
        ("events", "view") => state.view_event(ask),
        ("events", "restSearch") => state.search_events(ask),
        ("events", "delete") => state.delete_event(ask, ask.part(2)),
        ("events", id) if ask.method == Method::DELETE => state.delete_event(ask, id),
        ("eventBlocklists", "delete") => state.lift(ask),
        ("eventReports", "importReportFromUrl") => state.import(ask),
        ("eventReports", "extractAllFromReport") => state.extract(ask),
        ("eventReports", "view") => state.view_report(ask),
        ("eventReports", "delete") => state.delete_report(ask),
        ("tags", "attachTagToObject") => state.attach_tag(ask),
        ("warninglists", "view") => state.view_list(ask),
        ("warninglists", "index") => state.lists(),
        ("galaxies", "index") => state.galaxies_index(),
        ("galaxies", "view") => state.view_galaxy(ask),
        ("attributes", "restSearch") => state.search_attributes(ask),
        ("attributes", "delete") => state.delete_attribute(ask),
        _ => Reply::error(404, "Not Found", &ask.path),
    }
}

fn written(reply: &Reply) -> Response<Body> {
    let mut response = Response::builder()
        .status(StatusCode::from_u16(reply.status).unwrap())
        .header("Content-Type", "application/json; charset=UTF-8");
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    response
        .body(Body::from(serde_json::to_vec_pretty(&reply.body).unwrap()))
        .unwrap()
}
