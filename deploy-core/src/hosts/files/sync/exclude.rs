//! Patterns of paths that are left out.

use crate::host::glob;

/// Patterns, any of which leaves a path out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Excluded(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    parts: Vec<String>,
    /// Compared with the path below the top, not with a name.
    anchored: bool,
    directories: bool,
}

impl Excluded {
    pub(super) fn extend<P: AsRef<str>>(&mut self, patterns: impl IntoIterator<Item = P>) {
        self.0.extend(patterns.into_iter().filter_map(|pattern| Pattern::parse(pattern.as_ref())));
    }

    /// Whether this path itself is left out; that one above it is, is for the caller to have seen.
    pub(super) fn contains(&self, path: &[u8], is_directory: bool) -> bool {
        self.0.iter().any(|pattern| pattern.fits(path, is_directory))
    }

    /// Words of `find` for what need not be looked into on a host: patterns that `find` understands exactly as we do.
    pub(super) fn for_find(&self) -> Vec<String> {
        let mut words = Vec::new();
        let simple = |pattern: &&Pattern| !pattern.directories && !pattern.has_special();
        for pattern in self.0.iter().filter(simple) {
            words.push(if words.is_empty() { "(" } else { "-o" }.to_owned());
            let path = pattern.parts.join("/");
            match pattern.anchored {
                true => words.extend(["-path".to_owned(), format!("./{path}")]),
                false => words.extend(["-name".to_owned(), path]),
            }
        }
        if !words.is_empty() {
            words.extend([")", "-prune", "-print0", "-o"].map(str::to_owned));
        }
        words
    }
}

impl Pattern {
    /// Nothing if it fits nothing.
    fn parse(text: &str) -> Option<Self> {
        let directories = text.ends_with('/');
        let path = text.trim_end_matches('/');
        let anchored = path.contains('/');
        let parts: Vec<String> = path
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .map(str::to_owned)
            .collect();
        (!parts.is_empty()).then_some(Self { parts, anchored, directories })
    }

    fn has_special(&self) -> bool {
        self.parts.iter().any(|part| part.contains(['*', '?', '[', '\\']))
    }

    fn fits(&self, path: &[u8], is_directory: bool) -> bool {
        if self.directories && !is_directory {
            return false;
        }
        let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        match (self.anchored, &self.parts[..], names.last()) {
            (false, [part], Some(name)) => glob(part.as_bytes(), name),
            (_, parts, _) => fits(parts, &names),
        }
    }
}

fn fits(parts: &[String], names: &[&[u8]]) -> bool {
    match parts.split_first() {
        None => names.is_empty(),
        Some((part, rest)) if part == "**" => {
            (0..=names.len()).any(|skipped| fits(rest, &names[skipped..]))
        }
        Some((part, rest)) => names
            .split_first()
            .is_some_and(|(name, below)| glob(part.as_bytes(), name) && fits(rest, below)),
    }
}

#[cfg(test)]
mod tests {
    use super::Excluded;

    fn of(patterns: &[&str]) -> Excluded {
        let mut excluded = Excluded::default();
        excluded.extend(patterns);
        excluded
    }

    #[test]
    fn patterns_fit_names_or_paths() {
        for (pattern, path, is_directory, expected) in [
            ("*.map", "a.map", false, true),
            ("*.map", "js/a.map", false, true),
            ("*.map", "a.mapx", false, false),
            ("/cache", "cache", true, true),
            ("/cache", "a/cache", true, false),
            ("cache/", "a/cache", true, true),
            ("cache/", "cache", false, false),
            ("a/*.js", "a/x.js", false, true),
            ("a/*.js", "a/b/x.js", false, false),
            ("a/**/x.js", "a/b/c/x.js", false, true),
            ("a/**/x.js", "a/x.js", false, true),
            ("**/t/*", "a/t/x", false, true),
            ("./a", "a", false, true),
            ("", "a", false, false),
            ("/", "a", true, false),
        ] {
            let found = of(&[pattern]).contains(path.as_bytes(), is_directory);
            assert_eq!(found, expected, "{pattern} {path}");
        }
    }

    #[test]
    fn find_is_told_what_it_understands() {
        let words = of(&["node_modules", "/var/log", "*.map", "x[1]", "d/"]).for_find().join(" ");
        assert_eq!(words, "( -name node_modules -o -path ./var/log ) -prune -print0 -o");
        assert!(of(&["*.map"]).for_find().is_empty());
    }
}
