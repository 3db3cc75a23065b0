//! Taking what the form brings.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::form::{Form, notice, wishes};
use super::home::page_with;
use super::sent::Sent;
use super::{Visitor, see};
use crate::web::auth::Caller;
use crate::web::client::Client;
use crate::web::problem::Problem;
use crate::web::submission::{self, Outcome, Submitter, Wish};
use crate::web::{Shared, Web};

/// Takes what can be taken, says what became of each article, and leaves the bad ones in the form.
pub(super) async fn submit(
    State(web): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Extension(client): Extension<Client>,
    sent: Sent,
) -> Result<Response, Problem> {
    web.auth.check_form(&visitor.session, sent.field("csrf"))?;
    let wishes = match wishes(&web, &visitor, &sent) {
        Ok(wishes) => wishes,
        Err(flaws) => {
            let mut form = Form::filled(&web, &visitor, &sent);
            form.blame(&flaws, !sent.files.is_empty());
            return page_with(&web, &visitor, StatusCode::UNPROCESSABLE_ENTITY, form).await;
        }
    };
    let user = visitor.caller.as_ref().and_then(Caller::name);
    let by = Submitter::new(&web, &client, user);
    let outcomes = submission::submit(web.queue.as_ref(), &wishes, by).await?;
    web.overview.forget().await;
    if let [Outcome::Queued(job)] = outcomes.as_slice() {
        return Ok(see(&format!("/jobs/{}", job.id)));
    }
    let form = answered(&web, &visitor, &sent, &wishes, &outcomes);
    let refused = outcomes.iter().all(is_refused);
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page_with(&web, &visitor, status, form).await
}

fn is_refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(_))
}

/// The form with what is left to do: articles that were refused, with all that was said of them; and one that is
/// known, which may be wanted again.
fn answered(
    web: &Web,
    visitor: &Visitor,
    sent: &Sent,
    wishes: &[Wish],
    outcomes: &[Outcome],
) -> Form {
    let answers = || wishes.iter().zip(outcomes);
    let single = outcomes.len() == 1;
    let left = answers().filter(|(_, outcome)| single || is_refused(outcome));
    let left: Vec<&Wish> = left.map(|(wish, _)| wish).collect();
    let mut form = if left.is_empty() {
        Form::of(web, visitor)
    } else {
        let urls = left.iter().filter_map(|wish| wish.url.as_deref());
        Form {
            urls: urls.collect::<Vec<_>>().join("\n"),
            ..Form::filled(web, visitor, sent)
        }
    };
    for outcome in outcomes {
        if let Outcome::Refused(flaws) = outcome {
            form.blame(flaws, false);
        }
    }
    if !left.is_empty() {
        form.blame(&[], !sent.files.is_empty());
    }
    form.notices = answers()
        .map(|(wish, outcome)| notice(wish, outcome))
        .collect();
    form
}
