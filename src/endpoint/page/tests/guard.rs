//! Which pages get the guard?

use super::*;

// covers S01, T32
#[test]
fn the_guard_stands_in_pages_where_something_is_denied_and_in_no_other() {
    let policy = Policy::builder("1")
        .vendors(catalog::defaults())
        .build()
        .unwrap();
    let guarded = |consent: &Consent, nonce: &str, mode| {
        let look = Look {
            guard: mode,
            ..look(true)
        };
        injection(consent, &allowance(true, nonce), "/", &look, false).head_start
    };
    let new = undecided(&policy);
    let tag = guarded(&new, "abc", GuardMode::Core);
    let asset = policy.guard().unwrap();
    assert!(tag.starts_with(&format!(
        "<script src=\"/_consent/assets/{}\" integrity=\"{}\" data-tc-state=\"?\"",
        asset.name, asset.integrity
    )));
    assert!(tag.ends_with(" nonce=\"abc\"></script>"), "{tag}");
    assert!(!tag.contains("data-tc-full") && !tag.contains(" async") && !tag.contains(" defer"));
    assert!(guarded(&new, "", GuardMode::Full).contains(" data-tc-full "));
    assert_eq!(guarded(&new, "abc", GuardMode::Off), "");
    let granted = decided(&policy, &Choice::accept_all(), Signals::default());
    assert_eq!(guarded(&granted, "abc", GuardMode::Full), "");
    let part = decided(
        &policy,
        &Choice::only([Category::Analytics]),
        Signals::default(),
    );
    assert!(guarded(&part, "", GuardMode::Core).contains(" data-tc-state=\"analytics\""));
}

#[test]
fn a_page_that_asks_nothing_is_guarded_only_where_more_is_known_than_the_catalog() {
    let policy = Policy::builder("1").build().unwrap();
    let page = |verdicts| {
        let mut allowance = allowance(true, "");
        allowance.marks.verdicts = verdicts;
        injection(&undecided(&policy), &allowance, "/", &look(true), false)
    };
    let plain = page(false);
    assert!(plain.head_start.is_empty() && plain.body_start.is_empty());
    assert!(plain.body_end.is_empty());
    let judged = page(true);
    assert!(judged.head_start.contains("/guard-") && !judged.head_start.contains("data-tc-load"));
    assert!(judged.body_start.is_empty() && judged.body_end.is_empty());
}

#[test]
fn a_page_where_all_that_was_asked_is_granted_has_no_guard() {
    let policy = shop().build().unwrap();
    assert!(!policy.asked().contains(Category::Functional));
    let head = |choice: &Choice, verdicts| {
        let mut allowance = allowance(true, "");
        allowance.marks.verdicts = verdicts;
        let consent = decided(&policy, choice, Signals::default());
        injection(&consent, &allowance, "/", &look(true), false).head_start
    };
    let all = Choice::accept_all();
    assert!(head(&all, false).is_empty());
    assert!(
        !head(&all, true).is_empty(),
        "lists may deny what was not asked"
    );
    for less in [
        Choice::reject_all(),
        Choice::only([Category::Marketing]),
        all.refusing_vendor("matomo"),
    ] {
        assert!(head(&less, false).contains("/guard-"));
    }
}
