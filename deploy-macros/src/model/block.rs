//! An impl block with `#[node]`.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Generics, LitStr, Signature, Type};

use super::DefaultValue;

/// `impl X { .. }` or `impl Array<X> { .. }`.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) generics: Generics,
    /// The node: `X`, also of `Array<X>`.
    pub(crate) node: Type,
    /// The type as written.
    pub(crate) self_ty: Type,
    pub(crate) array: bool,
    pub(crate) items: Vec<BlockItem>,
}

/// One item: what is written in the block, cleaned of our attributes, and what it is to us.
pub(crate) enum BlockItem {
    Action(Box<Action>, TokenStream),
    Query(Box<Query>, TokenStream),
    Hook(Box<Hook>, TokenStream),
    /// What would be an action if it were not wrong: its callers are not to be told that it is not there.
    Broken(Box<Signature>, TokenStream),
    Other(TokenStream),
}

/// A `pub async fn (&self, ..) -> Result<T>`.
pub(crate) struct Action {
    pub(crate) cfg: Vec<Attribute>,
    /// The text, or a macro that gives it.
    pub(crate) doc: TokenStream,
    pub(crate) ident: Ident,
    pub(crate) params: Vec<Param>,
    pub(crate) output: Type,
    pub(crate) name: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) default: bool,
    pub(crate) one_host: bool,
    pub(crate) no_result: bool,
    pub(crate) lock: bool,
    pub(crate) confirm: Option<LitStr>,
}

impl Action {
    /// The name on the command line.
    pub(crate) fn called(&self) -> String {
        self.name.as_ref().map_or_else(|| plain(&self.ident), LitStr::value)
    }
}

/// A parameter of an action.
pub(crate) struct Param {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) kind: ParamKind,
    /// The type of one word.
    pub(crate) word: Type,
    pub(crate) default: Option<DefaultValue>,
    /// The text, or a macro that gives it.
    pub(crate) doc: TokenStream,
}

impl Param {
    /// The name on the command line: the underscore of a parameter that is not used is nothing to whoever gives it.
    pub(crate) fn called(&self) -> String {
        plain(&self.ident).trim_start_matches('_').to_owned()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParamKind {
    Required,
    Optional,
    Rest,
    Flag,
}

/// A `pub fn (&self) -> T`.
pub(crate) struct Query {
    pub(crate) cfg: Vec<Attribute>,
    /// The text, or a macro that gives it.
    pub(crate) doc: TokenStream,
    pub(crate) ident: Ident,
    pub(crate) output: Type,
}

/// A private `async fn (&self, ..) -> Result` that is called around every action.
pub(crate) struct Hook {
    pub(crate) cfg: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) moment: Moment,
    /// What it is told, as written.
    pub(crate) params: Vec<Type>,
    pub(crate) output: Type,
}

/// When a hook is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
    Failed,
}

/// An identifier as a name, without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}
