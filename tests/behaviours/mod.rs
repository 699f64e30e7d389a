//! One module a section of the semantics.

mod dispatch;
