//! The parameters of an action.

use quote::ToTokens;
use syn::{FnArg, Pat, PatType, Signature, Type};

use super::attributes::{default_value, doc, misspelt, take};
use super::types::{impossible, mention, opaque};
use crate::diagnostics::Diagnostics;
use crate::model::{Param, ParamKind, argument_of, last_segment};

/// Reads them, and takes our attributes and doc comments out of the signature: the compiler allows neither there. Nothing if
/// something of them is wrong, and has been told: then the method is none that is called by name.
pub(super) fn params(cx: &Diagnostics, signature: &mut Signature) -> Option<Vec<Param>> {
    if let Some(generic) = signature.generics.params.first() {
        cx.mended(generic, "an action has no generics: its arguments come from a command line");
        for input in &mut signature.inputs {
            if let FnArg::Typed(typed) = input {
                take(&mut typed.attrs, &["doc", "default"]);
            }
        }
        return None;
    }
    let mut params: Vec<Param> = Vec::new();
    let mut is_right = true;
    for input in &mut signature.inputs {
        let FnArg::Typed(typed) = input else { continue };
        match param(cx, typed) {
            Some(param) => {
                if let Some(message) = misplaced(&param, &params) {
                    cx.mended(&param.ident, message);
                    is_right = false;
                }
                params.push(param);
            }
            None => is_right = false,
        }
    }
    is_right.then_some(params)
}

fn param(cx: &Diagnostics, typed: &mut PatType) -> Option<Param> {
    let text = doc(&typed.attrs);
    misspelt(cx, &mut typed.attrs, &["default"]);
    let ours = take(&mut typed.attrs, &["doc", "default"]);
    let ident = match &*typed.pat {
        Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => name.ident.clone(),
        other => {
            cx.mended(other, "an argument of an action has a name: `commit: String`");
            return None;
        }
    };
    if let Some(at) = opaque(typed.ty.to_token_stream()) {
        cx.mended_at(
            at,
            format!("an argument of an action has a type with a name: `{ident}: String`"),
        );
        return None;
    }
    if let Some((message, instead)) = impossible(&typed.ty, "an argument of an action") {
        cx.mended(&typed.ty, message);
        *typed.ty = instead;
        return None;
    }
    let mut defaults = ours.iter().filter(|attr| attr.path().is_ident("default"));
    let default = match defaults.next() {
        Some(attr) => Some(default_value(cx, attr)?),
        None => None,
    };
    for again in defaults {
        cx.mended(again, format!("`{ident}` has two `#[default]`"));
    }
    if let Some(this) = default.as_ref().and_then(|value| mention(value.expr.to_token_stream())) {
        cx.mended_at(this, "`self` in a `#[default(..)]`: an argument is read before the action is called\nnote: take an `Option`, and what is left out from `self` in the action");
        return None;
    }
    let (kind, word) = kind(&typed.ty, default.is_some());
    if let Type::Reference(reference) = &word {
        let instead = owned(reference);
        let instead = match (kind, matches!(&*typed.ty, Type::Reference(_))) {
            (_, true) => instead,
            (ParamKind::Rest, _) => format!("Vec<{instead}>"),
            _ => format!("Option<{instead}>"),
        };
        cx.mended(reference, format!("an action takes owned arguments: `{ident}: {instead}`"));
        return None;
    }
    Some(Param { ident, ty: (*typed.ty).clone(), kind, word, default, doc: text })
}

/// What is wrong with where it stands, or with its default: the first of it, as one mistake is one error.
fn misplaced(param: &Param, before: &[Param]) -> Option<String> {
    let Param { ident, ty, kind, default, .. } = param;
    // Two of the very same name are the compiler's to report.
    let namesake = |other: &&Param| other.called() == param.called() && other.ident != *ident;
    if let Some(other) = before.iter().find(namesake) {
        let (name, other) = (param.called(), &other.ident);
        return Some(format!("`{name}` is the name of two arguments: `{other}` and `{ident}`"));
    }
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

/// What is owned where this is borrowed.
fn owned(reference: &syn::TypeReference) -> String {
    match last_segment(&reference.elem) {
        Some(segment) if segment.ident == "str" => "String".to_owned(),
        Some(segment) if segment.ident == "Path" => "PathBuf".to_owned(),
        Some(segment) => segment.ident.to_string(),
        None => "Vec<String>".to_owned(),
    }
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
