//! What the tests need and a fresh machine lacks: a browser and Node to drive it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::bail;

use crate::{root, run};

/// Installs what is missing; gives the browser's path.
pub(crate) fn setup() -> anyhow::Result<PathBuf> {
    need("node", "nodejs")?;
    need("npm", "npm")?;
    let browser = browser()?;
    let modules = root().join("e2e/node_modules/.package-lock.json");
    if newer(&root().join("e2e/package-lock.json"), &modules) {
        run(Command::new("npm").args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefix",
            "e2e",
        ]))?;
    }
    Ok(browser)
}

/// The browser: the `CHROMIUM` variable, one that is there, else the system's package.
fn browser() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    let known = ["chromium", "chromium-browser", "google-chrome"];
    if let Some(found) = known.iter().find_map(|name| on_path(name)) {
        return Ok(found);
    }
    install("chromium")?;
    match on_path("chromium") {
        Some(found) => Ok(found),
        None => {
            bail!("chromium was installed and is not on the PATH; name it in the CHROMIUM variable")
        }
    }
}

fn need(program: &str, package: &str) -> anyhow::Result<()> {
    if on_path(program).is_none() { install(package) } else { Ok(()) }
}

/// Installs a Debian package where we may; never by a silent sudo.
fn install(package: &str) -> anyhow::Result<()> {
    let root =
        Command::new("id").arg("-u").output().is_ok_and(|said| said.stdout.starts_with(b"0\n"));
    if !root || on_path("apt-get").is_none() {
        bail!(
            "the browser tests need `{package}`: install it with your system's package manager (Debian: sudo apt-get \
             install {package}), or run `cargo xtask test --no-browser`"
        );
    }
    run(Command::new("apt-get").args(["update", "-q"]).stdout(Stdio::null()))?;
    run(Command::new("apt-get")
        .args(["install", "-y", "-q", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null()))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn newer(a: &Path, b: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
    match (time(a), time(b)) {
        (Some(a), Some(b)) => a > b,
        _ => true,
    }
}
