//! Logging in and out.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::fields::Fields;
use super::{Frame, Visitor, html, local, see, with_cookie};
use crate::web::Shared;
use crate::web::client::Client;
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    frame: Frame,
    /// Where to go then.
    next: &'a str,
    /// Whether there are tokens to log in with; else only a proxy can.
    tokens: bool,
    fault: Option<&'a str>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
}

pub(super) async fn form(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Fields(asked): Fields<Asked>,
) -> Response {
    let next = local(&asked.next);
    if visitor.caller.is_some() {
        return see(next);
    }
    html(
        StatusCode::OK,
        &LoginPage {
            frame: Frame::of(&web, &visitor),
            next,
            tokens: web.auth.has_tokens(),
            fault: None,
        },
    )
}

#[derive(Deserialize)]
pub(super) struct Login {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn log_in(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Extension(client): Extension<Client>,
    Fields(login): Fields<Login>,
) -> Result<Response, Problem> {
    web.auth.check_form(&visitor.session, &login.csrf)?;
    let next = local(&login.next);
    match web.auth.check(login.token.trim(), &client) {
        Ok(name) => {
            tracing::info!(user = name, client = %client.address, "logged in");
            // A new session: who planted the old one gains nothing.
            let session = web.auth.new_session(Some(&name));
            Ok(with_cookie(
                see(next),
                &web.auth.set_cookie(&session, &client),
            ))
        }
        Err(problem) => {
            let page = LoginPage {
                frame: Frame::of(&web, &visitor),
                next,
                tokens: web.auth.has_tokens(),
                fault: Some(problem.detail()),
            };
            let mut response = html(problem.status(), &page);
            problem.dress(&mut response);
            Ok(response)
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Logout {
    #[serde(default)]
    csrf: String,
}

pub(super) async fn log_out(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Extension(client): Extension<Client>,
    Fields(logout): Fields<Logout>,
) -> Result<Response, Problem> {
    web.auth.check_form(&visitor.session, &logout.csrf)?;
    let session = web.auth.new_session(None);
    Ok(with_cookie(
        see("/login"),
        &web.auth.set_cookie(&session, &client),
    ))
}
