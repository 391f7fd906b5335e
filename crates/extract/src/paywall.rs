//! What an outlet says where it keeps a story for those who pay.

use depeche_news::Block;
use depeche_text::fold;

use crate::blocks::{Kind, Piece};
use crate::facts::Facts;
use crate::tree::{ROOT, Tree};

/// Sentences that say of this article that its rest, or all of it, is to be paid for; folded, looked for at a line's
/// start or after a short label.
const LINES: &str = "
    cet article est reserve|article reserve a nos abonnes|article reserve aux abonnes|
    reserve aux abonnes|reserve a nos abonnes|contenu reserve aux abonnes|la suite est reservee|
    la suite de cet article est reservee|la lecture de cet article est reservee|
    pour lire la suite|pour lire la totalite|pour continuer la lecture|
    pour continuer a lire|lisez la suite|lire la suite de cet article|abonnez-vous pour lire|
    abonnez-vous pour acceder|abonnez-vous pour continuer|abonnez-vous pour connaitre|
    abonnez-vous a partir de|deja abonne|vous etes deja abonne|je m'abonne|
    il vous reste a lire|vous avez atteint|acces reserve aux abonnes|
    poursuivez votre lecture|profitez de cet article|debloquez cet article|
    connectez-vous pour lire|identifiez-vous pour lire|
    this article is for subscribers|this article is exclusive to subscribers|this story is for subscribers|
    this content is for subscribers|this is a subscriber exclusive|subscriber-only content|
    this article is reserved for|this content is reserved for|this is a premium article|
    subscribe to continue|subscribe to read|subscribe now to continue|subscribe to keep reading|
    to continue reading|to read the full|to read the rest|to read this article|to keep reading|
    continue reading with a|continue reading this article|already a subscriber|already have a subscription|
    already subscribed|you have reached your|you've reached your|you have reached the limit|
    this post is for paying|this post is for paid|unlock this article|
    you have read your last free|log in to continue reading|sign in to continue reading|
    register to continue reading|
    dieser artikel ist nur fur|dieser artikel ist exklusiv|dieser artikel ist abonnent|
    dieser inhalt ist nur fur|exklusiv fur abonnenten|nur fur abonnenten|weiterlesen mit|
    jetzt weiterlesen|sie haben bereits ein abo|bereits abonnent|sie sind bereits abonnent|
    lesen sie diesen artikel mit|um weiterzulesen|zugang zu allen artikeln|
    contenido exclusivo para|articulo exclusivo para|solo para suscriptores|exclusivo para suscriptores|
    suscribete para seguir|para seguir leyendo|ya eres suscriptor|para continuar leyendo|
    contenuto riservato|articolo riservato|riservato agli abbonati|per continuare a leggere|
    abbonati per continuare|sei gia abbonato|gia abbonato|
    conteudo exclusivo para|exclusivo para assinantes|para continuar a ler|para continuar lendo|
    ja e assinante|este artigo e exclusivo|
    dit artikel is alleen voor|dit artikel is exclusief|alleen voor abonnees|verder lezen|lees verder met|
    al abonnee|tylko dla prenumeratorow|dla prenumeratorow|artykul dostepny tylko|
    для подписчиков|только для подписчиков|материал доступен|
    この記事は有料会員限定|この記事は会員限定|有料会員限定|残り|유료 회원|회원 전용|本文为付费
";

/// Labels that stand on teasers of other stories as well, and in the head of every page: no evidence beside the body.
const LABELS: &[&str] = &[
    "reserve a",
    "reserve aux",
    "contenu reserve",
    "deja abonne",
    "vous etes deja",
    "je m'abonne",
    "abonnez-vous a",
    "already a",
    "already have",
    "already subscribed",
    "nur fur",
    "bereits abonnent",
    "sie haben bereits",
    "sie sind bereits",
    "exklusiv fur",
    "solo para",
    "exclusivo",
    "ya eres",
    "sei gia",
    "gia abbonato",
    "ja e",
    "al abonnee",
    "dla prenumeratorow",
    "riservato agli",
    "alleen voor",
    "残り",
    "для",
];

/// Whether a folded line says of the article above it that its rest is to be paid for.
pub(crate) fn is_sure(folded: &str) -> bool {
    let bare = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    is_line(folded) && !LABELS.iter().any(|label| bare.starts_with(label))
}

/// Longest line that asks for a subscription.
const LINE_BYTES_MAX: usize = 400;

/// Whether a folded line asks for money, or says that the rest is to be paid for.
pub(crate) fn is_line(folded: &str) -> bool {
    if folded.len() > LINE_BYTES_MAX {
        return false;
    }
    let bare = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    phrases().any(|phrase| bare.starts_with(phrase)) || is_rest(bare)
}

fn phrases() -> impl Iterator<Item = &'static str> {
    LINES.split('|').map(str::trim).filter(|phrase| !phrase.is_empty())
}

/// «Il vous reste 67 % de cet article à lire», «You have 67 % of this article left».
fn is_rest(folded: &str) -> bool {
    let counts = |start: &str, of: &str| {
        folded.starts_with(start) && folded.contains('%') && folded.contains(of)
    };
    counts("il vous reste", "article")
        || counts("il reste", "article")
        || counts("you have", "article")
        || counts("noch", "artikel")
        || counts("te queda", "articulo")
        || counts("sie haben", "artikel")
}

/// Values of meta elements that say who may read.
const PAID_METAS: &[(&str, &[&str])] = &[
    ("article:content_tier", &["locked", "paid", "premium"]),
    ("og:article:content_tier", &["locked", "paid", "premium"]),
    ("content_tier", &["locked", "paid", "premium"]),
    ("article:access", &["paid", "premium", "locked", "subscriber", "abonne"]),
    ("access", &["paid", "premium", "locked", "subscribers"]),
    ("ad:paywall", &["true", "paid"]),
    ("isaccessibleforfree", &["false"]),
    ("premium", &["true", "1", "yes"]),
    ("is-premium", &["true", "1", "yes"]),
    ("ispremium", &["true", "1", "yes"]),
    ("paywall", &["true", "1", "yes", "hard"]),
    ("paid-content", &["true", "1", "yes"]),
];

/// Whether the page declares its article as one to be paid for.
pub(crate) fn is_declared(facts: &Facts) -> bool {
    let paid = |(name, values): &(&str, &[&str])| {
        facts
            .all_metas(&[name])
            .any(|value| values.iter().any(|paid| value.eq_ignore_ascii_case(paid)))
    };
    let microdata = || {
        facts.property("isAccessibleForFree").is_some_and(|free| free.eq_ignore_ascii_case("false"))
    };
    facts.linked.nature.paywalled || PAID_METAS.iter().any(paid) || microdata()
}

/// Names of classes by which a page says of its one article that it is to be paid for, without what parts their words.
const PAID_NAMES: [&str; 20] = [
    "paywalled",
    "ispaywalled",
    "articlepaywalled",
    "articlepaywall",
    "paidarticle",
    "articlepaid",
    "ispaid",
    "paidcontent",
    "ispremium",
    "premiumarticle",
    "articlepremium",
    "islocked",
    "articlelocked",
    "lockedarticle",
    "subscriberonly",
    "subscribersonly",
    "issubscriberonly",
    "reserveabonnes",
    "articleabonne",
    "articleabonnes",
];

/// Whether the element of the whole page, of the story or of its text is named so.
pub(crate) fn is_named(tree: &Tree) -> bool {
    let named = |name: &str| {
        let bare: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
        PAID_NAMES.iter().any(|paid| bare.eq_ignore_ascii_case(paid))
    };
    let names = |id| tree.attribute(id, "class").unwrap_or_default().split_whitespace();
    let (mut of_page, mut articles) = (Vec::new(), Vec::new());
    for id in tree.walk(ROOT) {
        match tree.name(id) {
            "html" | "body" | "main" => of_page.push(id),
            "article" => articles.push(id),
            _ => {}
        }
    }
    // One of several articles is a teaser.
    let story = articles.iter().take(usize::from(articles.len() == 1));
    of_page.iter().chain(story).copied().flat_map(names).any(named)
}

/// A body up to this size may be the start of a story.
pub(crate) const START_CHARS_MAX: usize = 3_000;

/// How many pieces after the body's last one its outlet may ask for money in.
const ASKED_WITHIN: usize = 6;

/// Whether an outlet asks for money right after what is shown of a story, which may be its start.
pub(crate) fn is_asked_after(body: &[Piece], all: &[Piece], size: usize) -> bool {
    let Some(last) = body.iter().rev().find(|piece| piece.kind != Kind::Image) else {
        return false;
    };
    let Some(at) = all.iter().rposition(|piece| piece.element == last.element) else {
        return false;
    };
    let after = all.iter().skip(at + 1).filter(|piece| piece.kind != Kind::Image);
    size <= START_CHARS_MAX && after.take(ASKED_WITHIN).any(|piece| is_sure(&fold(&piece.text)))
}

/// Takes lines that ask for money off the end of a body; whether there were any.
pub(crate) fn without_lines(body: &mut Vec<Block>, declared: bool) -> bool {
    let size: usize = body.iter().map(|block| block.text().chars().count()).sum();
    if size > START_CHARS_MAX && !declared {
        return false;
    }
    let before = body.len();
    let from = before.saturating_sub(ASKED_WITHIN);
    let asks = |block: &Block| match block {
        Block::Paragraph(text) | Block::Subhead(text) => is_line(&fold(text)),
        _ => false,
    };
    let first = body.iter().skip(from).position(asks).map(|at| from + at);
    if let Some(first) = first {
        let mut at = 0;
        body.retain(|block| {
            at += 1;
            at <= first || !asks(block)
        });
    }
    body.len() < before
}
