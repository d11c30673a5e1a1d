//! Owner, group and mode: what is wanted, what is there, and the difference in words.

use deploy_core::{Error, Result};

/// What is wanted; what is not said stays as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes {
    pub(super) owner: Option<String>,
    pub(super) group: Option<String>,
    pub(super) mode: Option<u32>,
}

/// What is there, as `stat` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Permission bits.
    pub mode: u32,
    /// Owner's number.
    pub uid: String,
    /// Group's number.
    pub gid: String,
    /// Owner's name.
    pub owner: String,
    /// Group's name.
    pub group: String,
    /// Length in bytes.
    pub size: u64,
}

impl Stat {
    /// What `stat` is asked for, to go with [`parse`](Self::parse).
    pub(super) const FORMAT: &'static str = "%a %u %g %U %G %s";

    pub(super) fn parse(text: &str) -> Result<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [mode, uid, gid, owner, group, size] = fields[..] else {
            return Err(Error::msg(format!("`stat` answered `{text}`")));
        };
        Ok(Self {
            mode: u32::from_str_radix(mode, 8)?,
            uid: uid.to_owned(),
            gid: gid.to_owned(),
            owner: owner.to_owned(),
            group: group.to_owned(),
            size: size.parse()?,
        })
    }
}

impl Attributes {
    /// A line for each attribute that is not as wanted.
    pub(super) fn differences(&self, name: &str, stat: &Stat) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(owner) = self.owner.as_ref().filter(|it| **it != stat.owner && **it != stat.uid)
        {
            lines.push(format!("{name}: owner {} becomes {owner}", stat.owner));
        }
        if let Some(group) = self.group.as_ref().filter(|it| **it != stat.group && **it != stat.gid)
        {
            lines.push(format!("{name}: group {} becomes {group}", stat.group));
        }
        if let Some(mode) = self.mode.filter(|mode| *mode != stat.mode) {
            lines.push(format!("{name}: mode {:04o} becomes {mode:04o}", stat.mode));
        }
        lines
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.owner.is_none() && self.group.is_none() && self.mode.is_none()
    }

    /// Owner, group and mode as arguments of a script; empty where nothing is said.
    pub(super) fn arguments(&self) -> [String; 3] {
        [
            self.owner.clone().unwrap_or_default(),
            self.group.clone().unwrap_or_default(),
            self.mode.map(|mode| format!("{mode:04o}")).unwrap_or_default(),
        ]
    }
}
