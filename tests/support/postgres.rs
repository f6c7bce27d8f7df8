//! A PostgreSQL of one's own, in a temporary folder, reached by a socket there. For the tests of the server, and to
//! measure it.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Runs the database until the input ends, which it does when the process that has started it does, in
/// whatever way. If it ends before that, it is started again, as a service is. With a third argument, nothing
/// is left in the folder then.
const SERVICE: &str = r#"
cd "$1"
touch run
while [ -e run ]; do
    postgres -D data -k "$1" -c listen_addresses= -c fsync="$2" -c max_connections=200
    sleep 0.05
done >log 2>&1 </dev/null &
service=$!
read -r _
rm run
while kill -0 "$service" 2>/dev/null; do
    kill -INT "$(head -n 1 data/postmaster.pid)" 2>/dev/null
    sleep 0.05
done
cd /
if [ -n "$3" ]; then rm -rf "$1"; fi
"#;

/// Does what was committed outlive the machine?
#[derive(Clone, Copy)]
pub(crate) enum Disk {
    /// It does: as it is to be measured.
    #[allow(dead_code, reason = "the tests kill processes only")]
    Synced,
    /// Only the process: a kill takes as little, and it takes less time.
    #[allow(dead_code, reason = "nothing is measured so")]
    Lazy,
}

pub(crate) struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    service: Child,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Postgres {
    /// Starts it; it takes a moment until it answers. `None`: this machine has none. `is_kept`: by a
    /// `static`, which nothing drops.
    pub(crate) fn start(disk: Disk, is_kept: bool) -> Option<Self> {
        let programs = programs()?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("hallpass-pg-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let user = User::of(&folder);
        chown(&folder, Some(user.uid), Some(user.gid)).expect("its owner");

        let mut command = user.command(programs.join("initdb"));
        command.args(["-U", "hallpass", "-A", "trust", "-E", "UTF8", "--no-locale"]);
        let made = command.arg("--no-sync").arg("-D").arg(folder.join("data"));
        let made = made.output().expect("initdb");
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");

        let mut command = user.command("sh");
        command.args(["-c", SERVICE, "sh"]).arg(&folder);
        command.arg(match disk {
            Disk::Synced => "on",
            Disk::Lazy => "off",
        });
        command.arg(if is_kept { "kept" } else { "" });
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", programs.display()));
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let service = command.stderr(Stdio::null()).spawn().expect("a shell");
        Some(Self {
            folder,
            programs,
            service,
        })
    }

    /// Where the server finds it: a database that is empty at first.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.display();
        format!("postgres:///postgres?host={folder}&user=hallpass")
    }

    /// Does it take connections?
    pub(crate) fn is_ready(&self) -> bool {
        let mut command = Command::new(self.programs.join("pg_isready"));
        let command = command.arg("-q").arg("-h").arg(&self.folder);
        command.status().is_ok_and(|status| status.success())
    }

    /// What it has said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Kills it with `SIGKILL`: its other processes notice that the first one is gone.
    #[allow(dead_code, reason = "what is measured is not killed")]
    pub(crate) fn kill(&self) {
        let id = fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("its id");
        let id = id.lines().next().expect("its id").to_owned();
        let killed = Command::new("kill").args(["-KILL", &id]).status();
        assert!(killed.expect("kill").success());
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.service.stdin.take());
        let _ = self.service.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Who runs it: PostgreSQL refuses to be run by root.
struct User {
    uid: u32,
    gid: u32,
    is_other: bool,
}

impl User {
    fn of(folder: &Path) -> Self {
        let owner = fs::metadata(folder.parent().expect("a parent")).expect("metadata");
        let own = fs::metadata("/proc/self").unwrap_or(owner);
        if own.uid() != 0 {
            return Self {
                uid: own.uid(),
                gid: own.gid(),
                is_other: false,
            };
        }
        let users = fs::read_to_string("/etc/passwd").expect("users");
        let id = |field: &str| field.parse::<u32>().ok();
        let ids = ["postgres", "nobody"].into_iter().find_map(|name| {
            let line = users
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((id(fields.next()?)?, id(fields.next()?)?))
        });
        let (uid, gid) = ids.expect("a user without rights");
        Self {
            uid,
            gid,
            is_other: true,
        }
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/");
        if self.is_other {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }
}

/// The folder with PostgreSQL's programs, which Debian keeps out of the path.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    let is_whole = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    folders.into_iter().find(is_whole)
}
