//! The way back from names to a pattern: `web1`, `web2`, `web3` and `db1` are `db1,web[1-3]`.

use std::collections::BTreeMap;

use super::Pattern;

/// A number with more digits than this is taken for text.
const DIGITS: usize = 18;

/// The shortest pattern that stands for these names, which a command line takes back (`--hosts`, a cell).
///
/// Names come in natural order, `web2` before `web10`, each once. A name that no pattern can stand for is there as it is. Where
/// several numbers in a name differ the last one is folded.
///
/// ```
/// use deploy_core::host::fold;
/// assert_eq!(fold(["web3", "db1", "web1", "web2", "web07"]), "db1,web[1-3,07]");
/// ```
#[must_use]
pub fn fold<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    // By what is around the numbers, and then by name.
    let mut alike: BTreeMap<Vec<&str>, BTreeMap<Vec<Number<'_>>, &str>> = BTreeMap::new();
    let mut items: Vec<(Natural<'_>, String)> = Vec::new();
    for name in names {
        match parts(name) {
            Some((texts, numbers)) => {
                alike.entry(texts).or_default().insert(numbers, name);
            }
            None => items.push((natural(name), name.to_owned())),
        }
    }
    for (texts, members) in &alike {
        items.extend(folded(texts, members));
    }
    items.sort();
    items.dedup();
    let items: Vec<String> = items.into_iter().map(|(_, item)| item).collect();
    items.join(",")
}

/// What names are sorted by: texts and numbers in turn.
pub(crate) type Natural<'a> = Vec<(&'a str, Number<'a>)>;

/// A run of digits: its value, and how it is written.
pub(crate) type Number<'a> = (u64, &'a str);

/// The key under which `web2` comes before `web10`.
pub(crate) fn natural(name: &str) -> Natural<'_> {
    let (texts, numbers) = cut(name);
    let mut numbers = numbers.into_iter();
    texts.into_iter().map(|text| (text, numbers.next().unwrap_or_default())).collect()
}

/// The texts before, between and behind the numbers of a name, if a pattern can stand for it.
fn parts(name: &str) -> Option<(Vec<&str>, Vec<Number<'_>>)> {
    let plain = Pattern::parse(name).is_ok_and(|pattern| pattern.names().eq([name]));
    // Brackets of an IPv6 address would be taken for a range when numbers in it become one.
    (plain && !name.contains(['[', '*', '?'])).then(|| cut(name))
}

fn cut(name: &str) -> (Vec<&str>, Vec<Number<'_>>) {
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    let (mut text, mut rest) = (0, 0);
    while let Some(start) = name[rest..].find(|c: char| c.is_ascii_digit()).map(|at| at + rest) {
        let digits = name[start..].bytes().take_while(u8::is_ascii_digit).count();
        rest = start + digits;
        if digits <= DIGITS {
            let number = &name[start..rest];
            texts.push(&name[text..start]);
            numbers.push((number.parse().unwrap_or_default(), number));
            text = rest;
        }
    }
    texts.push(&name[text..]);
    (texts, numbers)
}

/// The items for names that differ in their numbers alone.
fn folded<'a>(
    texts: &[&str],
    members: &BTreeMap<Vec<Number<'a>>, &'a str>,
) -> Vec<(Natural<'a>, String)> {
    let differs = |at: &usize| {
        let mut all = members.keys().map(|numbers| numbers[*at]);
        let first = all.next();
        all.any(|number| Some(number) != first)
    };
    let Some(at) = (0..texts.len() - 1).rev().find(differs) else {
        return members.values().map(|name| (natural(name), (*name).to_owned())).collect();
    };
    // The others stay, so each of their values is an item of its own.
    let mut items: BTreeMap<Vec<Number<'a>>, (&str, Vec<Number<'a>>)> = BTreeMap::new();
    for (numbers, name) in members {
        let mut others = numbers.clone();
        let number = others.remove(at);
        items.entry(others).or_insert((name, Vec::new())).1.push(number);
    }
    let item = |(others, (first, numbers)): (Vec<Number<'_>>, (&'a str, Vec<Number<'_>>))| {
        let mut others = others.iter();
        let mut text = texts[0].to_owned();
        for (index, after) in texts[1..].iter().enumerate() {
            match index == at {
                true => text.push_str(&ranges(&numbers)),
                false => text.push_str(others.next().map_or("", |(_, number)| number)),
            }
            text.push_str(after);
        }
        (natural(first), text)
    };
    items.into_iter().map(item).collect()
}

/// `[1-3,07]`, or the number if it is one.
fn ranges(numbers: &[Number<'_>]) -> String {
    if let [(_, only)] = numbers {
        return (*only).to_owned();
    }
    let mut ranges: Vec<(&str, Number<'_>)> = Vec::new();
    for number in numbers {
        // As a pattern counts on from the first number of a range.
        let next = |&(first, last): &(&str, Number<'_>)| {
            let width = if first.starts_with('0') { first.len() } else { 1 };
            number.0 == last.0 + 1 && number.1 == format!("{:0width$}", number.0)
        };
        match ranges.last_mut().filter(|range| next(range)) {
            Some((_, last)) => *last = *number,
            None => ranges.push((number.1, *number)),
        }
    }
    let texts: Vec<String> = ranges
        .iter()
        .map(|(first, (_, last))| match first == last {
            true => (*first).to_owned(),
            false => format!("{first}-{last}"),
        })
        .collect();
    format!("[{}]", texts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_a_pattern() {
        for (names, pattern) in [
            (&["web1"][..], "web1"),
            (&["web10", "web2", "web1", "web1"], "web[1-2,10]"),
            (&["web08", "web09", "web10", "web11"], "web[08-11]"),
            (&["web8", "web09", "web9"], "web[8,09,9]"),
            (&["web1.example.com", "web2.example.com"], "web[1-2].example.com"),
            (&["10.0.0.2", "10.0.0.1", "10.0.1.1"], "10.0.0.[1-2],10.0.1.1"),
            (&["r1n1", "r2n1", "r2n3"], "r1n1,r2n[1,3]"),
            (&["r1n1", "r2n1"], "r[1-2]n1"),
            (&["db", "a b", "[::1]:22"], "[::1]:22,a b,db"),
            (
                &["n12345678901234567890", "n12345678901234567891"],
                "n12345678901234567890,n12345678901234567891",
            ),
            (&[], ""),
        ] {
            assert_eq!(fold(names.iter().copied()), pattern);
        }
    }
}
