//! A problem as a page.

use askama::Template;
use axum::response::Response;

use super::{Frame, html};
use crate::web::Web;
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    title: &'a str,
    detail: &'a str,
}

/// Shows a problem to people.
pub(in crate::web) fn error_page(web: &Web, problem: &Problem) -> Response {
    let page = ErrorPage {
        frame: Frame::bare(web),
        title: problem.title(),
        detail: problem.detail(),
    };
    let mut response = html(problem.status(), &page);
    problem.dress(&mut response);
    response
}
