//! The database's file, which only its owner may read: it holds the keys that sign tokens.

use std::io;
use std::path::{Path, PathBuf, absolute};

/// Makes the file, or takes the others' rights off one that is there.
///
/// Its whole path, since SQLite reads what begins with `file:` as a URI, and opens what that says.
pub(crate) fn private(path: &str) -> io::Result<PathBuf> {
    let path = absolute(path)?;
    make_private(&path)?;
    Ok(path)
}

/// The two files that SQLite keeps beside it get the same rights from SQLite itself, unless a
/// process that was killed has left them behind.
#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::ffi::OsString;
    use std::fs::{OpenOptions, Permissions, set_permissions};
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

    const OWNER_ONLY: u32 = 0o600;

    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWNER_ONLY)
        .open(path)?;
    for end in ["", "-wal", "-shm"] {
        let mut file = OsString::from(path);
        file.push(end);
        match set_permissions(file, Permissions::from_mode(OWNER_ONLY)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Elsewhere the folder decides who may read what is in it.
#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}
