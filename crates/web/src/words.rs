//! Every word that a page says, in both languages, side by side; and the sentences with numbers.

mod sentences;

/// A language the pages speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    French,
    English,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::French, Self::English];

    /// The BCP 47 tag, as it stands in `lang` attributes, in the cookie and in `?lang=`.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    pub(crate) fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::French => &FRENCH,
            Self::English => &ENGLISH,
        }
    }

    /// What is said in this language.
    pub(crate) fn of<T>(self, french: T, english: T) -> T {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }

    /// What a browser asks for in `Accept-Language`: English where it prefers it to French, French
    /// in every other case.
    pub(crate) fn asked_for(accept_language: &str) -> Self {
        let mut best = (Self::French, 0.0_f32);
        for range in accept_language.split(',').take(RANGES_MAX) {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = parameters.trim().strip_prefix("q=").and_then(|q| q.parse().ok());
            let weight: f32 = weight.unwrap_or(1.0);
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            if let Some(language) = Self::parse(&primary).filter(|_| weight > best.1) {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// Language ranges of a header we look at; browsers send fewer than ten.
const RANGES_MAX: usize = 16;

/// Declares the catalogue: a word that lacks one language does not compile.
macro_rules! words {
    ($($name:ident: $french:literal, $english:literal;)*) => {
        /// The catalogue in one language.
        #[derive(Debug)]
        pub(crate) struct Words {
            pub(crate) language: Language,
            $(pub(crate) $name: &'static str,)*
        }

        static FRENCH: Words = Words { language: Language::French, $($name: $french,)* };
        static ENGLISH: Words = Words { language: Language::English, $($name: $english,)* };

        #[cfg(test)]
        const CATALOGUE: &[(&str, &str, &str)] = &[$((stringify!($name), $french, $english),)*];
    };
}

words! {
    // The frame of every page.
    skip: "Aller au contenu", "Skip to content";
    latest: "Dernières infos", "Latest";
    front: "À la une", "Front page";
    sources: "Sources", "Sources";
    search: "Rechercher", "Search";
    search_hint: "Rechercher…", "Search…";
    main_menu: "Navigation", "Navigation";
    sign_in: "Administrer", "Administer";
    sign_out: "Quitter l’administration", "Leave administration";
    keys: "Touches du clavier", "Keyboard keys";
    keys_next: "dépêche suivante, précédente", "next, previous dispatch";
    keys_open: "ouvrir la dépêche", "open the dispatch";
    keys_search: "rechercher", "search";
    keys_show: "afficher les nouvelles dépêches", "show new dispatches";
    keys_help: "cette aide", "this help";
    keys_on: "Touches actives", "Keys switched on";
    demo_note: "Démonstration\u{202f}: ces dépêches sont inventées.", "Demonstration: these dispatches are invented.";
    // The list.
    urgent: "Urgent", "Urgent";
    older: "Plus anciennes", "Older";
    newest: "Retour aux plus récentes", "Back to the newest";
    reload: "Recharger", "Reload";
    pause: "Suspendre le direct", "Pause live updates";
    resume: "Reprendre le direct", "Resume live updates";
    offline: "Direct interrompu, nouvel essai en cours.", "Live updates interrupted, trying again.";
    fresh_one: "1 nouvelle dépêche — afficher", "1 new dispatch — show";
    fresh_many: "{n} nouvelles dépêches — afficher", "{n} new dispatches — show";
    changed_one: "1 mise à jour — afficher", "1 update — show";
    changed_many: "{n} mises à jour — afficher", "{n} updates — show";
    resync: "La liste a changé — recharger", "The list has changed — reload";
    copies: "Aussi chez", "Also carried by";
    copies_see: "Voir qui d’autre la publie", "See who else carries it";
    list_empty: "Rien encore sur le fil. Les premières dépêches arrivent dès que les sources ont été interrogées.", "Nothing on the wire yet. The first dispatches come in as soon as the sources have been asked.";
    list_end: "Le fil commence ici.", "The wire begins here.";
    // Trouble, in the sentence that says since when nothing is taken in.
    notice_label: "État du fil", "State of the wire";
    disk_full: "le disque est plein", "the disk is full";
    disk_full_advice: "Libérez de la place là où se trouve le dossier de données\u{202f}; la prise reprendra d’elle-même.", "Make room where the data folder is; it will go on by itself.";
    read_only: "le dossier de données est en lecture seule", "the data folder is read-only";
    read_only_advice: "Rendez le dossier de données modifiable par le compte qui exécute Dépêche\u{202f}; la prise reprendra d’elle-même.", "Let the account that runs Dépêche write to the data folder; it will go on by itself.";
    damaged: "le fichier du fil est abîmé", "the file of the wire is damaged";
    damaged_advice: "Lancez depeche doctor, qui dit ce qui manque, puis reprenez une sauvegarde avec depeche restore.", "Run depeche doctor, which says what is missing, then take up a backup with depeche restore.";
    clock_wrong: "l’horloge de la machine est fausse", "the machine’s clock is wrong";
    clock_wrong_advice: "Mettez la machine à l’heure\u{202f}; la prise reprendra d’elle-même.", "Set the machine’s clock; it will go on by itself.";
    trouble_other: "le fil ne peut pas être écrit", "the wire cannot be written";
    trouble_other_advice: "Lancez depeche doctor\u{202f}: il dit ce qui ne va pas et quoi faire.", "Run depeche doctor: it says what is wrong and what to do.";
    // Notices.
    killed: "Annulée par son agence", "Killed by its agency";
    removed: "Retirée", "Removed";
    killed_why: "Son agence a annulé cette dépêche\u{202f}: son texte n’est plus montré et ne doit plus être repris.", "Its agency killed this dispatch: its text is no longer shown and must not be used.";
    removed_why: "Cette dépêche a été retirée de ce fil.", "This dispatch was removed from this wire.";
    expired: "Plus conservée", "No longer kept";
    expired_why: "Cette dépêche a été sur ce fil et n’est plus conservée.", "This dispatch was on this wire and is no longer kept.";
    // What agencies hold back, for the administrator.
    embargoed_until: "Sous embargo jusqu’au", "Under embargo until";
    withheld: "Retenu par son agence", "Withheld by its agency";
    held_why: "Visible ici seulement, pour l’administrateur\u{202f}: aucun lecteur, aucune liste ni recherche ne le montre.", "Seen here only, by the administrator: no reader, no list and no search shows it.";
    came_in: "Reçu le", "Came in";
    held_title: "À paraître", "To appear";
    // The article.
    published: "Publié le", "Published";
    corrected: "Corrigé le", "Corrected";
    modified: "Modifié le", "Updated";
    on_wire: "Sur le fil le", "On the wire";
    original: "L’original", "The original";
    live_blog: "Suivi en direct", "Live blog";
    paywalled: "Réservé aux abonnés", "For subscribers";
    original_teaser: "Seule l’accroche de cet article est connue. La suite se lit chez sa source.", "Only the teaser of this article is known. The rest is at its source.";
    changes: "Ce qui a changé", "What changed";
    in_story: "Dans ce sujet", "In this story";
    picture: "Image", "Picture";
    table: "Tableau", "Table";
    elsewhere: "À voir ailleurs", "Shown elsewhere";
    slugline: "Slug", "Slug";
    genre: "Genre", "Genre";
    place: "Lieu", "Place";
    rights: "Droits", "Rights";
    editors_note: "Note aux rédactions", "Note to editors";
    linked: "À lire avec", "To read with it";
    link_previous: "version précédente", "previous version";
    link_passage: "un passage en commun avec", "a passage in common with";
    link_see_also: "voir aussi", "see also";
    link_translation: "traduction", "translation";
    version_late: "version antérieure, reçue après coup", "earlier version, received late";
    version_update: "mise à jour", "update";
    version_correction: "correction", "correction";
    version_kill: "annulation", "kill";
    version_advisory: "note aux rédactions", "note to editors";
    // The line of a dispatch.
    editions: "Éditions et copies", "Editions and copies";
    edition_first: "la première", "the first";
    edition_original: "l’original", "the original";
    edition_longest: "la plus longue", "the longest";
    edition_here: "affichée ici", "shown here";
    edition_flash: "flash", "flash";
    edition_alert: "alerte", "alert";
    edition_urgent: "urgent", "urgent";
    edition_copy: "copie", "copy";
    edition_version: "version", "version";
    edition_next: "nouvelle édition", "new edition";
    edition_teaser: "accroche", "teaser";
    edition_anew: "texte réécrit", "written anew";
    editions_fewer: "N’afficher que les principales", "Show the main ones only";
    copy_original: "texte d’origine", "original text";
    copy_copy: "même texte", "same text";
    // Two texts held against each other.
    comparison: "Comparaison de deux textes", "Two texts compared";
    compare: "comparer", "compare";
    see_change: "voir ce qui a changé", "see what changed";
    before: "avant", "before";
    after: "après", "after";
    why_together: "Pourquoi ils sont ensemble", "Why they are together";
    in_short: "En bref", "In short";
    unchanged: "Le texte est le même, mot pour mot.", "The text is the same, word for word.";
    figures: "Chiffres", "Figures";
    names: "Noms", "Names";
    quotations: "Citations", "Quotations";
    figures_differ: "Des chiffres diffèrent à la même place.", "Figures differ at the same place.";
    same_headline: "Les deux ont le même titre.", "Both have the same headline.";
    verdict_copy: "C’est le même texte, repris, coupé ou retouché.", "It is the same text, carried, cut or touched up.";
    verdict_version: "C’est la même dépêche, mise à jour ou corrigée.", "It is the same dispatch, brought up to date or corrected.";
    verdict_teaser: "C’est le début de l’autre texte.", "It is the start of the other text.";
    verdict_editor: "La rédaction l’a décidé.", "An editor said so.";
    verdict_background: "C’est une autre dépêche, qui en reprend un passage.", "It is another dispatch, which shares a passage.";
    story: "Sujet", "Story";
    story_sources: "Qui en parle", "Who reports on it";
    story_extent: "Étendue", "Extent";
    story_since: "Début", "Began";
    story_last: "Dernière dépêche", "Latest dispatch";
    story_first: "D’abord chez", "First carried by";
    story_tied: "Ce qui les lie", "What ties them";
    story_timeline: "Chronologie", "Timeline";
    story_newest: "Retour au plus récent", "Back to the newest";
    story_related: "À rapprocher", "Related stories";
    // The front.
    front_empty: "Aucun sujet n’est traité par plusieurs sources en ce moment.", "No story is told by several sources at the moment.";
    front_how: "Les sujets sont rangés par le nombre de sources qui viennent de les raconter, chacune à sa façon\u{202f}; l’âge les fait descendre. Les reprises d’une même dépêche comptent à peine, les clics pas du tout.", "Stories are ranked by how many sources have just come to tell them, each in its own way; age lets them sink. Copies of one dispatch hardly count, clicks not at all.";
    // Search.
    search_ask: "Un mot, un nom, une expression entre guillemets.", "A word, a name, a phrase in quotation marks.";
    only_common_words: "Rien à chercher\u{202f}: aucun mot, ou des mots trop courants.", "Nothing to look for: no word, or words that are too common.";
    search_not_ready: "L’index de recherche se construit. Réessayez dans un instant.", "The search index is being built. Try again in a moment.";
    by_both: "au mieux", "best";
    by_relevance: "par pertinence", "by relevance";
    by_date: "par date", "by date";
    order: "Ordre", "Order";
    fold_stories: "un par sujet", "one a story";
    unfold_stories: "tous les articles des sujets", "all articles of stories";
    conditions: "Conditions", "Conditions";
    take_away: "retirer", "take away";
    except: "sauf ", "except ";
    none_has_all: "Aucun article n’a tous ces mots.", "No article has all of these words.";
    cut_short: "Question très large\u{202f}: seuls les articles les plus récents ont été examinés.",
        "A very wide question: only the latest articles were looked at.";
    counts_estimated: "Nombres estimés, à quelques pour cent près.", "Counts are estimated, within some per cent.";
    try_instead: "Essayez plutôt", "Try instead";
    skip_to_results: "Aller aux résultats", "Skip to the results";
    narrow: "Affiner", "Narrow";
    more: "plus", "more";
    by_date_found: "Résultats par date", "Results by date";
    date_from: "Du", "From";
    date_until: "au", "to";
    narrow_dates: "Limiter", "Limit";
    facet_source: "Source", "Source";
    facet_agency: "Agence", "Agency";
    facet_section: "Rubrique", "Section";
    facet_place: "Lieu", "Place";
    facet_person: "Personne", "Person";
    facet_kind: "Genre", "Kind";
    facet_language: "Langue", "Language";
    like_this: "semblables", "more like this";
    like_articles: "Articles semblables", "More like this";
    like_heading: "Articles semblables à", "Articles like";
    like_nothing: "Rien de semblable sur le fil.", "Nothing like it on the wire.";
    feeds_of_search: "Cette recherche pour un lecteur de flux ou un tableur\u{202f}:", "This search for a feed reader or a spreadsheet:";
    help: "Aide à la recherche", "Help with searching";
    previous_page: "Résultats précédents", "Previous results";
    next_page: "Résultats suivants", "More results";
    nothing_try_without: "Sans les exclusions", "Without the exclusions";
    nothing_try_quotes: "Sans les guillemets\u{202f}: les mots peuvent être séparés", "Without the quotation marks: the words may stand apart";
    nothing_try_other: "Essayez un autre mot ou un nom propre. Accents, majuscules et pluriels ne comptent pas.", "Try another word or a proper name. Accents, capitals and plurals do not matter.";
    // Sources.
    private_source: "privée", "private";
    pause_source: "Mettre en pause", "Pause";
    resume_source: "Reprendre", "Resume";
    refresh_source: "Interroger maintenant", "Ask now";
    remove_source: "Retirer", "Remove";
    remove_source_why: "Elle ne sera plus interrogée. Ses dépêches restent sur le fil.", "It will no longer be asked. Its dispatches stay on the wire.";
    remove_sure: "Oui, retirer cette source", "Yes, remove this source";
    latest_of: "Ses dernières dépêches", "Its latest dispatches";
    address: "Adresse", "Address";
    name_optional: "Nom (facultatif)", "Name (optional)";
    keep_private: "Ne la montrer qu’à l’administrateur", "Show it to the administrator only";
    add: "Ajouter", "Add";
    test: "Tester", "Test";
    add_source: "Ajouter une source", "Add a source";
    add_chosen: "Ajouter les sources choisies", "Add the chosen sources";
    add_address: "Une adresse", "An address";
    add_address_hint: "Un site, une rubrique, un fil RSS, Atom ou JSON, un plan de site. Tester montre ce qui s’y trouve.", "A site, a section, an RSS, Atom or JSON feed, a sitemap. Test shows what is there.";
    add_opml: "Un fichier OPML", "An OPML file";
    add_opml_hint: "L’export de votre lecteur actuel.", "The export of your present reader.";
    take_opml: "Prendre ce fichier", "Take this file";
    starters: "Pour commencer", "To begin with";
    starters_french: "En français", "In French";
    starters_english: "En anglais", "In English";
    no_source: "Aucune source pour l’instant.", "No source yet.";
    welcome: "Le fil est prêt. Il lui faut des sources.", "The wire is ready. It needs sources.";
    welcome_token: "Pour en ajouter, donnez le jeton d’administration. Dépêche l’a affiché à son premier démarrage\u{202f}; lancé comme service, il l’a écrit dans le fichier administrator.token de son dossier de données. Perdu, depeche token en fait un autre.", "To add some, give the administrator’s token. Dépêche printed it when it first started; run as a service, it wrote it to the file administrator.token in its data folder. Where it is lost, depeche token makes another.";
    source_facts: "Fiche", "Facts";
    source_language: "Langue", "Language";
    source_since: "Suivie depuis le", "Listened to since";
    source_seen_by: "Visible par", "Seen by";
    seen_by_all: "tous les lecteurs", "every reader";
    seen_by_us: "l’administrateur seulement", "the administrator only";
    asked_last: "Dernière demande", "Last asked";
    answered_last: "Dernière réponse", "Last answered";
    news_last: "Dernière nouveauté", "Last news";
    asked_next: "Prochaine demande", "Asked next";
    failures_since: "Échecs de suite", "Failures in a row";
    kept_days: "Conservation", "Kept";
    kept_as_set: "selon la configuration", "as the configuration says";
    brought: "Trente derniers jours", "Last thirty days";
    brought_alone: "qu’elle est seule à publier", "that it alone carries";
    brought_first: "qu’elle a publiés la première", "that it carried first";
    brought_after: "parus d’abord ailleurs", "that others carried before";
    by_day: "Articles par jour", "Articles by day";
    in_figures: "En chiffres", "In figures";
    day: "Jour", "Day";
    not_understood: "Ce qui n’a pas été compris", "What was not understood";
    delivery_number: "Livraison nº", "Delivery no.";
    its_article: "voir l’article", "see the article";
    refused_whole: "illisible en entier", "wholly unreadable";
    change_source: "Modifier cette source", "Change this source";
    name: "Nom", "Name";
    name_hint: "Vide\u{202f}: le nom que son fil se donne.", "Empty: the name its feed gives itself.";
    language_hint: "fr, en, pt-BR… Vide\u{202f}: celle que son fil déclare.", "fr, en, pt-BR… Empty: the one its feed declares.";
    keep_days: "Jours de conservation", "Days kept";
    keep_days_hint: "Vide\u{202f}: selon la configuration.", "Empty: as the configuration says.";
    save: "Enregistrer", "Save";
    see_row: "La voir dans la liste", "See it in the list";
    see_what_came: "Voir ce qui est venu", "See what has come";
    filter_sources: "Trouver une source", "Find a source";
    filter: "Filtrer", "Filter";
    filter_off: "Toutes les sources", "All sources";
    filter_none: "Aucune source de ce nom ni à cette adresse.", "No source of this name or address.";
    bad_pushed_name: "Il lui faut un nom, avec au moins une lettre ou un chiffre\u{202f}: son adresse de dépôt en est faite.", "It needs a name, with at least one letter or figure: its address is made of it.";
    // Health.
    never_asked: "Pas encore interrogée.", "Not asked yet.";
    is_paused: "En pause\u{202f}: n’est pas interrogée.", "Paused: it is not asked.";
    is_pushed: "Livrée par son expéditeur", "Delivered by its sender";
    is_watched: "Livrée dans un dossier", "Delivered into a folder";
    none_delivered: "rien reçu encore", "nothing received yet";
    delivered_last: "dernière livraison", "last delivery";
    deliveries: "Livraisons", "Deliveries";
    deliveries_to: "Adresse de dépôt", "Where to deliver";
    intake_tokens: "Jetons de livraison", "Delivery tokens";
    no_intake_token: "Aucun jeton\u{202f}: personne ne peut livrer.", "No token: nobody can deliver.";
    token_made: "fait", "made";
    token_used: "dernier usage", "last used";
    token_unused: "jamais utilisé", "never used";
    make_token: "Faire un jeton", "Make a token";
    token_new: "Un nouveau jeton", "A new token";
    token_once: "Il n’est montré que cette fois. Qui l’a peut livrer au nom de cette source, et rien d’autre.", "It is shown this once. Whoever has it can deliver for this source, and nothing else.";
    token_enough: "Cette source a autant de jetons qu’elle peut en avoir\u{202f}: retirez-en un.", "This source has as many tokens as it may have: revoke one.";
    revoke: "Révoquer", "Revoke";
    example: "Exemple", "Example";
    add_pushed: "Une source qui livre elle-même", "A source that delivers by itself";
    add_pushed_hint: "Une agence ou un programme envoie ses dépêches à une adresse, avec un jeton.", "An agency or a program sends its dispatches to an address, with a token.";
    back_to_source: "Retour à la source", "Back to the source";
    hub: "Serveur de notification", "Hub";
    hub_found: "trouvé, pas encore sollicité", "found, not asked yet";
    hub_asked: "sollicité, sans réponse encore", "asked, no answer yet";
    hub_active: "envoie ce qui est nouveau, jusqu’au", "sends what is new, until";
    hub_denied: "refuse", "says no";
    is_files: "Fichiers importés à la main.", "Files imported by hand.";
    // Jobs.
    testing: "Test de la source", "Testing the source";
    testing_now: "Le collecteur interroge cette adresse. Cette page se recharge d’elle-même.", "The collector is asking this address. This page reloads by itself.";
    test_found: "Ce qui a été trouvé", "What was found";
    test_sitemap: "plan de site", "sitemap";
    test_preview: "Ce qu’il publie", "What it publishes";
    test_nothing: "Aucun fil à cette adresse. Essayez l’adresse de la page d’accueil du site, ou celle de son fil RSS.", "No feed at this address. Try the address of the site’s front page, or that of its RSS feed.";
    taking_opml: "Prise du fichier OPML", "Taking the OPML file";
    taking_now: "Le fichier est en cours de lecture. Cette page se recharge d’elle-même.", "The file is being read. This page reloads by itself.";
    job_failed: "Ce travail n’a pas abouti. Recommencez\u{202f}; si cela se répète, le journal de Dépêche dit pourquoi.", "This job did not succeed. Try again; if it keeps failing, Dépêche’s log tells why.";
    to_sources: "Voir les sources", "See the sources";
    // Signing in.
    token: "Jeton d’administration", "Administrator’s token";
    token_hint: "Affiché au premier démarrage, ou dans le fichier administrator.token du dossier de données.", "Printed at the first start, or in the file administrator.token of the data folder.";
    token_wrong: "Ce n’est pas le jeton de ce fil. Vérifiez qu’il est copié en entier.", "This is not the token of this wire. Check that it was copied whole.";
    enter: "Entrer", "Sign in";
    // Errors.
    not_found: "Page introuvable", "Page not found";
    not_found_why: "Cette adresse ne mène à rien, ou ce qu’elle montrait n’est plus sur le fil. La recherche le retrouve peut-être ailleurs.", "This address leads nowhere, or what it showed is no longer on the wire. Search may find it elsewhere.";
    forbidden: "Réservé à l’administrateur", "For the administrator only";
    forbidden_why: "Ouvrez d’abord une session avec le jeton d’administration, puis recommencez.", "Sign in with the administrator’s token first, then try again.";
    foreign_form: "Demande refusée", "Request refused";
    foreign_form_why: "Ce formulaire n’a pas été envoyé depuis ce site. Ouvrez la page ici et recommencez.", "This form was not sent from this site. Open the page here and try again.";
    bad_request: "Demande incomprise", "Request not understood";
    bad_request_why: "Il manque quelque chose au formulaire, ou ce qu’il contient est trop grand. Revenez en arrière, vérifiez et recommencez.", "Something is missing in the form, or what it holds is too large. Go back, check and try again.";
    none_chosen: "Aucune source n’est cochée", "No source is ticked";
    none_chosen_why: "Revenez à la page précédente et cochez-en au moins une.", "Go back to the page before and tick at least one.";
    bad_address: "Ce n’est pas une adresse", "This is not an address";
    bad_address_why: "Une adresse de source est celle d’un site ou d’un fil, comme https://www.example.org/rss.xml, sans nom ni mot de passe.", "The address of a source is that of a site or a feed, as https://www.example.org/rss.xml, without user or password.";
    wrong_method: "Méthode refusée", "Method not allowed";
    wrong_method_why: "Cette adresse ne se demande pas de cette façon. Revenez à la liste et suivez ses liens.", "This address is not asked in this way. Go back to the list and follow its links.";
    wrong_host: "Nom de serveur inconnu", "Unknown server name";
    wrong_host_why: "Ce serveur ne répond pas sous ce nom. Pour l’autoriser, démarrez Dépêche avec --host suivi de ce nom.", "This server does not answer under this name. To allow it, start Dépêche with --host and this name.";
    trouble: "Quelque chose s’est mal passé", "Something went wrong";
    trouble_why: "Le fil n’a pas pu être lu. Rechargez la page dans un instant\u{202f}; si cela dure, le journal de Dépêche dit pourquoi.", "The wire could not be read. Reload the page in a moment; if it lasts, Dépêche’s log tells why.";
}

/// The sentence of a stable word, out of a table of words with their French and their English.
pub(crate) fn sentence(
    table: &[(&str, &'static str, &'static str)],
    word: &str,
    language: Language,
) -> Option<&'static str> {
    let (_, french, english) = table.iter().find(|(known, ..)| *known == word)?;
    Some(language.of(*french, *english))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_missing_in_a_language() {
        for (name, french, english) in CATALOGUE {
            assert!(!french.trim().is_empty(), "{name} lacks its French");
            assert!(!english.trim().is_empty(), "{name} lacks its English");
            let set = depeche_text::typeset(french, Some("fr"));
            assert_eq!(set, *french, "{name} is not set as French is set");
            assert_eq!(french.contains("{n}"), english.contains("{n}"), "{name} counts in one");
        }
    }

    #[track_caller]
    fn check_language(header: &str, expected: Language) {
        assert_eq!(Language::asked_for(header), expected, "{header}");
    }

    #[test]
    fn french_unless_the_browser_asks_otherwise() {
        check_language("", Language::French);
        check_language("fr-FR,fr;q=0.9,en;q=0.8", Language::French);
        check_language("en-GB,en;q=0.9,fr;q=0.8", Language::English);
        check_language("de,en;q=0.5", Language::English);
        check_language("fr;q=0.2, en;q=0.9", Language::English);
        check_language("de", Language::French);
        check_language("*", Language::French);
        check_language("en;q=0", Language::French);
        check_language(";;,,q=x;\u{0}", Language::French);
    }

    #[test]
    fn each_language_counts_its_own_way() {
        let (french, english) = (Language::French.words(), Language::English.words());
        assert_eq!(french.dispatches(0), "0 dépêche");
        assert_eq!(english.dispatches(0), "0 dispatches");
        assert_eq!(french.dispatches(1), "1 dépêche");
        assert_eq!(french.dispatches(12_345), "12\u{202f}345 dépêches");
        assert_eq!(english.articles(1_234_567), "1,234,567 articles");
        assert_eq!(french.opml_outcome(1, 2), "1 source ajoutée, 2 déjà connues.");
    }

    #[test]
    fn times_and_dates_take_their_preposition() {
        let french = Language::French.words();
        assert_eq!(french.corrected_at("17:05"), "corrigé à 17:05");
        assert_eq!(
            french.killed_at("3 mars 2016 à 17:05"),
            "Annulée par son agence le 3 mars 2016 à 17:05"
        );
        assert_eq!(french.list(&["A", "B", "C"]), "A, B et C");
        let told = french.taken_from_killed("Agence", "3 mars 2016 à 17:05");
        assert_eq!(depeche_text::typeset(&told, Some("fr")), told);
    }
}
