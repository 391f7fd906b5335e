//! What furniture says, in the languages our outlets write: folded, compared with folded text.
//!
//! A list is one text, its phrases parted by `|`; French stands first, then English, German and
//! the others.

use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt};

/// Headings after which no story comes any more: other stories, comments, tags, newsletters.
const TAIL_HEADINGS: &str = "
    lire aussi|a lire aussi|a lire egalement|lire egalement|a voir aussi|voir aussi|
    sur le meme sujet|dans la meme rubrique|articles similaires|articles lies|articles associes|
    a decouvrir|les plus lus|vous aimerez aussi|pour aller plus loin|commentaires|reagir|
    mots-cles|mots cles|plus d'infos|dernieres infos|dernieres nouvelles|l'actualite en continu|
    en continu|newsletter|recevez|a propos de l'auteur|a ne pas manquer|sur le web|
    d'autres articles|nos derniers articles|contenus sponsorises|notre selection|
    partager cet article|related|read more|read next|read also|also read|see also|more from|
    more stories|more on|more news|more in|recommended|you may also|you might also|you may like|
    you might like|most read|most popular|most viewed|trending|popular now|latest news|
    latest stories|top stories|comments|leave a comment|leave a reply|join the conversation|
    join the discussion|post a comment|about the author|about author|author bio|share this|share:|
    tags|filed under|topics|keywords|sign up for|subscribe to|get the latest|don't miss|up next|
    next article|previous article|next post|previous post|other stories|other articles|
    around the web|from the web|sponsored|promoted|what to read next|what do you think|
    keep reading|continue reading|recent posts|recent articles|further reading|you'll also like|
    explore more|our newsletter|newsletter|stay in the know|stay informed|editor's picks|
    editors' picks|similar articles|similar posts|similar stories|responses|discussion|follow us|
    about us|contact us|links:|mehr zum thema|mehr zu|mehr aus|mehr von|lesen sie auch|
    lesen sie mehr|auch interessant|das konnte sie auch|das konnte dich auch|weitere artikel|
    weitere themen|weitere beitrage|weitere nachrichten|weitere meldungen|ahnliche artikel|
    ahnliche beitrage|ahnliche themen|kommentare|kommentar schreiben|schreibe einen kommentar|
    diskutieren sie|schlagworte|schlagworter|themen:|meistgelesen|meistgelesene|zum thema|
    passend zum thema|siehe auch|verwandte|empfehlungen|empfohlene|uber den autor|
    uber die autorin|artikel teilen|teilen|beitrag teilen|diesen artikel|newsletter abonnieren|
    neueste artikel|aktuelle nachrichten|links zum thema|lesetipps|lesetipp|top-themen|
    das interessiert andere|antwort abbrechen|stichworte|stichworter|hintergrund zum thema|
    mas noticias|mas sobre|te puede interesar|lee tambien|leer mas|ver tambien|
    noticias relacionadas|articulos relacionados|comentarios|compartir|etiquetas|temas|
    archivado en|mas informacion|lo mas leido|tambien te puede|leia tambem|leia mais|veja tambem|
    mais lidas|saiba mais|relacionadas|leggi anche|potrebbe interessarti|articoli correlati|
    commenti|lees ook|lees meer|meer over|gerelateerd|reacties|czytaj tez|czytaj takze|
    zobacz takze|zobacz tez|komentarze|читаите также|читайте также|по теме|комментарии|関連記事|
    関連ニュース|あわせて読みたい|ilgili haberler|関連|おすすめ|관련기사|관련 기사|相关|相關|推荐阅读|
";

/// How a line starts that is never part of a story, wherever it stands; short lines only.
const LINE_STARTS: &str = "
    lire aussi|a lire aussi|a lire :|a lire egalement|lire egalement|lire :|voir aussi|publicite|
    la suite apres|cet article vous|abonnez-vous|inscrivez-vous|suivez-nous|partager|publie le|
    mis a jour le|mise a jour le|modifie le|temps de lecture|je m'abonne|recevez |cliquez ici|
    propos recueillis par|tous droits reserves|credit photo|(photo|photo :|photo:|article reserve|
    il vous reste|cet article est reserve|suivez toute l'actualite|suivez l'actualite|
    advertisement|advertising|read more|read also|also read|read next|see also|read:|related:|
    more:|watch:|related story|related article|recommended:|don't miss:|sign up|subscribe to|
    subscribe now|click here to|follow us on|follow us|share this|share on|get our|
    listen to this article|story continues below|article continues below|continue reading|
    scroll to continue|posted in|posted on|posted by|published on|published:|published at|
    last updated|updated:|updated on|last modified|filed under|tagged:|tagged with|tags:|
    copyright|(c) |© |all rights reserved|photo by|photo:|photo credit|image credit|image:|
    image source|picture:|image via|photograph:|photo courtesy|credit:|getty images|min read|
    download our app|join our|like us on|find us on|have a tip|got a tip|have a story|print this|
    email this|view comments|leave a comment|show comments|load comments|
    this article was originally|this story was originally|thank you for reading|
    thanks for reading|support our|become a member|already a subscriber|save my name|
    your email address|required fields|notify me of|enable javascript|please enable|loading...|
    skip to|back to top|report a typo|ad feedback|enlarge|your browser does not|
    this content is not available|to view this|we want to hear|this post may contain affiliate|
    get the latest|sign in to|anzeige|werbung|lesen sie auch|lesen sie hier|lesen sie mehr|
    lesen sie dazu|mehr dazu|mehr zum thema|hier lesen sie|lesetipp|auch interessant|siehe auch|
    newsletter|jetzt abonnieren|abonnieren sie|teilen|drucken|merken|veroffentlicht am|
    aktualisiert am|stand:|bild:|foto:|fotos:|© |quelle:|empfohlener externer inhalt|
    externer inhalt|an dieser stelle finden sie|ich bin damit einverstanden|mehr lesen|
    artikel anhoren|zur startseite|melden sie sich|folgen sie uns|lesedauer|lesezeit|
    diesen artikel|kommentar|datenschutz|hier konnen sie|alle rechte vorbehalten|weiterlesen|
    zur bildergalerie|der artikel wurde|uns auf facebook|inhalt nicht verfugbar|hier geht es zum|
    hier geht's zum|publicidad|lee tambien|lea tambien|leer mas|te puede interesar|mira tambien|
    siguenos en|suscribete|compartir|leia tambem|publicidade|veja tambem|leia mais|leggi anche|
    pubblicita|lees ook|advertentie|reklama|czytaj tez|czytaj takze|zobacz takze|zobacz tez|
    читайте также|reklam|
";

/// Lines that are furniture where they are the whole line.
const WHOLE_LINES: &str = "
    table of contents|in this article|contents|sommaire|dans cet article|inhalt|inhaltsverzeichnis|auf dieser seite|indice|
    share|tweet|email|print|facebook|twitter|whatsapp|linkedin|pinterest|reddit|comments|comment|
    reply|save|like|more|menu|search|close|home|rechercher|recherche|partager|imprimer|envoyer|
    fermer|accueil|commenter|suivre|ecouter|publicite|copier le lien|offrir l'article|suite|pub|
    suchen|suche|startseite|schliessen|drucken|teilen|anzeige|buscar|cerca|zoeken|subscribe|
    newsletter|next|previous|suivant|precedent|ad|ads|news|copy link|link copied|listen|watch|
    gallery|video|photos|advertisement|tags|x|mail|feilen|vorlesen|merken|pdf|dpa|afp|reuters|ap|
    facebook twitter|n/a|scroll|transcript|share this article|related topics|getty|getty images|
    shutterstock|imago|
";

/// Whether a short heading opens what comes after a story. `folded` is the folded text.
pub(crate) fn opens_tail(folded: &str) -> bool {
    let folded = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    static TAIL: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(TAIL_HEADINGS));
    TAIL.begin(folded)
}

/// Whether a short line is furniture by what it says.
pub(crate) fn is_furniture_line(folded: &str) -> bool {
    let bare = folded.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | '©'));
    let whole = bare.trim_end_matches(|c: char| !c.is_alphanumeric());
    static WHOLE: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(WHOLE_LINES));
    static STARTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(LINE_STARTS));
    bare.is_empty() || WHOLE.contain(whole) || STARTS.begin(bare)
}

/// How notices start: of consent, of embedded content, of accounts.
const NOTICE_STARTS: &str = "
    this article includes affiliate|we may earn commission|all products featured|while each product featured|cet article contient des liens affilies|
    ich bin damit einverstanden|an dieser stelle finden sie|an dieser stelle befindet sich|
    empfohlener redaktioneller inhalt|wir benotigen ihre zustimmung|mit ihrer zustimmung|
    sie konnen sich jederzeit|um diesen inhalt|dieser inhalt wird|we use cookies|
    this website uses cookies|this site uses cookies|this cookie is|these cookies|
    try refreshing your browser|our website is your destination|by subscribing|by signing up|
    by clicking|by submitting|sign up to receive|create an account|access articles from|
    enjoy additional articles|an error has occurred|this advertisement has not loaded|
    pour afficher ce contenu|ce contenu est bloque|en cliquant sur|vous pouvez vous desinscrire|
    nous utilisons des cookies|ce site utilise des cookies|usamos cookies|
    este sitio utiliza cookies|para ver este contenido|we've noticed|we have sent you|
    thanks for signing up|this site is protected by recaptcha|all rights reserved|
    you can unsubscribe|subscribe to our|sign up for our|please enable javascript|related links|
    affiliate disclosure|this article contains affiliate links|we may earn a commission|
    we may receive a commission|
";

/// Whether a folded paragraph is a notice of the site, not part of a story.
pub(crate) fn is_notice(folded: &str) -> bool {
    static NOTICES: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(NOTICE_STARTS));
    NOTICES.begin(folded)
}

/// Whether a folded line that is no sentence reads like the caption of a picture: it names the
/// agency or the photographer.
pub(crate) fn is_caption(folded: &str) -> bool {
    const CREDITS: &[&str] = &[
        "(image:",
        "(photo",
        "(foto",
        "(picture:",
        "(credit:",
        "getty images",
        "imago/",
        "imago images",
        "/afp",
        "/reuters",
        "/dpa",
        "/getty",
        "© ",
        "(afp /",
        "(afp)",
        "shutterstock",
        "photo by ",
        "picture alliance",
        "/epa",
        "ap photo",
        "(via ",
        "(source:",
        "| bild:",
        "/apa",
        "/keystone",
        "/ap)",
    ];
    static ANYWHERE: LazyLock<Anywhere> = LazyLock::new(|| Anywhere::of(CREDITS));
    ANYWHERE.are_in(folded)
}

/// Phrases by their first byte, to look for all of them at once.
struct Anywhere(Vec<Vec<&'static [u8]>>);

impl Anywhere {
    fn of(phrases: &[&'static str]) -> Self {
        let with = |first: u8| {
            let own = phrases.iter().map(|phrase| phrase.as_bytes());
            own.filter(|phrase| phrase.first() == Some(&first)).collect()
        };
        Self((0..=u8::MAX).map(with).collect())
    }

    /// Whether one of them is anywhere in `text`.
    fn are_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        bytes.iter().enumerate().any(|(at, byte)| {
            let near = self.0.get(usize::from(*byte)).map_or(&[][..], Vec::as_slice);
            !near.is_empty()
                && bytes.get(at..).is_some_and(|rest| near.iter().any(|p| rest.starts_with(p)))
        })
    }
}

/// Whether a folded line is what feed writers add to an entry: a call to the page.
pub(crate) fn is_feed_line(folded: &str) -> bool {
    const STARTS: &[&str] = &[
        "lire la suite",
        "lire l'article",
        "en savoir plus",
        "read the full",
        "read full",
        "weiter",
        "continuar",
        "sigue leyendo",
    ];
    let added = (folded.starts_with("the post ") && folded.contains("appeared first on"))
        || (folded.starts_with("l'article ") && folded.contains("est apparu en premier"));
    added || STARTS.iter().any(|start| starts_as_word(folded, start))
}

/// Phrases by their first letter, so that a line is compared with few of them.
struct Phrases(HashMap<char, Vec<&'static str>>);

impl Phrases {
    fn of(list: &'static str) -> Self {
        let mut by_first: HashMap<char, Vec<&'static str>> = HashMap::new();
        for phrase in list.split('|').map(str::trim_start) {
            if let Some(first) = phrase.chars().next() {
                by_first.entry(first).or_default().push(phrase);
            }
        }
        Self(by_first)
    }

    fn near(&self, text: &str) -> &[&'static str] {
        text.chars().next().and_then(|first| self.0.get(&first)).map_or(&[], Vec::as_slice)
    }

    /// Whether one of them begins `text`.
    fn begin(&self, text: &str) -> bool {
        self.near(text).iter().any(|phrase| starts_as_word(text, phrase))
    }

    /// Whether `text` is one of them.
    fn contain(&self, text: &str) -> bool {
        self.near(text).contains(&text)
    }
}

/// Whether `text` starts with `start` and no letter goes on after it.
pub(crate) fn starts_as_word(text: &str, start: &str) -> bool {
    text.strip_prefix(start).is_some_and(|rest| {
        !start.ends_with(char::is_alphanumeric) || !rest.starts_with(char::is_alphanumeric)
    })
}

/// Words that open a byline.
pub(crate) const BYLINE_STARTS: &[&str] = &[
    "by ",
    "by: ",
    "par ",
    "von ",
    "por ",
    "di ",
    "door ",
    "da ",
    "text: ",
    "autor: ",
    "autorin: ",
    "author: ",
    "written by ",
    "story by ",
    "posted by ",
    "reported by ",
    "propos recueillis par ",
    "publie par ",
    "ecrit par ",
    "redige par ",
    "interview: ",
    "text by ",
    "contributors: ",
    "autoren: ",
    "auteur : ",
    "texte : ",
    "words by ",
    "автор: ",
    "erstellt von ",
    "veroffentlicht von ",
    "作者:",
    "文/",
    "责编:",
    "责任编辑:",
    "編輯:",
];

/// More of what stands before names, where it is known that the line is a byline.
pub(crate) const NAME_STARTS: &[&str] = &[
    "par : ",
    "par: ",
    "by : ",
    "von: ",
    "por: ",
    "av ",
    "af ",
    "texte ",
    "texte de ",
    "textes ",
    "texte: ",
    "text ",
    "article de ",
    "un article de ",
    "article par ",
    "article ecrit par ",
    "un article ecrit par ",
    "un texte de ",
    "un recit de ",
    "recit de ",
    "un reportage de ",
    "reportage de ",
    "une enquete de ",
    "enquete de ",
    "chronique de ",
    "recueilli par ",
    "recueillis par ",
    "entretien realise par ",
    "interview realisee par ",
    "poste par ",
    "signe ",
    "auteur ",
    "auteurs ",
    "auteure ",
    "auteurs : ",
    "auteure : ",
    "auteur: ",
    "auteur(s) : ",
    "autor ",
    "autorin ",
    "author ",
    "authors ",
    "author(s) ",
    "authors: ",
    "verfasst von ",
    "geschrieben von ",
    "ein beitrag von ",
    "eine analyse von ",
    "ein gastbeitrag von ",
    "ein kommentar von ",
    "escrito por ",
    "publicado por ",
    "a cura di ",
    "scritto da ",
    "geschreven door ",
    "redaktion: ",
];
