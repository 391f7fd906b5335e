//! Words that say little: those that are not indexed, and those that only make a question.

/// Words that are not indexed: articles, prepositions, pronouns, and the commonest of English. One
/// list for all languages, since nobody knows that of a query; so nothing that means something in
/// another one («or», «an», «car»), and no form of «avoir» and «être», among which are the
/// season «été», the point of the compass «est», the «sommes» and the «avions».
pub(crate) fn is_stop(form: &str) -> bool {
    match form.len() {
        1 => matches!(form, "l" | "d" | "a" | "c" | "j" | "m" | "t" | "s" | "y" | "n"),
        2 => matches!(
            form,
            "le" | "la"
                | "un"
                | "de"
                | "du"
                | "au"
                | "et"
                | "ou"
                | "ce"
                | "il"
                | "on"
                | "tu"
                | "je"
                | "me"
                | "te"
                | "se"
                | "en"
                | "ne"
                | "qu"
                | "sa"
                | "ma"
                | "ta"
                | "of"
                | "to"
                | "in"
                | "is"
                | "by"
        ),
        3 => matches!(
            form,
            "les"
                | "une"
                | "des"
                | "aux"
                | "cet"
                | "ces"
                | "que"
                | "qui"
                | "par"
                | "sur"
                | "lui"
                | "ses"
                | "mes"
                | "the"
                | "and"
                | "for"
                | "was"
        ),
        4 => matches!(
            form,
            "elle"
                | "nous"
                | "vous"
                | "dans"
                | "pour"
                | "avec"
                | "leur"
                | "with"
                | "from"
                | "that"
                | "this"
        ),
        5 => matches!(form, "cette" | "elles" | "leurs" | "notre" | "votre"),
        _ => false,
    }
}

/// Words of a question that say little about its answer. They are indexed and searched, and weigh
/// less: «Quel été fut le plus chaud ?» is about the heat.
pub(crate) fn is_faint(form: &str) -> bool {
    matches!(
        form,
        "quel"
            | "quelle"
            | "quels"
            | "quelles"
            | "lequel"
            | "laquelle"
            | "combien"
            | "comment"
            | "pourquoi"
            | "quand"
            | "quoi"
            | "est"
            | "sont"
            | "etait"
            | "etaient"
            | "ete"
            | "fut"
            | "ont"
            | "avait"
            | "what"
            | "which"
            | "who"
            | "when"
            | "where"
            | "why"
            | "how"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_news_is_made_of_are_no_stop_words() {
        for word in ["avions", "ete", "est", "sommes", "or", "an", "car", "fut", "son", "pas"] {
            assert!(!is_stop(word), "{word}");
        }
        assert!(is_stop("les") && is_stop("dans") && is_stop("the"));
    }
}
