//! Paths on a host, which are not paths of this machine.

use std::fmt;

use serde::Serialize;

use super::quote;

/// A path on a host. In a command a leading `~` or `~user` is left to the host's shell to expand,
/// everything else is quoted.
///
/// ```
/// use deploy_core::RemotePath;
/// let app = RemotePath::new("~/app").join("current");
/// assert_eq!(app.to_string(), "~/app/current");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RemotePath(String);

impl RemotePath {
    /// A path as written; nothing is looked up.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// The path as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This path with `part` below it; an absolute `part` replaces it, as in `std::path`.
    #[must_use]
    pub fn join(&self, part: impl AsRef<str>) -> Self {
        let part = part.as_ref();
        if part.starts_with('/') || self.0.is_empty() {
            return Self(part.to_owned());
        }
        Self(format!("{}/{part}", self.0.trim_end_matches('/')))
    }

    /// The directory that holds this path, or `None` for a root, a home and a bare name.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let path = self.0.trim_end_matches('/');
        match path.rsplit_once('/')? {
            ("", _) if path.is_empty() => None,
            ("", _) => Some(Self("/".to_owned())),
            (parent, _) => Some(Self(parent.to_owned())),
        }
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        let name = self.0.trim_end_matches('/').rsplit('/').next()?;
        (!name.is_empty()).then_some(name)
    }

    /// The path as one word of a POSIX shell, with a leading `~` or `~user` left to expand.
    ///
    /// A relative path that begins with a dash gets `./` in front, so that no program takes it for an option.
    pub(crate) fn to_shell(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.0.len() + 2);
        let rest = match self.0.strip_prefix('~') {
            Some(tail) => {
                let user_end = tail.find('/').unwrap_or(tail.len());
                let (user, rest) = tail.split_at(user_end);
                if user
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
                {
                    out.push(b'~');
                    out.extend_from_slice(user.as_bytes());
                    if rest.is_empty() {
                        return out;
                    }
                    out.push(b'/');
                    &rest[1..]
                } else {
                    &self.0
                }
            }
            None if self.0.starts_with('-') => {
                out.extend_from_slice(b"./");
                &self.0
            }
            None => &self.0,
        };
        if !rest.is_empty() || out.is_empty() {
            quote::push_quoted(&mut out, rest.as_bytes());
        }
        out
    }
}

impl fmt::Display for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for RemotePath {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}

impl From<String> for RemotePath {
    fn from(path: String) -> Self {
        Self(path)
    }
}

impl From<&Self> for RemotePath {
    fn from(path: &Self) -> Self {
        path.clone()
    }
}

impl std::str::FromStr for RemotePath {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::RemotePath;

    #[test]
    fn tilde_expands_and_the_rest_is_quoted() {
        for (path, expected) in [
            ("~", "~"),
            ("~/", "~/"),
            ("~/my app", "~/'my app'"),
            ("~app/x", "~app/x"),
            ("~$(id)/x", "'~$(id)/x'"),
            ("/a b", "'/a b'"),
            ("-rf", "./-rf"),
            ("", "''"),
        ] {
            assert_eq!(
                String::from_utf8(RemotePath::new(path).to_shell()).unwrap(),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn parents() {
        let parent = |p: &str| RemotePath::new(p).parent().map(|p| p.as_str().to_owned());
        assert_eq!(parent("/a/b"), Some("/a".to_owned()));
        assert_eq!(parent("/a"), Some("/".to_owned()));
        assert_eq!(parent("/"), None);
        assert_eq!(parent("~/x"), Some("~".to_owned()));
        assert_eq!(parent("x"), None);
    }
}
