//! Words of agencies inside of feeds: an item of RSS or Atom that carries its status, its urgency or its embargo
//! in the vocabulary of NewsML-G2, NITF, AP, AFP or an editorial system.

use depeche_news::limits::formats::AGENCY_LIST_MAX;
use depeche_news::{Problem, Topic};

use super::item::{AgencyItem, Pushed, push};
use super::line;
use crate::Entry;
use crate::markup::{Element, Lower};

/// Addresses and prefixes of vocabularies that agencies use. A bare `status` in any other one (`wp:status`) is a
/// matter of its program.
const ADDRESSES: [&str; 13] = [
    "iptc.org",
    "nitf",
    "newsml",
    "ninjs",
    "afp.com",
    "ap.org",
    "reuters.com",
    "superdesk",
    "feed.wenn.com",
    "dpa.com",
    "belga",
    "ansa.it",
    "agence",
];
const PREFIXES: [&str; 21] = [
    "g2",
    "nar",
    "newsml",
    "nitf",
    "ninjs",
    "iptc",
    "afp",
    "ap",
    "apcm",
    "apnm",
    "apxh",
    "superdesk",
    "sd",
    "reuters",
    "dpa",
    "belga",
    "wenn_nm",
    "wenn_cm",
    "agency",
    "agence",
    "newsmlg2",
];

/// Whether an element is of the vocabulary of an agency.
pub(crate) fn is_agencys(element: Element<'_, '_>) -> bool {
    let Some((prefix, _)) = element.full_name().split_once(':') else { return false };
    let declared = std::iter::successors(Some(element), |inner| inner.parent())
        .take(AROUND_MAX)
        .find_map(|around| {
            around.pairs().find_map(|(name, value)| {
                let bound = name.strip_prefix("xmlns:")?;
                bound.eq_ignore_ascii_case(prefix).then(|| value.to_ascii_lowercase())
            })
        });
    match declared {
        Some(address) => ADDRESSES.iter().any(|part| address.contains(part)),
        None => PREFIXES.iter().any(|known| prefix.eq_ignore_ascii_case(known)),
    }
}

/// Elements around one that are looked at for its namespace: an item stands three deep in its feed.
const AROUND_MAX: usize = 12;

/// Reads an element of an agency's vocabulary in an item, with what is inside of it.
pub(crate) fn read(element: Element<'_, '_>, draft: &mut AgencyItem) {
    let mut inside = std::iter::once(element).chain(element.descendants());
    for part in inside.by_ref().take(AGENCY_LIST_MAX) {
        if part.children().next().is_none() {
            word(part, draft);
        }
    }
    draft.cut |= inside.next().is_some();
}

fn word(part: Element<'_, '_>, draft: &mut AgencyItem) {
    let coded = part.attribute("qcode").or_else(|| part.attribute("FormalName"));
    let text = || line(part).or_else(|| coded.map(|code| super::after_colon(code).to_owned()));
    let value = text().unwrap_or_default();
    let entry = &mut draft.entry;
    match Lower::of(part.name()).as_str() {
        "pubstatus" | "publishingstatus" | "status" | "managementstatus" | "management-status" => {
            draft.status(super::after_colon(&value));
        }
        "signal" | "instruction" => draft.signal(&value),
        "urgency" | "ed-urg" | "newsurgency" => draft.urgency(&value),
        "priority" => {
            let number = part.filled("Numeric").unwrap_or(value);
            draft.urgency(&number);
        }
        // An element that says nothing says that there is none.
        "embargoed" | "embargo" | "embargoeduntil" | "releasedatetime" | "embargountil"
            if !matches!(value.as_str(), "" | "false" | "0" | "no" | "non") =>
        {
            draft.embargo(&value);
        }
        "version" | "revision" | "revisionid" | "managementsequencenumber" => {
            entry.version = text()
        }
        "guid" | "managementid" | "publicidentifier" => {
            draft.alt_id(Some(part.name().to_owned()), text())
        }
        "slugline" | "slug" | "namelabel" => entry.slugline = text(),
        "headline" => draft.headline(None, text()),
        "subheadline" => draft.headline(Some("subHeadline"), text()),
        "byline" | "by" => entry.byline = text(),
        "dateline" => entry.dateline = text(),
        "creditline" | "credit" => entry.credit = text(),
        "ednote" | "editornote" | "editorsnote" | "editorialnote" | "ednotes" => draft.note(text()),
        "located" | "location" | "city" | "datelinelocation" => {
            draft.located(Topic { name: text(), ..Topic::default() });
        }
        "genre" => draft.genre(Topic { name: text(), ..Topic::default() }),
        "subject" | "subjectcode" => draft.subject(subject(part)),
        "keyword" => draft.keyword(text()),
        "infosource" | "source" => draft.desk_list(|desk| &mut desk.info_sources, text()),
        "provider" | "distributor" => draft.desk().provider = text(),
        "service" | "product" | "ofinterestto" => {
            draft.desk_list(|desk| &mut desk.services, text())
        }
        "copyrightnotice" | "copyright" | "copyrightline" => draft.copyright(text()),
        "usageterms" | "usage" | "rightsline" => {
            draft.desk_list(|desk| &mut desk.usage_terms, text())
        }
        "itemclass" | "newsitemtype" | "type" => draft.desk().item_class = text(),
        "versioncreated" | "thisrevisioncreated" | "revised" => draft.version_created(&value),
        "firstcreated" | "created" => draft.first_created(&value),
        "contentcreated" => _ = draft.date("content_created", &value),
        "contentmodified" => _ = draft.date("content_modified", &value),
        "expires" | "expirationdate" => _ = draft.date("expires", &value),
        _ => {}
    }
}

fn subject(part: Element<'_, '_>) -> Topic {
    let code =
        part.filled("qcode").or_else(|| part.filled("code")).or_else(|| part.filled("FormalName"));
    let (scheme, code) = match code.as_deref().map(|code| (code.rsplit_once(':'), code)) {
        Some((Some((scheme, code)), _)) => (Some(scheme.to_owned()), Some(code.to_owned())),
        Some((None, code)) => (part.filled("scheme"), Some(code.to_owned())),
        None => (None, None),
    };
    Topic { scheme, code, name: line(part), ..Topic::default() }
}

/// Puts what an agency said into the item of a feed. The feed's own words stay where they say the same thing; what
/// only an agency says, who may use it and from when, is the agency's. Gives what was wrong with it, and whether a
/// list was longer than is kept.
pub(crate) fn onto(draft: AgencyItem, entry: &mut Entry) -> (Vec<Problem>, bool) {
    let AgencyItem { entry: agency, problems, mut cut, .. } = draft;
    let fill = |own: &mut Option<String>, theirs: Option<String>| {
        if own.is_none() {
            *own = theirs;
        }
    };
    entry.version = agency.version;
    entry.status = agency.status;
    entry.signal = agency.signal;
    entry.embargoed_until = agency.embargoed_until;
    entry.urgency = agency.urgency;
    entry.published = entry.published.or(agency.published);
    entry.updated = entry.updated.or(agency.updated);
    fill(&mut entry.slugline, agency.slugline);
    fill(&mut entry.byline, agency.byline);
    fill(&mut entry.dateline, agency.dateline);
    fill(&mut entry.credit, agency.credit);
    fill(&mut entry.rights, agency.rights);
    fill(&mut entry.note, agency.note);
    for name in agency.located {
        cut |= push(&mut entry.located, name) == Pushed::Full;
    }
    for keyword in agency.keywords {
        cut |= push(&mut entry.keywords, keyword) == Pushed::Full;
    }
    entry.desk = agency.desk;
    if let Some(desk) = entry.desk.as_deref_mut() {
        let said = entry.title.clone();
        desk.headlines.retain(|headline| Some(&headline.text) != said.as_ref());
    }
    (problems, cut)
}
