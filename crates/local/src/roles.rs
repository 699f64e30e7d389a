//! The names under which the one executable plays its internal parts.

/// Makes a user namespace, then becomes the role that follows.
pub(crate) const USER_NAMESPACE: &str = "__user-namespace";
/// Makes the model's namespaces and waits for the model init in them.
pub(crate) const OUTER: &str = "__outer";
/// Process 1 of a model.
pub(crate) const MODEL_INIT: &str = "__model-init";
/// Process 1 of a machine.
pub(crate) const MACHINE_INIT: &str = "__machine-init";
/// A unit's agent.
pub(crate) const AGENT: &str = "__agent";
/// Owner of a model.
pub(crate) const CONTROLLER: &str = "__controller";
/// Tries what a machine needs.
pub(crate) const PROBE: &str = "__probe";
/// Runs a command in a machine.
pub(crate) const ENTER: &str = "__enter";
/// Connects from within a machine.
pub(crate) const DIAL: &str = "__dial";
/// Starts the services that are enabled in a machine.
pub(crate) const SERVICES: &str = "__services";
/// Removes files that belong to users of a user namespace.
pub(crate) const REMOVE: &str = "__remove";
