//! What an agency's desk says of an item beside its text: for editors, and for telling versions apart.

use serde::{Deserialize, Serialize};

use crate::Moment;

/// What a desk wrote around a text. Items of ordinary feeds have none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Desk {
    /// Headlines that are not the main one (IPTC `headline` with its role).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headlines: Vec<Worded>,
    /// Words of the desk that stood at the headline or above the text, as written (`PAPIER GENERAL`, `LEAD`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What this version adds, as its line says it («Actualisé avec …»).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_with: Option<String>,
    /// Words of the desk inside of the text («… ndlr»); they stay there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub insertions: Vec<String>,
    /// Who wrote and who edited, in their initials, as it ended the text (`abc-def/gh`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// By whom, as written (IPTC `by`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byline: Option<String>,
    /// Who is to be credited (IPTC `creditline`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creditline: Option<String>,
    /// Words to editors, not for readers (IPTC `edNote`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// All signals, without their list (IPTC `signal`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// What kind of content it is (IPTC `itemClass`: `text`, `picture`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_class: Option<String>,
    /// The form of the text (IPTC `genre`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<Topic>,
    /// What it is about, with its codes (IPTC `subject`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Topic>,
    /// Where it was written (IPTC `located`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub located: Vec<Topic>,
    /// Who gave the information (IPTC `infoSource`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub info_sources: Vec<String>,
    /// Who sends it (IPTC `provider`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The products it is sent in (IPTC `service`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Whose it is (IPTC `copyrightNotice`, `copyrightHolder`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copyright: Option<String>,
    /// How it may be used (IPTC `usageTerms`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub usage_terms: Vec<String>,
    /// Other items and pages it names (IPTC `link`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Relation>,
    /// Its other names (IPTC `altId`), each with its kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alt_ids: Vec<Worded>,
    /// Every date that came with it, under its own name, with the zone it was written in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Dated>,
}

/// A text and the role it plays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Worded {
    /// The role, without the list it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The text.
    pub text: String,
}

/// A subject, a genre or a place: its code and its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Topic {
    /// The list its code is from: an alias (`medtop`) or an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The code in that list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its full address, where the message itself says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Its name, in French where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is around it, from near to far.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broader: Vec<String>,
}

/// Another item or page that an item names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Relation {
    /// What it is to this one (`previousVersion`, `seeAlso`, `translationOf`), without its list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rel: Option<String>,
    /// Its guid or its address.
    pub target: String,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A date under the name its format gives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dated {
    /// `version_created`, `first_created`, `content_created`, `content_modified`, `sent`, `expires`, …
    pub what: String,
    /// When.
    pub at: Moment,
}

impl Desk {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What readers may see of it: not the words to editors.
    #[must_use]
    pub fn for_readers(self) -> Self {
        Self { notes: Vec::new(), ..self }
    }

    /// The date with this name.
    pub fn date(&self, what: &str) -> Option<Moment> {
        self.dates.iter().find(|dated| dated.what == what).map(|dated| dated.at)
    }
}

impl Topic {
    /// What it is called, or its code where it has no name.
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.code.as_deref())
    }
}
