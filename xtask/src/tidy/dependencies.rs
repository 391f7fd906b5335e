//! What we build on: how much of it, under which licences, from where.

use std::fs;

use super::House;

/// Licences that a program under MIT OR Apache-2.0 may be built from and shipped with.
const ALLOWED: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "Unlicense",
    "Unicode-3.0",
    "BSL-1.0",
    "MPL-2.0",
    "OpenSSL",
    "CDLA-Permissive-2.0",
    "bzip2-1.0.6",
];

pub(super) fn lock_entries(house: &House) -> Vec<String> {
    let lock = fs::read_to_string(house.root.join("Cargo.lock")).unwrap_or_default();
    let count = lock.lines().filter(|line| *line == "[[package]]").count();
    let most = house.number("lock_entries");
    match count > most {
        true => vec![format!(
            "Cargo.lock has {count} entries, {most} are allowed; raise it in xtask/house.json with a reason"
        )],
        false => Vec::new(),
    }
}

pub(super) fn licences(house: &House) -> Vec<String> {
    let packages = house.metadata.packages.iter().filter(|package| package.source.is_some());
    packages
        .filter(|package| !package.license.as_deref().is_some_and(allowed))
        .map(|package| {
            format!("{} {} is under {:?}", package.name, package.version, package.license)
        })
        .collect()
}

/// Whether an SPDX expression can be met: one side of each OR, both sides of each AND.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], "");
    expression
        .split(" OR ")
        .any(|side| side.split(" AND ").all(|one| ALLOWED.contains(&one.trim())))
}

pub(super) fn origins(house: &House) -> Vec<String> {
    let packages = house.metadata.packages.iter();
    packages
        .filter(|package| package.source.as_ref().is_some_and(|source| !source.is_crates_io()))
        .map(|package| format!("{} {} does not come from crates.io", package.name, package.version))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, expected: bool) {
        assert_eq!(allowed(expression), expected, "{expression}");
    }

    #[test]
    fn licence_expressions() {
        check("MIT", true);
        check("MIT/Apache-2.0", true);
        check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
        check("GPL-3.0-only", false);
        check("LGPL-2.1 OR MIT", true);
        check("MIT AND GPL-3.0", false);
    }
}
