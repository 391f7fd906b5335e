//! How a source does, in a sentence.

use depeche_news::jiff::{Timestamp, tz::TimeZone};
use depeche_store::{FailureNote, SourceKind, SourceState, SourceView};

use crate::{
    dates,
    words::{self, Language, Words},
};

/// What a reader is told of a source.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) sentence: String,
    /// Whether somebody should look after it.
    pub(crate) down: bool,
}

/// Tells how a source does, and what else should be known of it.
pub(crate) fn health(source: &SourceView, w: &Words, now: Timestamp, zone: &TimeZone) -> Health {
    let mut health = answering(source, w, now, zone);
    for notice in &source.notices {
        let why = why(&notice.word, w.language);
        let mut letters = why.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        health.sentence.push(' ');
        health.sentence.extend(first.chain(letters).chain(['.']));
        health.down = true;
    }
    health
}

fn answering(source: &SourceView, w: &Words, now: Timestamp, zone: &TimeZone) -> Health {
    let fine = |sentence: String| Health { sentence, down: false };
    let short = |at| dates::short(w.language, at, now, zone);
    match (&source.failure, source.polled_at) {
        _ if source.kind == SourceKind::Files => delivered(source, w, short),
        _ if let Some(gone) = source.gone_at => {
            let day = dates::day(w.language, gone.to_zoned_datetime(zone.clone()).date());
            Health { sentence: w.gone(&day), down: true }
        }
        _ if source.state == SourceState::Paused => fine(w.is_paused.to_owned()),
        (_, None) => fine(w.never_asked.to_owned()),
        (Some(failure), _) => {
            let since = source.succeeded_at.map(short);
            let next = source.next_poll_at.filter(|at| *at > now).map(short);
            Health { sentence: down(failure, since, next, w), down: true }
        }
        (None, Some(polled)) => {
            fine(up(source, &short(polled), source.news_at.map(short).as_deref(), w))
        }
    }
}

/// How a source does that is not asked: files are handed in, pushed or dropped into a folder.
fn delivered(source: &SourceView, w: &Words, short: impl Fn(Timestamp) -> String) -> Health {
    let fine = |sentence: String| Health { sentence, down: false };
    let last = source.succeeded_at.map(&short);
    let what = match source.address.split_once(':') {
        Some(("push", _)) => w.is_pushed,
        Some(("folder", _)) => w.is_watched,
        _ => return fine(w.is_files.to_owned()),
    };
    if source.state == SourceState::Paused {
        return fine(w.is_paused.to_owned());
    }
    if let Some(failure) = &source.failure {
        return Health { sentence: down(failure, last, None, w), down: true };
    }
    let told = last.map_or_else(|| w.none_delivered.to_owned(), |at| w.at(w.delivered_last, &at));
    fine(format!(
        "{what}{}{told}.",
        if w.language == Language::French { "\u{202f}: " } else { ": " }
    ))
}

/// Why an address that was tested gave nothing.
pub(crate) fn test_failed(word: &str, w: &Words) -> String {
    let why = why(word, w.language);
    match w.language {
        Language::French => format!("Pas de réponse utilisable\u{202f}: {why}."),
        Language::English => format!("No usable answer: {why}."),
    }
}

fn up(source: &SourceView, polled: &str, news: Option<&str>, w: &Words) -> String {
    let news = news.filter(|_| source.items > 0);
    match (w.language, news) {
        (Language::French, Some(news)) => {
            format!("Répond. {}, {}.", w.at("Interrogée", polled), w.at("dernière nouveauté", news))
        }
        (Language::French, None) => {
            format!("Répond. {}, rien de nouveau.", w.at("Interrogée", polled))
        }
        (Language::English, Some(news)) => {
            format!("Answers. {}, {}.", w.at("Asked", polled), w.at("last news", news))
        }
        (Language::English, None) => format!("Answers. {}, nothing new.", w.at("Asked", polled)),
    }
}

fn down(failure: &FailureNote, since: Option<String>, next: Option<String>, w: &Words) -> String {
    let why = why(&failure.word, w.language);
    let next = next.map(|at| match w.language {
        Language::French => format!(" {}.", w.at("Prochain essai", &at)),
        Language::English => format!(" {}.", w.at("Next try", &at)),
    });
    let next = next.unwrap_or_default();
    match (w.language, since) {
        (Language::French, Some(since)) => {
            format!("Ne répond plus depuis {}\u{202f}: {why}.{next}", with_article(&since))
        }
        (Language::French, None) => format!("N’a encore jamais répondu\u{202f}: {why}.{next}"),
        (Language::English, Some(since)) => format!("No answer since {since}: {why}.{next}"),
        (Language::English, None) => format!("Has never answered yet: {why}.{next}"),
    }
}

/// «depuis 14:05», but «depuis le 3 mars 2016 à 14:05».
pub(crate) fn with_article(since: &str) -> String {
    if since.len() == "14:05".len() { since.to_owned() } else { format!("le {since}") }
}

const UNKNOWN: [&str; 2] = ["la dernière demande a échoué", "the last request failed"];

/// Why a source fails, from the collector's word, for the terminal: «the server takes too long».
pub fn why_in_english(word: &str) -> String {
    why(word, Language::English)
}

/// Why a source fails, by the collector's word: in French, in English.
const WHY: &[(&str, &str, &str)] = &[
    ("bad_address", "son adresse n’en est pas une", "its address is not one"),
    (
        "refused_address",
        "son adresse est dans un réseau privé, que l’opérateur n’a pas autorisé",
        "its address is in a private network that the operator has not allowed",
    ),
    ("dns", "le nom du serveur n’existe pas", "the server’s name does not exist"),
    ("connect", "le serveur refuse la connexion", "the server refuses the connection"),
    (
        "tls",
        "la connexion sécurisée échoue (certificat invalide ou périmé)",
        "the secure connection fails (certificate invalid or expired)",
    ),
    ("timeout", "le serveur tarde trop", "the server takes too long"),
    ("too_large", "sa réponse est trop grande", "its answer is too large"),
    (
        "bad_compression",
        "sa réponse est mal comprimée",
        "its answer is not compressed as it claims",
    ),
    ("redirects", "ses redirections tournent en rond", "its redirects go in circles"),
    ("protocol", "sa réponse n’est pas du HTTP", "its answer is not HTTP"),
    ("bot_wall", "le site bloque les programmes", "the site blocks programs"),
    (
        "proxy",
        "le serveur mandataire (proxy) par lequel elle est interrogée ne la joint pas",
        "the proxy that it is asked through does not reach it",
    ),
    (
        "moved_to_known",
        "elle a déménagé à l’adresse d’une source déjà suivie",
        "it has moved to the address of a source that is already listened to",
    ),
    (
        "host_rests",
        "son serveur a demandé qu’on le laisse en repos",
        "its server has asked to be left alone for a while",
    ),
    (
        "robots",
        "le site demande aux robots de ne pas lire cette adresse",
        "the site asks robots not to read this address",
    ),
    (
        "bad_redirect",
        "elle renvoie vers ce qui n’est pas une adresse du web",
        "it redirects to what is no address of the web",
    ),
    ("empty", "sa réponse est vide", "its answer is empty"),
    (
        "not_a_feed",
        "ce qu’elle envoie n’est pas un fil d’information",
        "what it sends is not a news feed",
    ),
    ("incomplete", "sa réponse s’interrompt", "its answer breaks off"),
    (
        "panic",
        "sa réponse a mis Dépêche en défaut ; elle est conservée",
        "its answer made Dépêche fail; it is kept",
    ),
    ("folder_missing", "son dossier n’existe pas", "its folder does not exist"),
    (
        "folder_denied",
        "Dépêche n’a pas le droit de lire son dossier",
        "Dépêche may not read its folder",
    ),
    ("folder_failed", "son dossier ne peut pas être lu", "its folder cannot be read"),
    (
        "folder_fixed",
        "ce qui est pris ne peut pas être rangé dans son dossier",
        "what is taken cannot be put away in its folder",
    ),
    (
        "folder_full",
        "il y a plus de fichiers dans son dossier que Dépêche n’en regarde",
        "there are more files in its folder than Dépêche looks at",
    ),
    (
        "done_alone",
        "un fichier de son dossier en annonce un autre, qui n’y est pas",
        "a file in its folder announces another one that is not there",
    ),
    (
        "file_denied",
        "un fichier de son dossier ne peut pas être lu",
        "a file in its folder cannot be read",
    ),
    (
        "secret_left",
        "elle a déménagé vers un autre serveur, sans son mot de passe ni ses en-têtes",
        "it moved to another host, without its password and headers",
    ),
    (
        "foreign_pages",
        "elle nomme des pages d’autres sites, qui ne sont pas lues",
        "it names pages of other sites, which are not read",
    ),
    (
        "announced",
        "elle annonce une autre adresse, où elle n’a pas été suivie",
        "it announces another address, and was not followed there",
    ),
    ("not_a_page", "ce qu’elle envoie n’est pas une page", "what it sends is not a page"),
];

/// Why, from the collector's word; a word of a later collector is told without detail.
fn why(word: &str, language: Language) -> String {
    if let Some(status) = word.strip_prefix("status_") {
        return status_told(status, language);
    }
    let [french, english] = UNKNOWN;
    words::sentence(WHY, word, language).unwrap_or(language.of(french, english)).to_owned()
}

fn status_told(status: &str, language: Language) -> String {
    let [french, english] = match status {
        "401" | "403" => ["le serveur refuse l’accès", "the server denies access"],
        "404" => ["plus rien à cette adresse", "nothing is at this address any more"],
        "410" => ["elle a été fermée", "it was closed down"],
        "429" => ["le serveur demande moins de visites", "the server asks for fewer visits"],
        _ if status.starts_with('5') => ["le serveur est en panne", "the server is out of order"],
        _ => ["le serveur répond par une erreur", "the server answers with an error"],
    };
    language.of(format!("{french} (erreur {status})"), format!("{english} (error {status})"))
}

#[cfg(test)]
mod tests {
    use depeche_news::{SourceId, SourceVisibility};

    use super::*;

    fn source(word: &str, succeeded_at: Option<&str>) -> SourceView {
        let at = |text: &str| text.parse().unwrap();
        SourceView {
            id: SourceId::of_address("https://a.example/"),
            name: "A".to_owned(),
            address: "https://a.example/".to_owned(),
            language: None,
            visibility: SourceVisibility::Shared,
            state: SourceState::Active,
            kind: SourceKind::Feed,
            added_at: at("2016-02-01T00:00:00Z"),
            polled_at: Some(at("2016-02-11T13:20:00Z")),
            succeeded_at: succeeded_at.map(at),
            news_at: None,
            next_poll_at: Some(at("2016-02-11T13:35:00Z")),
            failures: 3,
            failure: (!word.is_empty())
                .then(|| FailureNote { word: word.to_owned(), detail: String::new() }),
            items: 0,
            gone_at: None,
            zone: None,
            notices: Vec::new(),
            moved: None,
        }
    }

    #[track_caller]
    fn check(word: &str, succeeded_at: Option<&str>, french: &str, english: &str) {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let now = "2016-02-11T13:25:00Z".parse().unwrap();
        let told = |language: Language| {
            let told = health(&source(word, succeeded_at), language.words(), now, &zone);
            told.sentence.replace('\u{202f}', " ")
        };
        assert_eq!(told(Language::French), french);
        assert_eq!(told(Language::English), english);
    }

    #[test]
    fn each_state_has_its_sentence() {
        let before = Some("2016-02-11T13:05:00Z");
        check(
            "connect",
            before,
            "Ne répond plus depuis 14:05 : le serveur refuse la connexion. Prochain essai à 14:35.",
            "No answer since 14:05: the server refuses the connection. Next try at 14:35.",
        );
        check(
            "status_404",
            Some("2016-02-10T13:05:00Z"),
            "Ne répond plus depuis le 10 février 2016 à 14:05 : plus rien à cette adresse (erreur 404). Prochain essai à 14:35.",
            "No answer since 10 February 2016 at 14:05: nothing is at this address any more (error 404). Next try at 14:35.",
        );
        check(
            "some_word_of_tomorrow",
            None,
            "N’a encore jamais répondu : la dernière demande a échoué. Prochain essai à 14:35.",
            "Has never answered yet: the last request failed. Next try at 14:35.",
        );
        check(
            "",
            before,
            "Répond. Interrogée à 14:20, rien de nouveau.",
            "Answers. Asked at 14:20, nothing new.",
        );
    }

    #[track_caller]
    fn check_delivered(
        address: &str,
        word: &str,
        succeeded_at: Option<&str>,
        french: &str,
        english: &str,
    ) {
        let source = SourceView {
            address: address.to_owned(),
            kind: SourceKind::Files,
            polled_at: None,
            ..source(word, succeeded_at)
        };
        let now = "2016-02-11T13:25:00Z".parse().unwrap();
        let told = |language: Language| {
            let zone = TimeZone::get("Europe/Paris").unwrap();
            health(&source, language.words(), now, &zone).sentence.replace('\u{202f}', " ")
        };
        assert_eq!(
            (told(Language::French), told(Language::English)),
            (french.to_owned(), english.to_owned())
        );
    }

    #[test]
    fn a_source_that_delivers_by_itself_tells_when_it_did() {
        let at = Some("2016-02-11T13:05:00Z");
        check_delivered(
            "file:a",
            "",
            None,
            "Fichiers importés à la main.",
            "Files imported by hand.",
        );
        check_delivered(
            "push:a",
            "",
            at,
            "Livrée par son expéditeur : dernière livraison à 14:05.",
            "Delivered by its sender: last delivery at 14:05.",
        );
        check_delivered(
            "folder:/srv/a",
            "",
            None,
            "Livrée dans un dossier : rien reçu encore.",
            "Delivered into a folder: nothing received yet.",
        );
        check_delivered(
            "folder:/srv/a",
            "folder_missing",
            at,
            "Ne répond plus depuis 14:05 : son dossier n’existe pas.",
            "No answer since 14:05: its folder does not exist.",
        );
    }

    #[test]
    fn what_should_be_known_of_a_source_that_answers_is_told_beside() {
        let left = FailureNote { word: "secret_left".to_owned(), detail: "x".to_owned() };
        let source = SourceView { notices: vec![left], ..source("", None) };
        let now = "2016-02-11T13:25:00Z".parse().unwrap();
        let told = health(&source, Language::English.words(), now, &TimeZone::UTC);
        let sentence = "Answers. Asked at 13:20, nothing new. It moved to another host, without its password \
            and headers.";
        assert_eq!((told.sentence.as_str(), told.down), (sentence, true));
    }

    #[test]
    fn a_source_that_is_gone_for_good_says_since_when() {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let gone = SourceView {
            gone_at: Some("2016-02-29T23:30:00Z".parse().unwrap()),
            state: SourceState::Paused,
            ..source("status_410", None)
        };
        for (language, expected) in Language::ALL.into_iter().zip([
            "Cette source a cessé de paraître le 1er mars 2016. Reprendre l’interroge de nouveau.",
            "This source ceased to appear on 1 March 2016. Resume asks it again.",
        ]) {
            let now = "2016-03-02T00:00:00Z".parse().unwrap();
            let told = health(&gone, language.words(), now, &zone);
            assert_eq!((told.sentence.as_str(), told.down), (expected, true));
        }
    }

    #[test]
    fn each_word_of_the_collector_has_its_own_sentence() {
        for word in [
            "bad_address",
            "refused_address",
            "dns",
            "connect",
            "tls",
            "timeout",
            "too_large",
            "bad_compression",
            "redirects",
            "protocol",
            "status_404",
            "bot_wall",
            "robots",
            "not_a_feed",
            "not_a_page",
            "proxy",
            "moved_to_known",
            "host_rests",
            "bad_redirect",
            "empty",
            "incomplete",
            "panic",
            "folder_missing",
            "folder_denied",
            "folder_failed",
            "folder_fixed",
            "folder_full",
            "file_denied",
            "done_alone",
            "secret_left",
            "foreign_pages",
            "announced",
        ] {
            for (language, unknown) in Language::ALL.into_iter().zip(UNKNOWN) {
                assert_ne!(why(word, language), unknown, "{word}");
            }
        }
    }
}
