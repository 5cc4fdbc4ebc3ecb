//! What does a page get once everything is granted?

use super::*;
use crate::jurisdiction::{Jurisdiction, UsRule};

#[test]
fn a_granted_page_ends_alike_whether_or_not_such_an_end_was_written_before() {
    let policy = shop().languages(["en", "de", "ar"]).build().unwrap();
    let other = shop().privacy_url("/privacy").build().unwrap();
    let shared = look(true);
    let places = [Jurisdiction::Global, Jurisdiction::Us(UsRule::default())];
    let (own, ids) = (Choice::accept_all(), Choice::reject_all());
    let but_one = Choice::accept_all().refusing_vendor("matomo");
    let pages = [
        (true, "", None),
        (false, "", Some("de")),
        (true, "abc", Some("ar")),
        (true, "", Some("fr")),
    ];
    let mut ends = Vec::new();
    // Twice, so that each is asked for before and after it was written.
    for policy in [&policy, &other, &policy, &other] {
        for (choice, jurisdiction) in [&own, &ids, &but_one]
            .into_iter()
            .flat_map(|choice| places.map(|place| (choice, place)))
        {
            let at = Circumstances {
                jurisdiction,
                ..Circumstances::default()
            };
            let before = decide(policy, &keys(), [Stored::Absent; 4], at, NOW);
            let consent = Consent::after(policy, &choice.parts(&before, None, NOW), at);
            for ((inline, nonce, language), next) in pages
                .into_iter()
                .flat_map(|page| ["/", "/a?b=c&d=\"e\""].map(|next| (page, next)))
            {
                let allowance = allowance(inline, nonce);
                let end = |look: &Look| {
                    injection(&consent, &allowance, next, look, false).whole(language)
                };
                let alone = end(&look(true));
                assert_eq!(end(&shared), alone);
                ends.push(alone);
            }
        }
    }
    let written = ends.len();
    ends.sort_unstable();
    ends.dedup();
    assert!(4 * ends.len() >= written, "{} of {written}", ends.len());
}
