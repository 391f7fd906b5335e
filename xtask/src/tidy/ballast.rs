//! What a source tree should not carry: every clone carries it for ever.

use std::{fs, process::Command};

use super::House;

/// Largest tracked file: whole documents of the trade are well below it.
const BYTES_MAX: u64 = 1_000_000;

/// Endings of archives, packages and binaries.
const ENDINGS: [&str; 31] = [
    "7z", "a", "apk", "bin", "bz2", "class", "deb", "dll", "dylib", "egg", "exe", "gz", "iso",
    "jar", "lib", "node", "o", "onnx", "pyc", "rar", "rlib", "rpm", "so", "sqlite", "tar", "tgz",
    "wasm", "whl", "xz", "zip", "zst",
];

pub(super) fn ballast(house: &House) -> Vec<String> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(&house.root).output();
    let listed = match listed {
        Ok(listed) if listed.status.success() => listed.stdout,
        // An unpacked release is no repository, and has nothing tracked.
        _ => return Vec::new(),
    };
    let allowed = house.names("binary_files");
    let names = String::from_utf8_lossy(&listed).into_owned();
    let names = names.split('\0').filter(|name| !name.is_empty());
    let bytes = |name: &str| fs::metadata(house.root.join(name)).map_or(0, |found| found.len());
    names.filter_map(|name| complaint(name, bytes(name), &allowed)).collect()
}

fn complaint(name: &str, bytes: u64, allowed: &[String]) -> Option<String> {
    if bytes > BYTES_MAX {
        return Some(format!("{name} has {bytes} bytes, more than {BYTES_MAX}"));
    }
    let ending = name.rsplit('/').next()?.rsplit_once('.')?.1.to_ascii_lowercase();
    let foreign = ENDINGS.contains(&&*ending) && !allowed.iter().any(|allowed| allowed == name);
    foreign.then(|| format!("{name} is an archive or a binary, and not among binary_files"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_or_packed_is_told() {
        let allowed = ["fixtures/a.gz".to_owned()];
        let told = |name: &str, bytes| complaint(name, bytes, &allowed).is_some();
        assert!(told("a.rs", BYTES_MAX + 1) && !told("a.rs", BYTES_MAX));
        assert!(told("tools/x.WHL", 1) && told("b/a.gz", 1) && !told("fixtures/a.gz", 1));
        assert!(told("fixtures/a.gz", BYTES_MAX + 1) && !told("gz", 1) && told("a.zst", 1));
    }
}
