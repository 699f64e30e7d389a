//! What knows Redis, and of Juju no more than the context that runs programs and writes files; most of it not even that.
//!
//! | file | about |
//! |---|---|
//! | `source` | what differs by where Redis comes from |
//! | `replies` | what a server answers |
//! | `conf`, `describe` | a server's file, and what stands in it |
//! | `changes` | which commands make a running server what its file says |
//! | `nodes`, `plan` | what a node knows of its cluster, and what the cluster needs next |
//! | `checks` | how Nagios sees that there is one |
//! | `words` | what a server or a cluster is, for its operator |
//! | `server`, `apply`, `manage` | the same done: through `redis-cli`, files and the service |

pub mod apply;
pub mod changes;
pub mod checks;
pub mod conf;
pub mod describe;
pub mod manage;
pub mod nodes;
pub mod plan;
pub mod replies;
pub mod server;
pub mod source;
pub mod words;
