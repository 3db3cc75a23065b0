//! Requests to the untrusted web: the only place that builds HTTP clients.
