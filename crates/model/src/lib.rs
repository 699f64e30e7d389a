//! A Juju model as pure state and rules.
