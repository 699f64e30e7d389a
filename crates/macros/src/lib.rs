//! The attribute macros of Ensign.
