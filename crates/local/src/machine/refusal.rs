//! Why no machine can be had here, in one sentence that names the setting and the ways out.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Why machines are impossible on this system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// Root without `CAP_SYS_ADMIN`.
    NoAdmin,
    /// An ordinary user may not make namespaces.
    NoUserNamespaces,
    /// A user namespace can be made, but AppArmor takes the rights in it away.
    AppArmor,
    /// The model's folder cannot carry an overlay.
    Overlay {
        /// The folder.
        path: PathBuf,
        /// Its filesystem's type.
        filesystem: String,
    },
    /// The root of the filesystem cannot lie below another overlay.
    Nested,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAdmin => f.write_str(
                "Ensign may not make machines here: the right CAP_SYS_ADMIN is missing (a container without \
                 --privileged?). Run it on the host or use --no-machines.",
            ),
            Self::NoUserNamespaces => f.write_str(
                "This system does not let ordinary users make namespaces (user.max_user_namespaces=0 / \
                 kernel.unprivileged_userns_clone=0). Ask an administrator to allow it, run as root (`sudo`), \
                 or use --no-machines.",
            ),
            Self::AppArmor => f.write_str(
                "AppArmor stops namespaces of ordinary users (kernel.apparmor_restrict_unprivileged_userns=1). \
                 `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`, run as root (`sudo`), or use \
                 --no-machines.",
            ),
            Self::Overlay { path, filesystem } => write!(
                f,
                "The folder {} is on {filesystem}, which cannot carry machines (overlay upper). Choose another \
                 with ENSIGN_HOME; in docker, a volume.",
                path.display()
            ),
            Self::Nested => f.write_str(
                "This system is itself a container whose root cannot carry machines (the kernel stacks no more than two \
                 overlays, and none over mounts of a container without privileges). Run Ensign one level further out \
                 or use --no-machines.",
            ),
        }
    }
}

impl std::error::Error for Refusal {}
