//! The description of the API (OpenAPI 3.1): made from the handlers, finished with what holds for all of them.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::schemas;
use crate::web::Web;

/// Problems every operation may have.
const COMMON: [(&str, &str); 9] = [
    ("400", "The request cannot be read."),
    (
        "403",
        "Not allowed: a page of another site made the request, or it is switched off.",
    ),
    ("408", "The request was not complete in the time allowed."),
    ("413", "The body is too large."),
    ("415", "The body is not JSON."),
    ("421", "The `Host` is not this server's."),
    (
        "429",
        "Too many requests; `Retry-After` says when to come back.",
    ),
    ("500", "Something went wrong here."),
    ("503", "The queue's store does not answer."),
];

/// Where the schema says how many articles go into one submission.
const MAX_ITEMS: &str = "/components/schemas/NewArticles/properties/articles/maxItems";

/// The finished description, as JSON.
pub(super) fn finish(described: OpenApi, web: &Web) -> String {
    let mut document = serde_json::to_value(described).unwrap_or_default();
    set_head(&mut document);
    set_security(&mut document, web.auth.has_tokens());
    set_problems(&mut document, web.auth.has_tokens());
    schemas::refine(&mut document);
    if let Some(most) = document.pointer_mut(MAX_ITEMS) {
        *most = json!(web.max_urls);
    }
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn set_head(document: &mut Value) {
    document["info"] = json!({
        "title": "Gleaner",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Submit articles, and see what became of them. Problems are problem details (RFC 9457).",
        "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
    });
    document["servers"] = json!([{"url": "/"}]);
    document["tags"] = json!([
        {"name": "articles", "description": "Articles on their way."},
        {"name": "feeds", "description": "Where articles come from."},
        {"name": "preview", "description": "What would be taken from a page."},
    ]);
}

fn set_security(document: &mut Value, tokens: bool) {
    if !tokens {
        return;
    }
    let components = document
        .get_mut("components")
        .and_then(Value::as_object_mut);
    if let Some(components) = components {
        let token = json!({
            "type": "http", "scheme": "bearer",
            "description": "A token of `[serve.tokens]`.",
        });
        components.insert("securitySchemes".into(), json!({ "token": token }));
    }
    document["security"] = json!([{"token": []}]);
}

fn set_problems(document: &mut Value, tokens: bool) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in paths {
        let operations = item.as_object_mut().into_iter().flat_map(Map::values_mut);
        for responses in operations.filter_map(|operation| operation.get_mut("responses")) {
            let mut add = |status: &str, description: &str| {
                if responses.get(status).is_none() {
                    responses[status] = problem(status, description);
                }
            };
            for (status, description) in COMMON {
                add(status, description);
            }
            if tokens {
                add("401", "A token is needed, or this one is not known.");
            }
            if path.contains("{id}") {
                add(
                    "404",
                    "There is no article of this id, or its record is gone.",
                );
            }
        }
    }
}

fn problem(status: &str, description: &str) -> Value {
    let mut response = json!({
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    let header = match status {
        "429" | "503" => Some(("Retry-After", "Seconds to wait.", "integer")),
        "401" => Some(("WWW-Authenticate", "`Bearer`", "string")),
        _ => None,
    };
    if let (Some((name, description, kind)), Some(members)) = (header, response.as_object_mut()) {
        let header = json!({"description": description, "schema": {"type": kind}});
        members.insert("headers".into(), json!({ name: header }));
    }
    response
}
