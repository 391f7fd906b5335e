//! Korean nouns without what is written onto them.

/// Particles and copulas that are set onto a noun without a space, longest first. Only those that
/// news is full of; verbs keep their endings.
const PARTICLES: &[&str] = &[
    "에서부터",
    "으로부터",
    "에게서는",
    "이라고는",
    "에서는",
    "에서도",
    "에게는",
    "에게도",
    "에게서",
    "으로는",
    "으로도",
    "으로써",
    "으로서",
    "까지는",
    "까지도",
    "부터는",
    "이라는",
    "이라고",
    "로부터",
    "에서의",
    "으로의",
    "과의",
    "와의",
    "이나",
    "에는",
    "에도",
    "에서",
    "에게",
    "으로",
    "로는",
    "로서",
    "로써",
    "까지",
    "부터",
    "처럼",
    "보다",
    "마다",
    "조차",
    "마저",
    "이며",
    "이란",
    "라는",
    "라고",
    "하고",
    "들은",
    "들이",
    "들을",
    "들의",
    "들과",
    "들도",
    "들에",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "로",
    "와",
    "과",
    "도",
    "만",
    "들",
];

/// Syllables left at least: the second one of «회의» is no particle.
const SYLLABLES_MIN: usize = 2;

/// The noun in front of a particle; the word itself if there is none.
pub(crate) fn noun(word: &str) -> &str {
    let bare = |particle: &&str| {
        word.strip_suffix(*particle).filter(|noun| noun.chars().count() >= SYLLABLES_MIN)
    };
    PARTICLES.iter().find_map(bare).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_are_taken_off() {
        for (word, expected) in [
            ("대통령은", "대통령"),
            ("대통령이", "대통령"),
            ("대통령에게", "대통령"),
            ("서울에서", "서울"),
            ("정부의", "정부"),
            ("미국과의", "미국"),
            ("국회의원들은", "국회의원"),
            ("회의", "회의"),
            ("한국", "한국"),
        ] {
            assert_eq!(noun(word), expected);
        }
    }
}
