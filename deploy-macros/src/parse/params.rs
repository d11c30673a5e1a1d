//! The parameters of an action.

use quote::ToTokens;
use syn::{FnArg, Pat, Signature, Type};

use super::attributes::{default_value, doc, misspelt, take};
use super::types::opaque;
use crate::diagnostics::Diagnostics;
use crate::model::{Param, ParamKind, argument_of, last_segment};

/// Reads them, and takes our attributes and doc comments out of the signature: the compiler allows neither there.
pub(super) fn params(cx: &Diagnostics, signature: &mut Signature) -> Vec<Param> {
    if let Some(generic) = signature.generics.params.first() {
        cx.error(generic, "an action has no generics: its arguments come from a command line");
    }
    let mut params: Vec<Param> = Vec::new();
    for input in &mut signature.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let text = doc(&typed.attrs);
        misspelt(cx, &mut typed.attrs, &["default"]);
        let ours = take(&mut typed.attrs, &["doc", "default"]);
        let ident = match &*typed.pat {
            Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => {
                name.ident.clone()
            }
            other => {
                cx.error(other, "an argument of an action has a name: `commit: String`");
                continue;
            }
        };
        if let Type::Reference(reference) = &*typed.ty {
            cx.error(reference, owned(reference, &ident.to_string()));
            continue;
        }
        if let Some(at) = opaque(typed.ty.to_token_stream()) {
            cx.error_at(
                at,
                format!("an argument of an action has a type with a name: `{ident}: String`"),
            );
            continue;
        }
        let default = ours
            .iter()
            .find(|attr| attr.path().is_ident("default"))
            .and_then(|attr| default_value(cx, attr));
        let (kind, word) = kind(&typed.ty, default.is_some());
        let param = Param { ident, ty: (*typed.ty).clone(), kind, word, default, doc: text };
        if let Some(message) = misplaced(&param, &params) {
            cx.error(&param.ident, message);
        }
        params.push(param);
    }
    params
}

/// What is wrong with where it stands, or with its default: the first of it, as one mistake is one error.
fn misplaced(param: &Param, before: &[Param]) -> Option<String> {
    let Param { ident, ty, kind, default, .. } = param;
    let other = |kind| before.iter().find(|other| other.kind == kind).map(|other| &other.ident);
    if default.is_some() && (argument_of(ty, "Option").is_some() || *kind == ParamKind::Rest) {
        return Some(format!("`{ident}` has a `#[default]`, and may be left out anyway"));
    }
    if let Some(rest) = other(ParamKind::Rest).filter(|_| *kind != ParamKind::Flag) {
        return Some(format!(
            "`{ident}` comes after `{rest}`, which takes all words that are left"
        ));
    }
    let optional = other(ParamKind::Optional).filter(|_| *kind == ParamKind::Required)?;
    Some(format!("`{ident}` must be given, and comes after `{optional}`, which may be left out"))
}

fn owned(reference: &syn::TypeReference, name: &str) -> String {
    let instead = match last_segment(&reference.elem) {
        Some(segment) if segment.ident == "str" => "String".to_owned(),
        Some(segment) if segment.ident == "Path" => "PathBuf".to_owned(),
        Some(segment) => segment.ident.to_string(),
        None => "Vec<String>".to_owned(),
    };
    format!("an action takes owned arguments: `{name}: {instead}`")
}

fn is_bool(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == "bool")
}

/// How it is given, and the type of one word. `Option`, `Vec` and `bool` can only be told by their names.
fn kind(ty: &Type, default: bool) -> (ParamKind, Type) {
    if let Some(word) = argument_of(ty, "Option") {
        return (ParamKind::Optional, word.clone());
    }
    if let Some(word) = argument_of(ty, "Vec") {
        return (ParamKind::Rest, word.clone());
    }
    if is_bool(ty) && !default {
        return (ParamKind::Flag, ty.clone());
    }
    (if default { ParamKind::Optional } else { ParamKind::Required }, ty.clone())
}
