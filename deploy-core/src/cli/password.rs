//! Where the password for sudo comes from, as the command line and the process environment say it.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::privilege::PasswordSource;
use crate::{Error, Result, Secret};

/// Names the file that holds it.
const FILE: &str = "DEPLOY_SUDO_PASSWORD_FILE";

/// No password is longer.
const LONGEST: u64 = 4 << 10;

/// The source: a command if there is one, else the file, else whoever sits at the terminal.
pub(super) fn source(command: Option<&String>) -> Result<PasswordSource> {
    match (command, std::env::var_os(FILE)) {
        (Some(command), _) => Ok(PasswordSource::Command(command.clone())),
        (None, Some(path)) if !path.is_empty() => {
            let path = Path::new(&path);
            let wrong =
                |message: String| Error::usage(format!("{FILE}={}: {message}", path.display()));
            read(path).map(PasswordSource::Known).map_err(wrong)
        }
        _ => Ok(PasswordSource::Ask),
    }
}

/// The file's first and only line, if nobody else can read it.
fn read(path: &Path) -> Result<Secret, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no regular file".to_owned());
    }
    if metadata.mode() & 0o077 != 0 {
        let mode = metadata.mode() & 0o7777;
        return Err(format!("others can read or change it (mode {mode:04o}): `chmod 600` it"));
    }
    let mut text = String::new();
    // The error of what is not UTF-8 shows nothing of it.
    file.take(LONGEST).read_to_string(&mut text).map_err(|error| error.to_string())?;
    let line = text.trim_end_matches(['\n', '\r']);
    match line.is_empty() || line.contains('\n') {
        true => Err("it must hold one line, the password".to_owned()),
        false => Ok(Secret::new(line.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_a_file_that_nobody_else_can_read_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("password");
        for (text, mode, right) in [
            ("open sesame\n", 0o600, true),
            ("open sesame", 0o400, true),
            ("open sesame\n", 0o640, false),
            ("open sesame\n", 0o604, false),
            ("\n", 0o600, false),
            ("one\ntwo\n", 0o600, false),
        ] {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let secret = read(&path);
            assert_eq!(secret.is_ok(), right, "{text:?} {mode:o}");
            match secret {
                Ok(secret) => assert_eq!(secret.expose(), "open sesame"),
                Err(message) => assert!(!message.contains("sesame"), "{message}"),
            }
            std::fs::remove_file(&path).unwrap();
        }
        assert!(read(directory.path()).is_err());
    }
}
