//! From what cargo installs to the released program, which is in here.
//!
//! A cargo package installs what it compiles and nothing else. So what is compiled is small, and on its first call it puts the program in its own place (written beside it,
//! renamed over it) and calls that: from then on `occ` is the program of the release, byte for byte; `cargo uninstall` takes it away, and a service that points to it points
//! to the real thing. Where that place may not be written by who calls (installed by root, called by somebody else), the program is kept in that person's cache directory.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
const PROGRAM: &[u8] = include_bytes!("../program/linux-x86_64");
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
const PROGRAM: &[u8] = include_bytes!("../program/linux-arm64");
#[cfg(all(target_os = "macos", target_arch = "aarch64"))]
const PROGRAM: &[u8] = include_bytes!("../program/macos-arm64");
#[cfg(all(target_os = "macos", target_arch = "x86_64"))]
const PROGRAM: &[u8] = include_bytes!("../program/macos-x86_64");

const MODE: u32 = 0o755;

pub fn main() {
    let mut words = env::args_os();
    let name = words.next().unwrap_or_else(|| OsString::from("occ"));
    let args: Vec<OsString> = words.collect();
    let (program, why) = match place() {
        Ok(program) => (program, None),
        Err(why) => match cached() {
            Ok(program) => (program, None),
            Err(cache) => (PathBuf::new(), Some(format!("the program cannot be put into its place: {}; nor kept in the cache: {}", why, cache))),
        },
    };
    let why = why.unwrap_or_else(|| format!("{} cannot be run: {}", program.display(), Command::new(&program).arg0(&name).args(&args).exec()));

    eprintln!("{}: {}", Path::new(&name).file_name().unwrap_or(&name).to_string_lossy(), why);
    eprintln!("  try         call it once as who has installed it");
    process::exit(1);
}

/// In this file's own place, with the rights it has; not when that would make it another user's, as under sudo.
fn place() -> io::Result<PathBuf> {
    let path = own_path()?;
    if is_there(&path) {
        return Ok(path);
    }
    let about = fs::metadata(&path)?;
    write(&path, about.mode() & 0o777, Some(about.uid()))?;
    Ok(path)
}

/// Where this was called from, also when another call of it has put the program there meanwhile.
fn own_path() -> io::Result<PathBuf> {
    let path = env::current_exe()?;
    match path.as_os_str().as_bytes().strip_suffix(b" (deleted)") {
        Some(before) if !path.exists() => Ok(PathBuf::from(OsStr::from_bytes(before))),
        _ => Ok(path),
    }
}

/// In a directory that is the caller's alone. What is there already is taken only when it is the program.
fn cached() -> io::Result<PathBuf> {
    let base = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
        (Some(dir), _) if Path::new(&dir).is_absolute() => PathBuf::from(dir),
        (_, Some(home)) if Path::new(&home).is_absolute() => Path::new(&home).join(".cache"),
        _ => return Err(io::Error::new(io::ErrorKind::NotFound, "there is no home directory")),
    };
    let dir = base.join("opencode-cloud").join("cargo").join(env!("CARGO_PKG_VERSION"));
    let path = dir.join("opencode-cloud");

    fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    if !is_ours(&dir)? {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{} can be written to by others", dir.display())));
    }
    if !is_there(&path) {
        write(&path, MODE, None)?;
    }
    Ok(path)
}

/// Is it a directory into which nobody else writes? Its owner is whoever owns what we make in it.
fn is_ours(dir: &Path) -> io::Result<bool> {
    let probe = beside(&dir.join("probe"));
    let owner = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe)?.metadata()?.uid();
    fs::remove_file(&probe)?;
    let about = fs::symlink_metadata(dir)?;
    Ok(about.is_dir() && about.uid() == owner && about.mode() & 0o022 == 0)
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).map_or(false, |about| about.is_file()) && fs::read(path).map_or(false, |found| found == PROGRAM)
}

/// A whole program under that name, or what was there before.
fn write(path: &Path, mode: u32, owner: Option<u32>) -> io::Result<()> {
    let beside = beside(path);
    let done = fill(&beside, mode, owner).and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

fn fill(path: &Path, mode: u32, owner: Option<u32>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o700).open(path)?;
    if owner.map_or(false, |owner| file.metadata().map_or(true, |about| about.uid() != owner)) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to another user"));
    }
    file.write_all(PROGRAM)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", process::id()));
    path.with_file_name(name)
}
