//! The name of `deploy-core` in the user's crate, if its Cargo.toml renames it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proc_macro2::{Group, Ident, Spacing, TokenStream, TokenTree};

const PACKAGE: &str = "deploy-core";
const NAME: &str = "deploy_core";

/// `tokens` with `::deploy_core` replaced by what the user's crate calls it.
pub(crate) fn renamed(tokens: TokenStream) -> TokenStream {
    static RENAMED: OnceLock<Option<String>> = OnceLock::new();
    let name = RENAMED.get_or_init(|| {
        let path = PathBuf::from(std::env::var_os("CARGO_MANIFEST_PATH")?);
        new_name(&std::fs::read_to_string(&path).ok()?, || workspace(&path))
    });
    match name {
        Some(name) => replace(tokens, name),
        None => tokens,
    }
}

/// The manifest of the workspace that a crate is in.
fn workspace(manifest: &Path) -> Option<String> {
    manifest
        .ancestors()
        .skip(1)
        .filter_map(|directory| std::fs::read_to_string(directory.join("Cargo.toml")).ok())
        .find(|text| text.lines().any(|line| line.trim_start().starts_with("[workspace")))
}

/// What a manifest calls the package, if not by its name; where it takes a dependency over from its workspace, what that does.
fn new_name(manifest: &str, workspace: impl FnOnce() -> Option<String>) -> Option<String> {
    let shared = |table: &str| table.starts_with("workspace");
    let own = renames(manifest).into_iter().find(|(table, _)| !shared(table));
    let (_, key) = own.or_else(|| {
        let shared = renames(&workspace()?).into_iter().filter(|(table, _)| shared(table));
        shared.into_iter().find(|(_, key)| depends_on(manifest, key))
    })?;
    Some(key.replace('-', "_"))
}

/// Table and key of `dc = { package = "deploy-core", … }`, of `dc.package = …`, and of a table `[dependencies.dc]` that says so.
fn renames(manifest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut table = "";
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']');
        }
        let Some((before, after)) = line.split_once("package") else { continue };
        let value = after.trim_start().strip_prefix('=').map(str::trim_start);
        if !value.is_some_and(|value| value.starts_with(&format!("\"{PACKAGE}\""))) {
            continue;
        }
        let (table, key) = match before.split_once('=') {
            Some((key, _)) => (table, key.trim()),
            None if before.is_empty() => table.rsplit_once('.').unwrap_or_default(),
            None => (table, before.trim_end_matches('.')),
        };
        found.push((table.to_owned(), key.trim_matches('"').to_owned()));
    }
    found
}

/// Whether one of a manifest's own tables has this key, or is called by it.
fn depends_on(manifest: &str, key: &str) -> bool {
    let mut table = "";
    manifest.lines().map(str::trim).any(|line| {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']');
        }
        let named = || table.rsplit_once('.').is_some_and(|(_, last)| last == key);
        let has = || line.split(['.', '=']).next().is_some_and(|word| word.trim() == key);
        !table.starts_with("workspace") && (named() || has())
    })
}

fn replace(tokens: TokenStream, name: &str) -> TokenStream {
    let (mut half, mut whole) = (false, false);
    tokens
        .into_iter()
        .map(|tree| {
            let after_colons = whole;
            (half, whole) = match &tree {
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    (!half && punct.spacing() == Spacing::Joint, half)
                }
                _ => (false, false),
            };
            match tree {
                TokenTree::Ident(ident) if after_colons && ident == NAME => {
                    TokenTree::Ident(Ident::new(name, ident.span()))
                }
                TokenTree::Group(group) => {
                    let mut new = Group::new(group.delimiter(), replace(group.stream(), name));
                    new.set_span(group.span());
                    TokenTree::Group(new)
                }
                other => other,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{new_name, replace};

    #[test]
    fn a_renamed_dependency_is_found() {
        for (manifest, name) in [
            (
                "[dependencies]\nmy-dc = { package = \"deploy-core\", version = \"1\" }",
                Some("my_dc"),
            ),
            ("[dependencies]\ndc.package = \"deploy-core\"\ndc.version = \"1\"", Some("dc")),
            ("[dependencies.dc]\npackage = \"deploy-core\"", Some("dc")),
            ("[package]\nname = \"x\"\n[dependencies]\ndeploy-core = \"1\"", None),
        ] {
            assert_eq!(new_name(manifest, || None).as_deref(), name, "{manifest}");
        }
    }

    #[test]
    fn a_name_is_taken_over_from_the_workspace() {
        let workspace = "[workspace]\n[workspace.dependencies]\ndc = { package = \"deploy-core\" }";
        for (manifest, name) in [
            ("[dependencies]\ndc.workspace = true", Some("dc")),
            ("[dependencies]\ndc = { workspace = true, features = [] }", Some("dc")),
            ("[dev-dependencies.dc]\nworkspace = true", Some("dc")),
            ("[dependencies]\nother.workspace = true\ndeploy-core = \"1\"", None),
        ] {
            let found = new_name(manifest, || Some(workspace.to_owned()));
            assert_eq!(found.as_deref(), name, "{manifest}");
        }
        let both = format!("{workspace}\n[dependencies]\ndc.workspace = true");
        assert_eq!(new_name(&both, || Some(both.clone())).as_deref(), Some("dc"));
        let unused = format!("{workspace}\n[dependencies]\ndeploy-core = \"1\"");
        assert_eq!(new_name(&unused, || Some(unused.clone())), None);
    }

    #[test]
    fn only_paths_from_the_root_are_replaced() {
        let tokens = replace(quote!(::deploy_core::X { deploy_core: ::deploy_core::Y }), "dc");
        assert_eq!(tokens.to_string(), quote!(::dc::X { deploy_core: ::dc::Y }).to_string());
    }
}
