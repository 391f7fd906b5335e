//! Pages that stand in a story's way, by what they say: errors, demands for consent, forms to sign in with.

use std::sync::LazyLock;

use depeche_text::fold;

use crate::blocks::{Kind, Piece};
use crate::kinds::PageKind;
use crate::tree::{ROOT, Tree};

/// What a page says, folded.
pub(crate) struct Said<'a> {
    pub(crate) titles: &'a [String],
    pub(crate) texts: &'a [String],
    pub(crate) body: &'a [Piece],
}

/// Largest body of an error page, of a login: an excuse and a search box.
const WALL_SIZE_MAX: usize = 700;

/// The wall that a page is; `certain` where it declares a story, whose body is so large.
pub(crate) fn of(tree: &Tree, said: &Said, size: usize, certain: bool) -> Option<PageKind> {
    // A flash of one sentence that is declared as an article is one.
    let small = size < if certain { 150 } else { WALL_SIZE_MAX };
    let named = said.titles.iter().any(|title| is_error_title(title));
    if named && (small || (!certain && is_error_named(tree))) {
        return Some(PageKind::Error);
    }
    if small && !certain && (is_error_named(tree) || says_error(said)) {
        return Some(PageKind::Error);
    }
    if is_consent(said, size, certain) {
        return Some(PageKind::Consent);
    }
    let login = || said.titles.iter().any(|title| is_login_title(title)) || said.texts.len() < 40;
    (small && !certain && size < 300 && has_password(tree) && login()).then_some(PageKind::Login)
}

/// What error pages are called.
const ERROR_TITLES: &str = "
    page introuvable|page non trouvee|page inexistante|cette page n'existe pas|cette page n'existe plus|
    cette page est introuvable|la page demandee n'existe pas|la page demandee est introuvable|
    page indisponible|article introuvable|contenu introuvable|contenu indisponible|
    cet article n'est plus disponible|cet article n'existe pas|cette page n'est plus disponible|
    erreur 404|404 erreur|erreur 403|erreur 500|erreur 503|acces refuse|acces interdit|
    service indisponible|service temporairement indisponible|site en maintenance|
    maintenance en cours|verification de securite|document non trouve|rien trouve|
    page not found|page cannot be found|page can't be found|page could not be found|page isn't available|
    page is not available|page does not exist|page doesn't exist|page no longer exists|
    page unavailable|not found|error 404|404 error|error 403|error 500|article not found|story not found|
    article no longer available|content not available|content unavailable|no longer available|
    access denied|403 forbidden|forbidden|internal server error|service unavailable|bad gateway|
    gateway timeout|just a moment|attention required|are you a robot|are you human|
    verify you are human|human verification|security check|pardon our interruption|
    under maintenance|something went wrong|nothing found|
    seite nicht gefunden|seite wurde nicht gefunden|fehler 404|seite existiert nicht|
    zugriff verweigert|nicht verfugbar|artikel nicht gefunden|
    pagina no encontrada|error 404|acceso denegado|pagina non trovata|pagina nao encontrada|
    pagina niet gevonden|nie znaleziono strony|strona nie istnieje|страница не наидена|
    sidan kunde inte hittas|sayfa bulunamadi|ページが見つかりません|페이지를 찾을 수 없습니다|页面不存在|页面未找到
";

/// How many letters an error's title has beside the phrase: «Oups !», the outlet's name.
const BESIDE_MAX: usize = 36;

fn is_error_title(title: &str) -> bool {
    let bare: String = title.chars().filter(|c| !matches!(c, '!' | '.' | '…' | '?')).collect();
    let first = bare.split(['|', '–', '—', '·']).next().unwrap_or_default().trim();
    let number = |text: &str| {
        text.trim().starts_with("404") && text.chars().count() < 24 || text.trim() == "403"
    };
    number(first) || contains_mostly(&bare, ERROR_TITLES, BESIDE_MAX)
}

/// Whether a text is one of these phrases and little else.
fn contains_mostly(text: &str, phrases: &str, beside: usize) -> bool {
    each(phrases).any(|phrase| {
        text.find(phrase).is_some_and(|at| {
            let own = text.chars().count() <= phrase.chars().count() + beside;
            let whole = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            let before = text.get(..at).and_then(|before| before.chars().last());
            own && whole(before)
        })
    })
}

fn each(phrases: &str) -> impl Iterator<Item = &str> {
    phrases.split('|').map(str::trim).filter(|phrase| !phrase.is_empty())
}

/// How error pages excuse themselves.
const EXCUSES: &str = "
    la page que vous recherchez|la page que vous cherchez|la page que vous avez demandee|
    la page que vous demandez|la page demandee|l'article que vous recherchez|
    l'article que vous cherchez|nous ne trouvons pas la page|nous n'avons pas trouve la page|
    cette page n'existe|cette page a ete supprimee|cet article a ete supprime|
    the page you are looking for|the page you're looking for|the page you were looking for|
    the page you requested|the page you have requested|the requested url|the requested page|
    we can't find the page|we couldn't find the page|we could not find the page|
    we can't seem to find|sorry, we couldn't find|this page doesn't exist|
    the article you are looking for|the story you are looking for|
    you don't have permission to access|checking your browser|enable javascript and cookies to continue|
    unusual traffic|die gesuchte seite|die angeforderte seite|die von ihnen gesuchte seite|
    die von ihnen aufgerufene seite|la pagina que buscas|la pagina que busca|la pagina solicitada|
    la pagina che stai cercando|la pagina richiesta|a pagina que voce|a pagina que procura|
    de pagina die u zoekt|de pagina die je zoekt|
    запрашиваемая страница|お探しのページ|요청하신 페이지
";

/// Where on an error page its excuse stands: after the menus, before what is offered instead.
const EXCUSES_WITHIN: usize = 120;

fn says_error(said: &Said) -> bool {
    let texts = said.texts.iter().take(EXCUSES_WITHIN).filter(|text| text.len() < 400);
    let in_body = said.body.iter().filter(|piece| piece.kind != Kind::Image).map(|p| fold(&p.text));
    let excuses = |text: &str| {
        each(EXCUSES).any(|phrase| text.find(phrase).is_some_and(|at| at < BESIDE_MAX * 2))
    };
    // Beside a body that does not excuse itself it is somebody else's page.
    let mut in_body = in_body.peekable();
    match in_body.peek() {
        Some(_) => in_body.any(|text| excuses(&text)),
        None => texts.map(String::as_str).any(excuses),
    }
}

/// Whether the page's own names of classes say that it is an error.
fn is_error_named(tree: &Tree) -> bool {
    const NAMES: &[&str] = &[
        "error404",
        "error-404",
        "error_404",
        "page-404",
        "page404",
        "error-page",
        "errorpage",
        "e404",
    ];
    let names = |id| {
        let names = [tree.attribute(id, "class"), tree.attribute(id, "id")];
        names
            .into_iter()
            .flatten()
            .flat_map(str::split_whitespace)
            .any(|name| NAMES.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)))
    };
    tree.walk(ROOT).filter(|id| matches!(tree.name(*id), "html" | "body" | "main")).any(names)
}

/// What only a demand for consent says.
const CONSENT_STRONG: &str = "
    nos partenaires et nous|nous et nos partenaires|nous et nos|avec nos partenaires|nous utilisons des cookies|
    nous utilisons, ainsi que|ce site utilise des cookies|cookies et autres traceurs|
    cookies ou autres traceurs|cookies ou technologies|continuer sans accepter|accepter et continuer|
    accepter et fermer|accepter les cookies|refuser les cookies|refuser et s'abonner|
    stocker et/ou acceder|stocker ou acceder|parametrer les cookies|parametrer mes choix|
    gerer mes cookies|gerer vos preferences|votre consentement|vos choix a tout moment|
    acceder gratuitement|le respect de votre vie privee|
    we and our partners|we, and our|our partners store|we use cookies|this site uses cookies|
    this website uses cookies|accept all cookies|reject all cookies|accept and continue|
    store and/or access|manage your preferences|manage options|your consent|withdraw your consent|
    we value your privacy|your privacy matters|we care about your privacy|before you continue|
    your privacy choices|personalised ads and content|personalized ads and content|
    wir und unsere partner|wir verwenden cookies|ihre einwilligung|alle akzeptieren|
    mit werbung weiterlesen|weiter mit werbung|mit cookies weiterlesen|wir benotigen ihre zustimmung|
    ihre privatsphare|bevor sie zu|bevor sie fortfahren|mit werbung und cookies|werbefrei lesen|
    sie konnen ihre zustimmung|nosotros y nuestros socios|utilizamos cookies|usamos cookies|
    su consentimiento|tu consentimiento|aceptar y continuar|noi e i nostri partner|noi e terze parti|
    utilizziamo cookie|il tuo consenso|nos e os nossos parceiros|wij en onze partners|
    wij gebruiken cookies|uw toestemming|my i nasi partnerzy|мы используем
";

/// What a demand for consent says too, at least two of them in one paragraph.
const CONSENT_WEAK: &str = "
    cookie|traceur|partenaire|consent|vie privee|confidentialite|donnees personnelles|finalite|interet legitime|legitimate interest|
    vos donnees|publicites personnalisees|accepter|refuser|sans publicite|
    partner|privacy|personal data|your data|purposes|accept|reject|personalised|personalized|
    datenschutz|einwilligung|zustimm|zwecke|werbung|tracking|endgerat|personalisierte|privacidad|publicidad|consenso|toestemming
";

/// Shortest demand for consent that fills a page.
const CONSENT_SIZE_MIN: usize = 80;

fn is_consent(said: &Said, size: usize, certain: bool) -> bool {
    let in_body: Vec<(usize, String)> = said
        .body
        .iter()
        .filter(|piece| piece.kind != Kind::Image)
        .map(|piece| (piece.size, fold(&piece.text)))
        .collect();
    let asking: usize = in_body.iter().filter(|(_, text)| asks_consent(text)).map(|(s, _)| s).sum();
    // Of a story about cookies a paragraph or two sounds like this.
    let share = if certain { 90 } else { 60 };
    if size > 0 && (asking * 100 < size * share || size > CONSENT_SIZE_MAX) {
        // A sentence or two beside it («Bienvenue sur …») is still no story.
        if certain || size >= 160 {
            return false;
        }
    }
    let mut texts: Vec<&String> = said.texts.iter().filter(|text| text.len() >= 30).collect();
    // The longest first, as soon as half of what is said asks for nothing nobody need look at the rest.
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let all: usize = texts.iter().map(|text| text.len()).sum();
    let may_be_whole = size > 0 && asking * 100 >= size * share;
    let (mut of_consent, mut other, mut pieces) = (0, 0, 0);
    for text in texts {
        match asks_consent(text) {
            true => (of_consent, pieces) = (of_consent + text.len(), pieces + 1),
            false => other += text.len(),
        }
        if !may_be_whole && other * 2 > all {
            return false;
        }
    }
    let mostly = of_consent * 2 >= all && of_consent >= CONSENT_SIZE_MIN;
    mostly || (may_be_whole && (certain || pieces >= 2))
}

/// Longest demand for consent that is shown before its purposes are unfolded.
const CONSENT_SIZE_MAX: usize = 6_000;

fn asks_consent(text: &str) -> bool {
    static STRONG: LazyLock<Vec<&str>> = LazyLock::new(|| each(CONSENT_STRONG).collect());
    static WEAK: LazyLock<Vec<&str>> = LazyLock::new(|| each(CONSENT_WEAK).collect());
    STRONG.iter().any(|phrase| text.contains(phrase))
        || WEAK.iter().filter(|phrase| text.contains(**phrase)).nth(2).is_some()
}

/// What forms to sign in with are called.
const LOGIN_TITLES: &str = "
    connexion|se connecter|connectez-vous|identification|identifiez-vous|mon compte|espace abonne|
    authentification|inscription|creer un compte|
    log in|login|sign in|signin|sign up|register|create an account|my account|create account|
    anmelden|anmeldung|einloggen|registrieren|iniciar sesion|inicia sesion|accedi|entrar|inloggen|
    zaloguj|logowanie|войти|вход|ログイン|로그인|登录
";

fn is_login_title(title: &str) -> bool {
    contains_mostly(title, LOGIN_TITLES, BESIDE_MAX)
}

fn has_password(tree: &Tree) -> bool {
    tree.walk(ROOT).any(|id| {
        tree.name(id) == "input"
            && tree.attribute(id, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("password"))
    })
}

/// How pages of results are called.
const SEARCH_TITLES: &str = "
    resultats de la recherche|resultats de recherche|resultats pour|resultat de recherche|
    votre recherche|vous avez recherche|vous avez cherche|recherche pour|
    search results|results for|you searched for|
    suchergebnisse|suchergebnis|ergebnisse fur|resultados de la busqueda|
    resultados de busqueda|resultados para|risultati della ricerca|risultati per|
    resultados da busca|zoekresultaten|wyniki wyszukiwania|результаты поиска|検索結果|검색 결과|搜索结果
";

/// Whether a title is that of a page of results.
pub(crate) fn is_search_title(title: &str) -> bool {
    let bare = title.trim_start_matches(|c: char| !c.is_alphabetic());
    let counted = bare.split_whitespace().nth(1).is_some_and(|word| word.starts_with("result"))
        && title.starts_with(|c: char| c.is_ascii_digit());
    counted || each(SEARCH_TITLES).any(|phrase| bare.starts_with(phrase))
}
