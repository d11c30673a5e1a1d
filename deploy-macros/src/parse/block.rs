//! An impl block with `#[node]`. Bodies stay tokens: what is wrong in one is the compiler's to say.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, Generics, ImplItem, LitStr, Meta, PathArguments, ReturnType, Signature,
    Token, Type, Visibility, braced, parse_quote,
};

use super::attributes::{arguments, doc, misspelt, take};
use super::keys::{equals, expect_nothing, keys};
use super::params::params;
use super::types::{bound, mention, opaque};
use crate::diagnostics::Diagnostics;
use crate::model::{Action, Block, BlockItem, Query, argument_of, last_segment, mentions};

/// Reads it; nothing if it is no plain impl block.
pub(crate) fn block(cx: &Diagnostics, item: TokenStream) -> Option<Block> {
    let parser = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        // That no impl block of a type is `unsafe` the compiler has said.
        input.parse::<Option<Token![unsafe]>>()?;
        input.parse::<Token![impl]>()?;
        let mut generics: Generics =
            if input.peek(Token![<]) { input.parse()? } else { Generics::default() };
        let self_ty: Type = input.parse()?;
        if input.peek(Token![for]) {
            return Err(syn::Error::new(
                self_ty.span(),
                "`#[node]` stands on the impl block of a node, not of a trait",
            ));
        }
        generics.where_clause = input.parse()?;
        bound(&mut generics);
        let content;
        braced!(content in input);
        let mut items: Vec<BlockItem> = Vec::new();
        while !content.is_empty() {
            let ahead = content.fork();
            match item_of(cx, &ahead) {
                Ok(item) => {
                    advance(&content, &ahead);
                    items.push(once(&items, item));
                }
                Err(_) => items.extend(unreadable(&content)),
            }
        }
        let inner = argument_of(&self_ty, "Array").cloned();
        let array = inner.is_some();
        let node = inner.unwrap_or_else(|| self_ty.clone());
        Ok(Block { attrs, generics, node, self_ty, array, items })
    };
    cx.ok(parser.parse2(item))
}

/// Two methods of one name are the compiler's to report: the second one is nothing to us, so that this is said but once.
fn once(items: &[BlockItem], item: BlockItem) -> BlockItem {
    match item {
        BlockItem::Action(action, written) => {
            let again = items.iter().any(|item| {
                matches!(item, BlockItem::Action(known, _)
                    if known.ident == action.ident && known.cfg.is_empty())
            });
            match again && action.cfg.is_empty() {
                true => BlockItem::Other(written),
                false => BlockItem::Action(action, written),
            }
        }
        other => other,
    }
}

/// Goes behind an item that the compiler could not read either, and has said so. A method that is right but for its arguments is
/// written again, since it is called elsewhere; of anything else the compiler would say more than it has.
fn unreadable(input: ParseStream<'_>) -> Option<BlockItem> {
    let mut trees: Vec<TokenTree> = Vec::new();
    while let Ok(tree) = input.parse::<TokenTree>() {
        let ends = match &tree {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => matches!(punct.as_char(), ';' | ','),
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        trees.push(tree);
        if ends {
            break;
        }
    }
    let written = trees.iter().cloned().collect();
    let without_arguments: TokenStream = trees
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                TokenTree::Group(Group::new(Delimiter::Parenthesis, TokenStream::new()))
            }
            other => other,
        })
        .collect();
    let method = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Signature>()?;
        input.parse::<TokenTree>()
    };
    method.parse2(without_arguments).is_ok().then_some(BlockItem::Other(written))
}

fn item_of(cx: &Diagnostics, input: ParseStream<'_>) -> syn::Result<BlockItem> {
    let start = input.fork();
    let mut attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    let Some(signature) = signature(input)? else {
        // A constant, a type or a macro call: none of our business.
        let item: ImplItem = start.parse()?;
        advance(input, &start);
        return Ok(BlockItem::Other(item.into_token_stream()));
    };
    if !input.peek(syn::token::Brace) && !input.peek(Token![;]) {
        return Err(input.error("expected the body of a function"));
    }
    let body: TokenTree = input.parse()?;
    misspelt(cx, &mut attrs, &["action", "hook"]);
    of_action(cx, &mut attrs);
    let hooks = take(&mut attrs, &["hook"]);
    if let [hook, again @ ..] = hooks.as_slice() {
        for attr in again {
            cx.mended(attr, "one `#[hook]` is enough: a method is called at one moment");
        }
        return Ok(super::hook::hook(cx, attrs, &vis, &signature, &body, hook));
    }
    let ours = take(&mut attrs, &["action"]);
    Ok(method(cx, attrs, &vis, signature, &body, &ours))
}

/// What `#[action(..)]` takes, written as attributes.
fn of_action(cx: &Diagnostics, attrs: &mut Vec<Attribute>) {
    for attr in take(attrs, &OPTIONS) {
        let path = attr.path();
        let name = path.get_ident().map(ToString::to_string).unwrap_or_default();
        let value = match name.as_str() {
            "name" | "alias" | "confirm" => " = \"..\"",
            _ => "",
        };
        cx.mended(path, format!("`#[{name}]` is written `#[action({name}{value})]`"));
    }
}

/// Brings `input` to where `fork` is.
fn advance(input: ParseStream<'_>, fork: ParseStream<'_>) {
    use syn::parse::discouraged::Speculative;
    input.advance_to(fork);
}

fn signature(input: ParseStream<'_>) -> syn::Result<Option<Signature>> {
    let ahead = input.fork();
    match ahead.parse::<Signature>() {
        Ok(signature) => {
            advance(input, &ahead);
            Ok(Some(signature))
        }
        Err(error) => {
            let is_fn =
                [input.peek(Token![fn]), input.peek(Token![async]), input.peek(Token![unsafe])];
            if is_fn.contains(&true) { Err(error) } else { Ok(None) }
        }
    }
}

fn method(
    cx: &Diagnostics,
    attrs: Vec<Attribute>,
    vis: &Visibility,
    mut signature: Signature,
    body: &TokenTree,
    action: &[Attribute],
) -> BlockItem {
    let doc = doc(&attrs);
    let cfg: Vec<Attribute> =
        attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    let ident = signature.ident.clone();
    let is_public = matches!(vis, Visibility::Public(_));
    if is_public {
        meant(cx, &mut signature, body);
    }
    let by_reference =
        matches!(signature.inputs.first(), Some(FnArg::Receiver(receiver)) if is_ref(receiver));
    let first_attr = action.first();
    let params = if is_public && signature.asyncness.is_some() {
        params(cx, &mut signature)
    } else {
        Some(Vec::new())
    };
    let lacks_result = is_public
        && signature.asyncness.is_some()
        && matches!(signature.output, ReturnType::Default);
    if lacks_result {
        cx.mended(&ident, returns_a_result(&ident));
        if says(body.to_token_stream(), "Ok") {
            // What only a `Result` is: the body is right then, and its callers know it.
            signature.output = parse_quote!(-> ::deploy_core::Result);
        }
    }
    let written = quote!(#(#attrs)* #vis #signature #body);
    if !is_public {
        if let Some(attr) = first_attr {
            cx.mended(attr, format!("`{ident}` is not `pub`, and so is no action"));
        }
        return BlockItem::Other(written);
    }
    if signature.asyncness.is_none() {
        if let Some(attr) = first_attr {
            cx.mended(attr, format!("`{ident}` is not `async`, and so is no action"));
        }
        return query(cx, cfg, doc, &signature, by_reference, written);
    }
    let Some(params) = params else { return BlockItem::Broken(Box::new(signature), written) };
    if !by_reference {
        let at = signature
            .inputs
            .first()
            .map_or_else(|| ident.to_token_stream(), ToTokens::to_token_stream);
        cx.mended(at, takes_self(&ident));
        return BlockItem::Broken(Box::new(signature), written);
    }
    let mut word = signature.safety.to_token_stream();
    word.extend(signature.abi.to_token_stream());
    if !word.is_empty() {
        cx.mended(&word, format!("an action is not `{}`: it is called by its name\nnote: `pub(crate)` makes it a plain method", word));
        return BlockItem::Broken(Box::new(signature), written);
    }
    let Some(output) = result(cx, &signature) else {
        return BlockItem::Broken(Box::new(signature), written);
    };
    let mut made = Action {
        cfg,
        doc,
        ident,
        params,
        output,
        name: None,
        aliases: Vec::new(),
        default: false,
        one_host: false,
        no_result: false,
        lock: false,
        confirm: None,
    };
    options(cx, &mut made, action);
    BlockItem::Action(Box::new(made), written)
}

/// Says what is wrong with the beginning of an action where the rest of it shows what is meant, and writes that, for its callers know it.
fn meant(cx: &Diagnostics, signature: &mut Signature, body: &TokenTree) {
    let ident = signature.ident.clone();
    let body = body.to_token_stream();
    let returns_a_result = matches!(&signature.output, ReturnType::Type(_, ty)
        if last_segment(ty).is_some_and(|segment| segment.ident == "Result"));
    if signature.asyncness.is_none() && returns_a_result && waits(body.clone()) {
        cx.mended(
            &ident,
            format!("`{ident}` waits with `.await` and is not `async`: an action is `pub async fn {ident}(..)`"),
        );
        signature.constness = None;
        signature.asyncness = Some(Token![async](ident.span()));
    }
    let by_value = matches!(signature.inputs.first(), Some(FnArg::Receiver(receiver))
        if matches!(receiver.kind, syn::ReceiverKind::Value));
    let forgotten = signature.receiver().is_none() && mention(body).is_some();
    if signature.asyncness.is_some() && (by_value || forgotten) {
        let this = quote_spanned!(ident.span()=> &self);
        let this: FnArg = parse_quote!(#this);
        if by_value {
            cx.mended(&signature.inputs[0], takes_self(&ident));
            signature.inputs[0] = this;
        } else {
            cx.mended(&ident, takes_self(&ident));
            signature.inputs.insert(0, this);
        }
    }
}

fn takes_self(ident: &Ident) -> String {
    format!(
        "an action takes `&self`: `pub async fn {ident}(&self, ..) -> Result`\nnote: `pub(crate)` makes it a plain method"
    )
}

/// Whether a body waits for something itself, and not in an `async` block or an argument such as an `async` closure alone.
fn waits(body: TokenStream) -> bool {
    let mut is_async = false;
    body.into_iter().any(|tree| match tree {
        TokenTree::Ident(word) => {
            is_async = word == "async" || is_async && word == "move";
            word == "await"
        }
        TokenTree::Group(group) => {
            let is_body = group.delimiter() == Delimiter::Brace;
            let is_async = std::mem::take(&mut is_async);
            let is_async = is_async || !is_body && says(group.stream(), "async");
            !is_async && waits(group.stream())
        }
        _ => false,
    })
}

/// Whether a word stands in a body.
fn says(body: TokenStream, word: &str) -> bool {
    mentions(body, &Ident::new(word, Span::call_site()))
}

pub(super) fn is_ref(receiver: &syn::Receiver) -> bool {
    match &receiver.kind {
        syn::ReceiverKind::Reference(_, lifetime, None) => {
            lifetime.as_ref().is_none_or(|lifetime| lifetime.ident == "_")
        }
        _ => false,
    }
}

/// The return type of an action, which is spelled `Result`, so that a fan-out can be told from its tokens.
fn result(cx: &Diagnostics, signature: &Signature) -> Option<Type> {
    let ident = &signature.ident;
    match &signature.output {
        ReturnType::Type(_, ty)
            if last_segment(ty).is_some_and(|segment| segment.ident == "Result") =>
        {
            if let Some(at) = opaque(ty.to_token_stream()) {
                cx.mended_at(
                    at,
                    format!("`{ident}` returns a type without a name\nnote: an action's result has one, such as `Result<Vec<String>>`; `serde_json::Value` holds anything"),
                );
                return None;
            }
            // A third argument of `Result` is the compiler's to report.
            (arguments_of(ty) < 3).then(|| (**ty).clone())
        }
        ReturnType::Type(_, ty) => {
            cx.mended(ty, returns_a_result(ident));
            None
        }
        // Has been reported.
        ReturnType::Default => None,
    }
}

fn returns_a_result(ident: &Ident) -> String {
    format!("an action returns `Result` or `Result<T>`: `pub async fn {ident}(..) -> Result`")
}

/// How many arguments a generic type has.
fn arguments_of(ty: &Type) -> usize {
    match last_segment(ty).map(|segment| &segment.arguments) {
        Some(PathArguments::AngleBracketed(generics)) => generics.args.len(),
        _ => 0,
    }
}

fn query(
    cx: &Diagnostics,
    cfg: Vec<Attribute>,
    doc: TokenStream,
    signature: &Signature,
    by_reference: bool,
    written: TokenStream,
) -> BlockItem {
    let ident = &signature.ident;
    if signature.inputs.is_empty() {
        return BlockItem::Other(written);
    }
    if !by_reference || signature.inputs.len() > 1 {
        let takes = if signature.inputs.len() > 1 || signature.receiver().is_none() {
            "takes arguments"
        } else {
            "takes more than `&self`"
        };
        cx.mended(
            ident,
            format!("`{ident}` is public, not `async` and {takes}\nnote: an action is `pub async fn`, a property takes only `&self`; `pub(crate)` makes it a plain method"),
        );
        return BlockItem::Other(written);
    }
    match &signature.output {
        ReturnType::Type(_, ty) if signature.generics.params.is_empty() => {
            let output = (**ty).clone();
            let query = Query { cfg, doc, ident: ident.clone(), output };
            BlockItem::Query(Box::new(query), written)
        }
        _ => BlockItem::Other(written),
    }
}

const OPTIONS: [&str; 7] = ["name", "alias", "default", "one_host", "no_result", "lock", "confirm"];

/// Of one `#[action(..)]` or several, which say together what one could.
fn options(cx: &Diagnostics, action: &mut Action, attrs: &[Attribute]) {
    let mut tokens = TokenStream::new();
    for attr in attrs {
        if matches!(attr.meta, Meta::NameValue(_)) {
            cx.mended(attr, "`#[action]` takes no `=`: what it is told stands in parentheses, `#[action(name = \"..\")]`");
        }
        let comma = (!tokens.is_empty()).then(|| quote!(,));
        let written = arguments(attr);
        tokens.extend(quote!(#comma #written));
    }
    keys(cx, tokens, &OPTIONS, "`#[action]`", |name, key, input| {
        let text = |example: &str| -> syn::Result<LitStr> {
            equals(input, key, example)?;
            let several =
                if name == "alias" { "\nnote: it is said again for each further one" } else { "" };
            let message = format!("`{key}` takes a text: `{example}`{several}");
            let at = input.span();
            input.parse().map_err(|_| syn::Error::new(at, message))
        };
        match name {
            "name" => action.name = Some(text("name = \"2to3\"")?),
            "alias" => action.aliases.push(text("alias = \"manage.py\"")?),
            "confirm" => action.confirm = Some(text("confirm = \"Really?\"")?),
            flag => {
                match flag {
                    "default" => action.default = true,
                    "one_host" => action.one_host = true,
                    "lock" => action.lock = true,
                    _ => action.no_result = true,
                }
                expect_nothing(input, key)?;
            }
        }
        Ok(())
    });
}
