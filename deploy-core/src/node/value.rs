//! [`Value`]: what an action returned, for people and as JSON.

use std::fmt;

use serde::Serialize;

/// The result of an action.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `()`: nothing to show.
    #[default]
    None,
    /// A string, shown as it is.
    Text(String),
    /// Anything else.
    Json(serde_json::Value),
    /// A result for each cell, in order.
    PerHost(Vec<(String, Self)>),
}

impl Value {
    /// The value as JSON; `null` for nothing, an object from host to value for cells.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::None => serde_json::Value::Null,
            Self::Text(text) => serde_json::Value::String(text.clone()),
            Self::Json(json) => json.clone(),
            Self::PerHost(cells) => serde_json::Value::Object(
                cells.iter().map(|(host, value)| (host.clone(), value.to_json())).collect(),
            ),
        }
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_none(&self) -> bool {
        match self {
            Self::None => true,
            Self::PerHost(cells) => cells.iter().all(|(_, value)| value.is_none()),
            _ => false,
        }
    }

    /// What an action's result is shown as.
    #[doc(hidden)]
    pub fn of(value: &impl Serialize) -> crate::Result<Self> {
        Ok(match serde_json::to_value(value)? {
            serde_json::Value::Null => Self::None,
            serde_json::Value::String(text) => Self::Text(text),
            json => Self::Json(json),
        })
    }
}

/// Strings as they are, lists one item a line, objects as `key: value` lines, anything deeper as indented JSON.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Json(json) => readable(json, f),
            Self::PerHost(cells) => {
                let shown = cells.iter().filter(|(_, value)| !value.is_none());
                lines(f, shown, |f, (host, value)| {
                    let text = value.to_string();
                    let separator = if text.contains('\n') { ":\n" } else { ": " };
                    write!(f, "{host}{separator}{text}")
                })
            }
        }
    }
}

fn lines<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_str("\n")?;
        }
        write(f, item)?;
    }
    Ok(())
}

fn readable(json: &serde_json::Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use serde_json::Value as Json;
    let flat = |json: &Json| !matches!(json, Json::Array(_) | Json::Object(_));
    match json {
        Json::String(text) => f.write_str(text),
        Json::Array(items) if items.iter().all(flat) => {
            lines(f, items, |f, item| readable(item, f))
        }
        Json::Object(fields) if fields.values().all(flat) => lines(f, fields, |f, (key, value)| {
            write!(f, "{key}: ")?;
            readable(value, f)
        }),
        Json::Array(_) | Json::Object(_) => write!(f, "{json:#}"),
        scalar => write!(f, "{scalar}"),
    }
}

/// As its JSON.
impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::PerHost(cells) => {
                serializer.collect_map(cells.iter().map(|(host, value)| (host, value)))
            }
            other => other.to_json().serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn results_are_readable() {
        let shown = |json| Value::of(&json).map(|value| value.to_string());
        assert_eq!(shown(serde_json::json!("a b")).unwrap(), "a b");
        assert_eq!(shown(serde_json::json!([1, "x"])).unwrap(), "1\nx");
        assert_eq!(shown(serde_json::json!({"a": 1, "b": "x"})).unwrap(), "a: 1\nb: x");
        assert_eq!(shown(serde_json::json!(null)).unwrap(), "");
        let cells = Value::PerHost(vec![
            ("web1".to_owned(), Value::Text("up".to_owned())),
            ("web2".to_owned(), Value::None),
        ]);
        assert_eq!(cells.to_string(), "web1: up");
    }
}
