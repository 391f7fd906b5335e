//! The sources that the first-run page offers.

use depeche_web::Starter;

/// Addresses that several public projects name as of 2026. None is asked before somebody clicks;
/// the page tests each and says what it found.
pub(crate) const STARTERS: &[Starter] = &[
    french("Le Monde", "https://www.lemonde.fr/rss/une.xml"),
    french("franceinfo", "https://www.francetvinfo.fr/titres.rss"),
    french("France 24", "https://www.france24.com/fr/rss"),
    french("RFI", "https://www.rfi.fr/fr/rss"),
    french("20 Minutes", "https://www.20minutes.fr/feeds/rss-une.xml"),
    french("Le Figaro", "https://www.lefigaro.fr/rss/figaro_actualites.xml"),
    french("Libération", "https://www.liberation.fr/arc/outboundfeeds/rss-all/"),
    french("Ouest-France", "https://www.ouest-france.fr/rss/une"),
    french("Courrier international", "https://www.courrierinternational.com/feed/all/rss.xml"),
    french("Euronews", "https://www.euronews.com/rss?culture=fr"),
    english("BBC News", "https://feeds.bbci.co.uk/news/rss.xml"),
    english("The Guardian, world", "https://www.theguardian.com/world/rss"),
    english("Al Jazeera", "https://www.aljazeera.com/xml/rss/all.xml"),
    english("Deutsche Welle", "https://rss.dw.com/rdf/rss-en-all"),
];

const fn french(name: &'static str, address: &'static str) -> Starter {
    Starter { set: "fr", name, address }
}

const fn english(name: &'static str, address: &'static str) -> Starter {
    Starter { set: "en", name, address }
}
