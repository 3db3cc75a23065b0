//! Filling the configuration from a file and the environment.
