//! Templates in minijinja's language, which is Jinja2's. A variable that is not given is an error, never empty text.

use std::collections::BTreeMap;

use deploy_core::{Error, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use serde::Serialize;

/// The variables of a template; made by [`context!`](crate::context!).
#[derive(Clone, Debug, Default)]
pub struct Context {
    values: BTreeMap<&'static str, Value>,
}

impl Context {
    /// Adds a variable; structs become maps.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Self {
        self.values.insert(name, Value::from(Serde(value)));
        self
    }
}

/// The variables of a template: `context! { domain => self.domain, port }`. Values are taken by reference; whatever is
/// `Serialize` will do.
///
/// ```
/// use deploy_contrib::{context, template};
/// let (servers, port) = (["web1", "web2"], 80);
/// let source = "{% for it in servers %}{{ it }}:{{ port }} {% endfor %}";
/// let text = template::render("list", source, &context! { servers, port => port + 1 }).unwrap();
/// assert_eq!(text, "web1:81 web2:81 ");
/// ```
#[macro_export]
macro_rules! context {
    ($($name:ident $(=> $value:expr)?),* $(,)?) => {
        $crate::template::Context::default()$(.with(
            ::core::stringify!($name),
            $crate::context!(@value $name $(=> $value)?),
        ))*
    };
    (@value $name:ident) => { &$name };
    (@value $name:ident => $value:expr) => { &$value };
}

/// Fills in a template. `name` is what errors call it.
///
/// ```
/// use deploy_contrib::{context, template};
/// let text = template::render("motd", "Hello {{ name }}\n", &context! { name => "world" }).unwrap();
/// assert_eq!(text, "Hello world\n");
/// let error = template::render("motd", "\nHello {{ nme }}\n", &context! { name => "world" }).unwrap_err();
/// assert_eq!(error.to_string(), "template motd, line 2: `nme` is not defined");
/// ```
///
/// # Errors
/// With file, line and what is wrong there.
pub fn render(name: &str, source: &str, context: &Context) -> Result<String> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    // These are configuration files, whatever their names end in: nothing is escaped, no newline eaten.
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_syntax(SyntaxConfig::builder().keep_trailing_newline(true).build()?);
    // Knows which part of the template an error is about.
    env.set_debug(true);
    env.template_from_named_str(name, source)
        .and_then(|template| template.render(Value::from_pairs(context.values.clone())))
        .map_err(|error| Error::msg(message(name, source, &error)))
}

fn message(name: &str, source: &str, error: &minijinja::Error) -> String {
    let line = error.line().map_or_else(String::new, |line| format!(", line {line}"));
    let at = error.range().and_then(|range| source.get(range)).map(str::trim);
    let what = match (error.kind(), at) {
        (minijinja::ErrorKind::UndefinedError, Some(expression)) => {
            format!("`{expression}` is not defined")
        }
        (_, Some(expression)) if !expression.is_empty() => {
            format!("{} at `{expression}`", detail(error))
        }
        _ => detail(error),
    };
    format!("template {name}{line}: {what}")
}

fn detail(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::render;

    #[test]
    fn mistakes_are_named() {
        for (source, expected) in [
            ("{{ a }}\n{{ site.domain }}\n", "template t, line 2: `site.domain` is not defined"),
            ("{% if nope %}x{% endif %}", "template t, line 1: `nope` is not defined"),
            ("{% for x in %}", "template t, line 1: "),
            ("{{ a|nofilter }}", "template t, line 1: "),
        ] {
            let error =
                render("t", source, &context! { a => 1, site => BTreeMap::<u8, u8>::new() })
                    .unwrap_err();
            assert!(error.to_string().starts_with(expected), "{source:?}: {error}");
        }
    }

    #[test]
    fn a_final_newline_stays() {
        assert_eq!(render("t", "a\n", &context! {}).unwrap(), "a\n");
        assert_eq!(render("t", "a", &context! {}).unwrap(), "a");
    }
}
