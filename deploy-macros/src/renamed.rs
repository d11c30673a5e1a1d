//! The name of `deploy-core` in the user's crate, if its Cargo.toml renames it.

use std::sync::OnceLock;

use proc_macro2::{Group, Ident, Spacing, TokenStream, TokenTree};

const PACKAGE: &str = "deploy-core";
const NAME: &str = "deploy_core";

/// `tokens` with `::deploy_core` replaced by what the user's crate calls it.
pub(crate) fn renamed(tokens: TokenStream) -> TokenStream {
    static RENAMED: OnceLock<Option<String>> = OnceLock::new();
    let name = RENAMED.get_or_init(|| {
        let manifest = std::env::var_os("CARGO_MANIFEST_PATH")?;
        new_name(&std::fs::read_to_string(manifest).ok()?)
    });
    match name {
        Some(name) => replace(tokens, name),
        None => tokens,
    }
}

/// `dc` of a line such as `dc = { package = "deploy-core", … }`, or of a table `[dependencies.dc]` that says so.
fn new_name(manifest: &str) -> Option<String> {
    let mut table = "";
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']').rsplit('.').next().unwrap_or_default();
        }
        let Some((before, after)) = line.split_once("package") else { continue };
        let value = after.trim_start().strip_prefix('=').map(str::trim_start);
        if !value.is_some_and(|value| value.starts_with(&format!("\"{PACKAGE}\""))) {
            continue;
        }
        let key = before.split_once('=').map_or(table, |(key, _)| key.trim());
        return Some(key.trim_matches('"').replace('-', "_"));
    }
    None
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
        let renamed = "[dependencies]\nmy-dc = { package = \"deploy-core\", version = \"1\" }";
        assert_eq!(new_name(renamed).as_deref(), Some("my_dc"));
        let table = "[dependencies.dc]\npackage = \"deploy-core\"";
        assert_eq!(new_name(table).as_deref(), Some("dc"));
        assert_eq!(new_name("[package]\nname = \"x\"\n[dependencies]\ndeploy-core = \"1\""), None);
    }

    #[test]
    fn only_paths_from_the_root_are_replaced() {
        let tokens = replace(quote!(::deploy_core::X { deploy_core: ::deploy_core::Y }), "dc");
        assert_eq!(tokens.to_string(), quote!(::dc::X { deploy_core: ::dc::Y }).to_string());
    }
}
