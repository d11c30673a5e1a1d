//! `cmd!`: a command literal becomes pieces of shell source and quoted values.
//!
//! literal → [`parse`] (braces) → [`place`] (where in the shell's grammar each value stands) → [`expand`]. Every
//! error is at the literal: stable Rust has no spans inside of one.

mod expand;
mod parse;
mod place;

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token};

use parse::Piece;

/// Expands `cmd!("…")`; a mistake becomes one `compile_error!`, followed by an empty command so that nothing else fails.
pub(crate) fn cmd(input: TokenStream) -> TokenStream {
    match command(input) {
        Ok(tokens) => tokens,
        Err(error) => {
            let error = error.into_compile_error();
            let nothing = expand::nothing();
            quote::quote!({ #error #nothing })
        }
    }
}

fn command(input: TokenStream) -> syn::Result<TokenStream> {
    let one = |input: ParseStream<'_>| {
        let literal: LitStr = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(literal)
    };
    let literal = one.parse2(input).map_err(|error| {
        syn::Error::new(
            error.span(),
            "`cmd!` takes one string literal\n\
             note: values are named in it, as in `cmd!(\"git clone {url}\")`; `Cmd::raw(string)` runs a string as shell source",
        )
    })?;
    let text = literal.value();
    let wrong = |message: String| syn::Error::new(literal.span(), message);
    if text.trim().is_empty() {
        return Err(wrong("this command is empty\nnote: what the shell runs stands in it, as in `cmd!(\"systemctl restart {unit}\")`".to_owned()));
    }
    let pieces = parse::pieces(&text).map_err(wrong)?;
    place::check(&pieces).map_err(wrong)?;
    Ok(expand::command(&pieces, literal.span()))
}

#[cfg(test)]
mod tests {
    use super::{parse, place};

    fn check(text: &str) -> Result<(), String> {
        place::check(&parse::pieces(text)?)
    }

    #[test]
    fn values_stand_where_quoting_protects_them() {
        for text in [
            "git clone {url} {self.dir}",
            "tar -C {dir} --file={file.0}",
            "awk '{{print $1}}' {file}",
            "echo \"$(basename {path})\" > {out}",
            "test -d {dir} || {{ mkdir {dir}; }}",
            "sh -c {script} _ {x}",
            "cat <<EOF {x}\nplain\nEOF\necho {y}",
            "echo \"${{HOME}}\" {x} # a remark",
            "cat <<< {x}",
            "echo '{x:raw}'",
            "echo it\\'s {x}",
            "echo $(( 1 + 2 )) {x}",
            "echo a#b {x}",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn values_are_refused_where_it_does_not() {
        for (text, place) in [
            ("sh -c 'echo {x}'", "single quotes"),
            ("echo \"{x}\"", "double quotes"),
            ("echo `ls {x}`", "backticks"),
            ("echo $(( {x} + 1 ))", "arithmetic"),
            ("(( n = {x} ))", "arithmetic"),
            ("cat <<EOF\n{x}\nEOF", "here-document"),
            ("cat <<{x}", "here-document"),
            ("echo # {x}", "comment"),
            ("echo ${x}", "`$`"),
            ("echo \\{x}", "backslash"),
            ("echo ${{y:-{x}}}", "${…}"),
            ("echo $( case a in a) echo {x} ;; esac )", "`case`"),
        ] {
            let message = check(text).expect_err(text);
            assert!(message.contains(place), "{text}: {message}");
        }
    }

    #[test]
    fn unbalanced_literals_are_refused() {
        for (text, what) in [
            ("echo 'a", "`'`"),
            ("echo \"a", "`\"`"),
            ("echo `a", "backtick"),
            ("echo $(a", "`$(`"),
            ("echo {a", "`{`"),
            ("echo a}", "`}`"),
            ("echo {}", "holds"),
            ("echo {f(x)}", "holds"),
            ("echo {x:?}", "`:?`"),
            ("cat <<EOF\na", "here-document"),
        ] {
            let message = check(text).expect_err(text);
            assert!(message.contains(what), "{text}: {message}");
        }
    }
}
