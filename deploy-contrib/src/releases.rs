//! Releases in a directory: how many of them are kept.

use deploy_core::command::ToWords;
use deploy_core::{Cmd, Operation, Output, Plan, RemotePath, Result};

/// The newest first; the one that `current` beside them points to is marked.
const INSPECT: &str = r#"cd -- "$1" 2>/dev/null || exit 0
current=$(readlink ../current) || current=
for release in $(ls -1t); do
  if [ "${current##*/}" = "$release" ]; then echo "current $release"; else echo "other $release"; fi
done"#;

/// How many releases are kept.
#[derive(Clone, Debug)]
pub struct KeepReleases {
    directory: RemotePath,
    keep: usize,
}

/// One release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its directory's name.
    pub name: String,
    /// Whether `current` points to it.
    pub current: bool,
}

/// Keeps the `keep` newest releases in `directory` and whichever the link `current` beside it points to.
///
/// ```
/// let tidy = deploy_contrib::keep_releases("/srv/app/releases", 5);
/// ```
pub fn keep_releases(directory: impl Into<RemotePath>, keep: usize) -> KeepReleases {
    KeepReleases { directory: directory.into(), keep }
}

impl Operation for KeepReleases {
    type State = Vec<Release>;

    fn describe(&self) -> String {
        format!("{} releases in {}", self.keep, self.directory)
    }

    fn inspect(&self) -> Cmd {
        Cmd::script(INSPECT, [&self.directory])
    }

    fn parse(&self, output: &Output) -> Result<Vec<Release>> {
        let releases = output.stdout_str()?.lines().filter_map(|line| {
            let (how, name) = line.split_once(' ')?;
            Some(Release { name: name.to_owned(), current: how == "current" })
        });
        Ok(releases.collect())
    }

    fn plan(&self, newest_first: &Vec<Release>) -> Result<Plan> {
        let old: Vec<String> = newest_first
            .iter()
            .skip(self.keep)
            .filter(|release| !release.current)
            .map(|release| release.name.clone())
            .collect();
        if old.is_empty() {
            return Ok(Plan::nothing());
        }
        let words: [&dyn ToWords; 2] = [&self.directory, &old];
        let remove = Cmd::script("cd -- \"$1\" && shift && rm -rf -- \"$@\"", words);
        Ok(Plan::nothing().step(format!("remove old releases {}", old.join(", ")), remove))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_and_the_current_one_stay() {
        let read = |text: &str| keep_releases("/r", 2).parse(&Output::from_stdout(text)).unwrap();
        let plan = |text: &str| keep_releases("/r", 2).plan(&read(text)).unwrap().diff();
        assert_eq!(plan(""), "");
        assert_eq!(plan("current c\nother b\n"), "");
        assert_eq!(plan("other d\nother c\ncurrent b\nother a\n"), "remove old releases a\n");
        assert_eq!(plan("current d\nother c\nother b\nother a\n"), "remove old releases b, a\n");
    }
}
