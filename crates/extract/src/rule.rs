//! Why a rule keeps a piece or leaves it out.

/// What decided about a piece: a word that stays the same, and a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Kept,
    Lead,
    Likely,
    Element,
    Hidden,
    Named,
    Outside,
    Unlikely,
    Picture,
    Headline,
    FirstHeading,
    Caption,
    Phrase,
    Notice,
    Links,
    LinkList,
    Byline,
    NamedLine,
    Label,
    Twice,
    Teaser,
    Head,
    Dateline,
    Standfirst,
    StandfirstAgain,
    Tail,
    Biography,
    Foot,
    BareHeading,
    Furniture,
    Declared,
    NoStory,
}

impl Rule {
    /// Whether a piece of which this is said is part of the body.
    pub(crate) fn keeps(self) -> bool {
        matches!(self, Self::Kept | Self::Lead | Self::Likely)
    }

    /// The stable word.
    pub(crate) fn word(self) -> &'static str {
        self.told().0
    }

    /// The sentence, without its stop.
    pub(crate) fn says(self) -> &'static str {
        self.told().1
    }

    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Kept => ("kept", "in the story, and nothing speaks against it"),
            Self::Lead => ("lead", "between the headline and the story"),
            Self::Likely => ("likely", "likely a part of the story"),
            Self::Element => ("element", "in a nav, aside, footer or form"),
            Self::Hidden => ("hidden", "in an element that is not shown"),
            Self::Named => ("named", "in an element named as furniture"),
            Self::Outside => ("outside", "outside the story's element"),
            Self::Unlikely => ("unlikely", "hardly a part of the story"),
            Self::Picture => ("picture", "a picture apart from the story"),
            Self::Headline => ("headline", "is the headline"),
            Self::FirstHeading => ("first_heading", "a heading of the page, not of the story"),
            Self::Caption => ("caption", "a caption or a picture's credit"),
            Self::Phrase => ("phrase", "words of a button, a box or a call"),
            Self::Notice => ("notice", "a notice on cookies, accounts, embeds"),
            Self::Links => ("links", "mostly links"),
            Self::LinkList => ("link_list", "in a list or table that is mostly links"),
            Self::Byline => ("byline", "names the author and little else"),
            Self::NamedLine => ("named_line", "a line named for the author or the date"),
            Self::Label => ("label", "a few words on their own, and no sentence"),
            Self::Twice => ("twice", "stands twice on the page"),
            Self::Teaser => ("teaser", "cut off, and whole elsewhere"),
            Self::Head => ("head", "a label before the first paragraph"),
            Self::Dateline => ("dateline", "tells the date above the text"),
            Self::Standfirst => ("standfirst", "is the standfirst"),
            Self::StandfirstAgain => ("standfirst_again", "says the standfirst again"),
            Self::Tail => ("tail", "after the end of the story"),
            Self::Biography => ("biography", "tells of the author, at the end"),
            Self::Foot => ("foot", "a label after the last paragraph"),
            Self::BareHeading => ("bare_heading", "a heading with no text under it"),
            Self::Furniture => ("furniture", "a line that is no part of a text"),
            Self::Declared => ("declared", "a longer declared text was taken"),
            Self::NoStory => ("no_story", "the page holds no story"),
        }
    }
}
