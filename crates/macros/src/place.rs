//! Where something stands: crate, file, line. Absolute paths stay out of the charm.

use std::path::{Component, Path};

use proc_macro2::{Span, TokenStream};
use quote::quote;

/// The crate, file and line of a handler or a trigger.
#[derive(Debug)]
pub(crate) struct Place {
    /// With underscores, as `main!` names it; nothing where no Cargo runs.
    pub(crate) krate: Option<String>,
    pub(crate) file: String,
    pub(crate) line: u32,
}

impl Place {
    /// An expression of type `&'static str`: the crate.
    pub(crate) fn krate(&self) -> TokenStream {
        match &self.krate {
            Some(krate) => quote!(#krate),
            None => quote!(__ensign::first_segment(::core::module_path!())),
        }
    }
}

/// Where `span` is. Only inside a macro's expansion.
pub(crate) fn of(span: Span) -> Place {
    let span = span.unwrap();
    let package = std::env::var_os("CARGO_MANIFEST_DIR");
    let here = std::env::current_dir().unwrap_or_default();
    let file = span.local_file().unwrap_or_default();
    Place {
        krate: std::env::var("CARGO_CRATE_NAME").ok(),
        file: relative(&file, &here, package.as_deref().map(Path::new)),
        line: u32::try_from(span.line()).unwrap_or_default(),
    }
}

/// `file` as its package sees it. The compiler names files of the workspace relative to `here`, others
/// absolutely. A file outside the package (its tokens came from another crate's macro) is only its name: where
/// it lies is the builder's affair.
fn relative(file: &Path, here: &Path, package: Option<&Path>) -> String {
    let absolute = here.join(file);
    let inside = package.and_then(|p| absolute.strip_prefix(p).ok());
    let shown = match inside {
        Some(inside) => inside,
        None => Path::new(file.file_name().unwrap_or_default()),
    };
    let parts: Vec<_> = shown
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        })
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(file: &str) -> String {
        relative(
            Path::new(file),
            Path::new("/home/me/work"),
            Some(Path::new("/home/me/work/charms/db")),
        )
    }

    #[test]
    fn a_member_of_a_workspace_is_seen_from_its_own_package() {
        assert_eq!(shown("charms/db/reactive/db.rs"), "reactive/db.rs");
    }

    #[test]
    fn a_package_outside_the_workspace_is_no_different() {
        assert_eq!(
            shown("/home/me/work/charms/db/reactive/db.rs"),
            "reactive/db.rs"
        );
    }

    #[test]
    fn no_path_of_the_builder_is_shown() {
        assert_eq!(
            shown("/home/me/.cargo/registry/src/layer/src/lib.rs"),
            "lib.rs"
        );
        assert_eq!(
            relative(Path::new("/home/me/x.rs"), Path::new("/"), None),
            "x.rs"
        );
        assert_eq!(shown(""), "");
    }
}
