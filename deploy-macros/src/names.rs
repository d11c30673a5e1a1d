//! Words for messages: lists of names, and what was probably meant.

use std::fmt::Display;

/// `a`, `b` and `c`, each in backticks.
pub(crate) fn list<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// `, did you mean …?`, or nothing.
pub(crate) fn guess(name: &str, known: &[&str]) -> String {
    meant(name, known).map_or_else(String::new, |guess| format!(", did you mean `{guess}`?"))
}

/// The known name that is close enough to be what was meant.
pub(crate) fn meant<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let length = name.chars().count();
    let limit = (length / 3).max(1);
    known
        .iter()
        // What is so much longer or shorter is no nearer than that.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (distance(name, candidate), *candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, with two neighbours that are swapped as one step.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let above = &rows[i];
            let replace = above[j] + usize::from(a[i] != b[j]);
            let mut least = replace.min(row[j] + 1).min(above[j + 1] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{guess, list};

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(guess("paralel", &["parallel", "roles"]), ", did you mean `parallel`?");
        assert_eq!(guess("hots", &["host"]), ", did you mean `host`?");
        assert_eq!(guess("x", &["parallel", "roles"]), "");
    }
}
