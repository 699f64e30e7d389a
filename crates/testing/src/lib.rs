//! Runs charms in an in-process Juju model, for tests.
