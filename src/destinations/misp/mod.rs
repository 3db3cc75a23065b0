//! A MISP server as a destination.
//!
//! The whole event goes in one request. What comes after it (import and extraction by the server, cleaning) can
//! be broken off at any point and is taken up again by the next attempt, which finds the event by its UUID and
//! tells from its state what is still to do. An event that an analyst has touched is left as it is.

mod cleaning;
mod client;
mod clusters;
mod deliver;
mod extract;
mod judge;
mod kept;
pub(crate) mod wire;

use std::sync::Arc;

use async_trait::async_trait;

use super::{Delivering, Destination, Receipt};
use crate::config;
use crate::event::Event;
use crate::failure::Failure;

pub use self::cleaning::{Folded, Required, matches, required_tags};
pub use self::client::MispClient;
pub use self::wire::{Me, Organisation, Role};

/// A MISP server, with the settings for delivering to it.
pub struct Misp {
    client: Arc<MispClient>,
    settings: config::Misp,
    server_extraction: bool,
}

impl Misp {
    /// Delivers to the server of this client. No request is made yet.
    pub fn new(client: Arc<MispClient>, settings: config::Misp) -> Self {
        Self {
            client,
            settings,
            server_extraction: false,
        }
    }

    /// Whether the server shall extract indicators from the report (`indicators.extraction = "misp"`).
    #[must_use]
    pub fn with_server_extraction(mut self, wanted: bool) -> Self {
        self.server_extraction = wanted;
        self
    }

    /// The client, for purge and diagnosis.
    pub fn client(&self) -> &Arc<MispClient> {
        &self.client
    }
}

#[async_trait]
impl Destination for Misp {
    fn name(&self) -> &'static str {
        config::DestinationKind::Misp.as_str()
    }

    async fn deliver(&self, event: &Event, context: Delivering<'_>) -> Result<Receipt, Failure> {
        self.deliver_event(event, context).await
    }

    async fn flush(&self) -> Result<(), Failure> {
        Ok(())
    }
}
