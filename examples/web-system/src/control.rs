//! What this machine, from which everything is deployed, has to give: the repository, directories, the password.
//!
//! The one place that reads the environment.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use deploy_core::prelude::*;

/// Where the application comes from: `WEB_SYSTEM_REPOSITORY`, or the workspace that this program was built from.
pub(crate) fn repository() -> String {
    std::env::var("WEB_SYSTEM_REPOSITORY").unwrap_or_else(|_| workspace().display().to_string())
}

/// Where the staging service listens: port `WEB_SYSTEM_PORT`, or 8080.
pub(crate) fn staging_address() -> String {
    let port = std::env::var("WEB_SYSTEM_PORT").unwrap_or_else(|_| "8080".to_owned());
    format!("127.0.0.1:{port}")
}

/// Where staging lives.
pub(crate) fn staging_directory() -> String {
    data().join("staging").display().to_string()
}

/// Where sources and binaries are kept: below the build directory of the workspace.
pub(crate) fn build_directory() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace().join("target"), |directory| workspace().join(directory))
        .join("web-system")
}

/// A password for `whom`. It is made up once and kept here, readable by nobody else.
///
/// # Errors
/// When it cannot be read or kept.
pub(crate) fn password(whom: &str) -> Result<Secret> {
    let path = data().join(format!("{whom}-password"));
    match fs::read_to_string(&path) {
        Ok(password) => return Ok(Secret::new(password.trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => bail!("{}: {error}", path.display()),
    }
    let mut random = [0_u8; 24];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    let password: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::create_dir_all(data())?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    writeln!(file, "{password}")?;
    Ok(Secret::new(password))
}

/// Where this user's data of the example is: `~/.local/share/deploy-web-system`.
fn data() -> PathBuf {
    let home = std::env::home_dir().unwrap_or_default();
    std::env::var_os("XDG_DATA_HOME")
        .map_or_else(|| home.join(".local/share"), PathBuf::from)
        .join("deploy-web-system")
}

fn workspace() -> PathBuf {
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).map_or_else(|| package.clone(), PathBuf::from)
}
