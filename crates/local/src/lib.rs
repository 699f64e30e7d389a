//! Runs an Ensign model for real: controller, agents, processes, machines.
