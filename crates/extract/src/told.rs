//! A page, an article, and what became of each block of the page, with the reasons.

use crate::blocks::{Kind, Piece};
use crate::rule::Rule;
use crate::trail::Trail;
use crate::{Extracted, Hints, of_any};

/// What was understood, and how.
#[derive(Clone, Debug, Default)]
pub struct Explained {
    /// What [`crate::any`] understands.
    pub extracted: Extracted,
    /// Every block of the page, in its order.
    pub blocks: Vec<Judged>,
}

/// A block of a page, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What it says; of a picture the address as it is written.
    pub text: String,
    /// What it is.
    pub kind: BlockKind,
    /// How much of it is in links, from 0 to 1.
    pub linked: f32,
    /// Whether it is part of the body.
    pub kept: bool,
    /// The chance that the model gave it, where one judged.
    pub chance: Option<f32>,
    /// Why it was kept or left out, at least one: of what the model left out first what the rules call it, then what
    /// weighed most.
    pub reasons: Vec<Reason>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// A stable word: lower case, underscores.
    pub word: &'static str,
    /// In words, to stand after «kept:» or «left out:».
    pub says: &'static str,
    /// Of the model's reasons, how much it moved the chance, in log odds: above zero towards the story.
    pub by: Option<f32>,
}

/// What a block of a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// A paragraph.
    Paragraph,
    /// Text in no element for text.
    Text,
    /// A heading of this level.
    Heading(u8),
    /// An entry of a list.
    Entry,
    /// A quotation set apart.
    Quote,
    /// A cell of a table.
    Cell,
    /// A caption.
    Caption,
    /// A picture.
    Picture,
    /// Something embedded, told by the address of its page.
    Embed,
}

impl BlockKind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Paragraph => "paragraph",
            Self::Text => "text",
            Self::Heading(_) => "heading",
            Self::Entry => "entry",
            Self::Quote => "quote",
            Self::Cell => "cell",
            Self::Caption => "caption",
            Self::Picture => "picture",
            Self::Embed => "embed",
        }
    }

    pub(crate) fn of(piece: &Piece) -> Self {
        match piece.kind {
            Kind::Image if piece.embed => Self::Embed,
            Kind::Paragraph => Self::Paragraph,
            Kind::Loose => Self::Text,
            Kind::Heading(level) => Self::Heading(level),
            Kind::Entry => Self::Entry,
            Kind::Quote => Self::Quote,
            Kind::Cell => Self::Cell,
            Kind::Caption => Self::Caption,
            Kind::Image => Self::Picture,
        }
    }
}

/// Understands a page or the text of one, and tells why each block of it is in the article or not.
pub fn explained(bytes: &[u8], hints: &Hints) -> Explained {
    let mut trail = Trail::default();
    let extracted = of_any(bytes, hints, Some(&mut trail));
    // What was found to be no story, or less than is declared, was given up after its blocks were judged.
    if extracted.article.body.is_empty() {
        trail.leave_out(|_| true, Rule::NoStory);
    } else if extracted
        .evidence
        .iter()
        .any(|(field, by)| *field == "body" && !matches!(by.as_str(), "page" | "lines"))
    {
        trail.leave_out(|_| true, Rule::Declared);
    }
    Explained { blocks: trail.told(), extracted }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html lang=fr><head><title>La crue est finie</title>\
        <meta name=description content=\"Après trois jours de pluie, la Meuse regagne son lit, dit la préfecture.\"></head><body>\
        <nav><a href=/>Accueil</a></nav><main><h1>La crue est finie</h1>\
        <h2>Après trois jours de pluie, la Meuse regagne son lit, dit la préfecture.</h2><p class=byline>Par Jeanne Corvisier</p>\
        <p>La préfète a annoncé mardi la fin de la crue, après trois jours de pluie sur tout le département.</p>\
        <img src=/crue.jpg>\
        <p>Les routes rouvrent une à une, et les écoles mercredi, a dit la mairie de Verdun à la presse réunie.</p>\
        <p>Les routes rouvrent une à une, et les écoles mercredi, a dit la mairie de Verdun à la presse réunie.</p>\
        <p><a href=/a>Le marché aux fleurs déménage</a></p><h2>Lire aussi</h2></main>\
        <div class=share>Partager</div><div style=\"display:none\">Texte que personne ne voit.</div></body></html>";

    fn words(page: &str) -> Vec<(String, bool, &'static str)> {
        let told = explained(page.as_bytes(), &Hints::default());
        // What the model weighs most in what it keeps is its own business; what is left out has a name.
        let word = |judged: &Judged| match judged.reasons.first() {
            Some(reason) if !judged.kept => reason.word,
            _ => "",
        };
        let start = |text: &str| text.chars().take(12).collect::<String>();
        told.blocks.iter().map(|judged| (start(&judged.text), judged.kept, word(judged))).collect()
    }

    #[test]
    fn each_block_says_why() {
        let expected = [
            ("Accueil", false, "element"),
            ("La crue est ", false, "headline"),
            ("Après trois ", false, "standfirst"),
            ("Par Jeanne C", false, "named_line"),
            ("La préfète a", true, ""),
            ("/crue.jpg", true, ""),
            ("Les routes r", true, ""),
            ("Les routes r", false, "twice"),
            ("Le marché au", false, "links"),
            ("Lire aussi", false, "phrase"),
            ("Partager", false, "named"),
            ("Texte que pe", false, "hidden"),
        ];
        let expected = expected.map(|(text, kept, word)| (text.to_owned(), kept, word));
        assert_eq!(words(PAGE), expected);
    }

    /// To ask why changes nothing: the article is the same, and the blocks that are kept are its body.
    #[test]
    fn what_is_told_is_what_was_done() {
        for page in [
            PAGE,
            "<main><p>La préfète a annoncé mardi la fin de la crue, après trois jours de pluie sur le \
             <span class=share>Partager</span> département de la Meuse et chez ses voisins.</p></main>",
            "<p>x",
            "",
            "La cote\n\nLa préfecture a annoncé mardi la fin de la crue, après trois jours.\n",
        ] {
            let hints = Hints::default();
            let (told, done) =
                (explained(page.as_bytes(), &hints), crate::any(page.as_bytes(), &hints));
            assert_eq!(told.extracted.article, done.article, "{page}");
            let kept = told
                .blocks
                .iter()
                .filter(|judged| judged.kept && judged.kind != BlockKind::Picture);
            let kept: Vec<&str> = kept.map(|judged| judged.text.as_str()).collect();
            assert_eq!(kept.join("\n\n"), done.article.text(), "{page}");
            assert!(told.blocks.iter().all(|judged| !judged.reasons.is_empty()));
        }
    }

    #[test]
    fn a_text_without_markup_is_told_by_its_lines() {
        let text = "Accueil\n\nLa cote d'alerte est levée\n\nPartager\n\n\
            La préfecture a annoncé mardi la fin de la crue, après trois jours de pluie.\n\nLire aussi\n";
        let expected = [
            ("Accueil", "head"),
            ("La cote d'al", "headline"),
            ("Partager", "head"),
            ("La préfectur", ""),
            ("Lire aussi", "phrase"),
        ];
        let told: Vec<_> = words(text).into_iter().map(|(text, _, word)| (text, word)).collect();
        assert_eq!(told, expected.map(|(text, word)| (text.to_owned(), word)));
    }

    #[test]
    fn a_declared_text_takes_the_place_of_the_page() {
        let body = "La préfète a annoncé mardi la fin de la crue, après trois jours de pluie sur le département. ".repeat(8);
        let page = format!(
            "<script type=\"application/ld+json\">{{\"@type\":\"NewsArticle\",\"headline\":\"La crue est finie\",\
            \"articleBody\":\"{body}\"}}</script><main><h1>La crue est finie</h1><p>La préfète a annoncé mardi la fin de la crue, dit-elle.</p></main>"
        );
        let told = explained(page.as_bytes(), &Hints::default());
        assert!(told.extracted.article.text().len() > 500);
        assert_eq!(
            told.blocks.last().map(|judged| (judged.kept, judged.reasons[0].word)),
            Some((false, "declared"))
        );
    }
}
