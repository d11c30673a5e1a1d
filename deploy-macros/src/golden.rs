//! Golden expansions: what the macros write, as people read it, and how many lines of it they may write.
//!
//! `UPDATE=1 cargo test -p deploy-macros` rewrites `tests/golden`. Lines cost compile time in every crate that declares
//! a node: what two nodes share belongs into a function or a table of the runtime.

use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::node::node;

type Failure = Box<dyn std::error::Error>;

/// An expansion and how many lines it may add to what the user wrote.
struct Golden {
    name: &'static str,
    attr: TokenStream,
    item: TokenStream,
    budget: usize,
}

fn goldens() -> Vec<Golden> {
    let web = |more: TokenStream| {
        quote!(
            /// Serves the site.
            pub struct Web {
                /// What it is called.
                #[required]
                name: String,
                /// Where it listens.
                #[default(80)]
                port: u16,
                #more
            }
        )
    };
    let leaf = || web(quote!());
    let parent = web(quote!(
        /// Where it is checked out.
        #[node(directory = "/srv")]
        git: Git,
    ));
    let golden = |name, attr, item, budget| Golden { name, attr, item, budget };
    vec![
        golden("normal_node", quote!(), leaf(), 200),
        golden("node_with_a_child", quote!(), parent, 200),
        golden("parallel_node", quote!(parallel), leaf(), 200),
        golden("parallel_node_with_a_role", quote!(parallel, roles(queue)), leaf(), 200),
        golden("action", quote!(), block(quote!(Web), 1), 60),
        golden("array_action", quote!(), block(quote!(Array<Web>), 1), 52),
    ]
}

/// An impl block with actions of one argument.
fn block(of: TokenStream, actions: usize) -> TokenStream {
    let action = quote!(
        /// Deploys a commit.
        pub async fn deploy(&self, commit: String) -> Result {
            Ok(())
        }
    );
    let actions = (0..actions).map(|_| &action);
    quote!(impl #of { #(#actions)* })
}

/// The source of what stands in `tokens`. What an impl block hands to a parallel node is counted too, as that writes it
/// out.
fn printed(tokens: TokenStream) -> Result<String, Failure> {
    let mut file: syn::File = syn::parse2(tokens)?;
    let mut items = Vec::new();
    for item in file.items {
        match item {
            syn::Item::Macro(call) if call.ident.is_none() => {
                items.extend(syn::parse2::<syn::File>(handed(call.mac.tokens))?.items);
            }
            other => items.push(other),
        }
    }
    file.items = items;
    Ok(prettyplease::unparse(&file))
}

/// What a parallel node makes of `fan ..` or `array { what it says of a normal node } ..`.
fn handed(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter();
    let kind = tokens.next();
    if matches!(&kind, Some(TokenTree::Ident(word)) if word == "fan") {
        return crate::expand::fan(tokens.collect());
    }
    tokens.next();
    tokens.collect()
}

/// What becomes of an item, and how many lines that adds to those of the user's that are still there.
fn expansion(attr: TokenStream, item: TokenStream) -> Result<(String, usize), Failure> {
    let own = printed(item.clone())?;
    let own = own.lines().filter(|line| !line.trim_start().starts_with("#[")).count();
    let text = printed(node(attr, item))?;
    let lines = text.lines().count() - own;
    Ok((text, lines))
}

#[test]
fn expansions_are_as_written_and_short() -> Result<(), Failure> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for golden in goldens() {
        let (text, lines) = expansion(golden.attr, golden.item)?;
        let path = folder.join(golden.name).with_extension("rs");
        if update {
            std::fs::write(&path, &text)?;
        } else if std::fs::read_to_string(&path)? != text {
            wrong.push(format!("{}: differs; see it with UPDATE=1 and git diff", golden.name));
        }
        if lines > golden.budget {
            wrong.push(format!("{}: {lines} lines, budget {}", golden.name, golden.budget));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// What each further action of a block adds: its row, its adapter and its fan-out.
#[test]
fn an_action_adds_few_lines() -> Result<(), Failure> {
    for of in [quote!(Web), quote!(Array<Web>)] {
        let lines =
            |actions| expansion(quote!(), block(of.clone(), actions)).map(|(_, lines)| lines);
        let lines = lines(3)? - lines(2)?;
        assert!(lines <= 30, "{of}: {lines} lines for an action with one argument");
    }
    Ok(())
}
