//! [`Elevation`]: how a command becomes another user's.

use std::fmt;
use std::str::FromStr;

/// The program by which commands on a host become another user's, for [`Host::sudo`](crate::Host::sudo) and
/// [`Host::as_user`](crate::Host::as_user). Where it is not installed and who is logged in is root already, it is not needed.
///
/// ```
/// use deploy_core::Elevation;
/// assert_eq!("doas".parse::<Elevation>().unwrap(), Elevation::Doas);
/// assert!("please".parse::<Elevation>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Elevation {
    /// `sudo`, sudo-rs too. The password, where one is wanted, is that of whoever is logged in.
    #[default]
    Sudo,
    /// `doas`. The password, where one is wanted, is that of whoever is logged in. doas reads it from a terminal only, which
    /// `script` of util-linux makes for it on the host.
    Doas,
    /// `su` of util-linux. The password is that of the user whom commands run as; root needs none.
    Su,
}

impl Elevation {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Sudo, Self::Doas, Self::Su];

    /// The program's name.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::Sudo => "sudo",
            Self::Doas => "doas",
            Self::Su => "su",
        }
    }
}

impl fmt::Display for Elevation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

impl FromStr for Elevation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|way| way.program() == text);
        known.ok_or_else(|| format!("`{text}` is not `sudo`, `doas` or `su`"))
    }
}
