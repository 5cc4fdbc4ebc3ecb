//! Proves that keys can be changed without asking anyone again, that a dropped
//! key forgets, that instances agree, and that a layer remembers nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::mint;
use common::*;
use tower_consent::{
    Category, ConsentLayer, Keyring, Policy, Reason, SigningKey, SiteCookie, State, Vendor, catalog,
};

fn ring(signing: [u8; 32], previous: &[[u8; 32]]) -> Keyring {
    previous.iter().fold(keyring(signing), |ring, key| {
        ring.with_previous(signing_key(*key))
    })
}

fn key_id_of(token: &str) -> [u8; 4] {
    mint::decode(token)[1..5].try_into().unwrap()
}

// covers S49, S29
#[test]
fn the_old_key_verifies_the_new_key_signs_and_a_dropped_key_forgets() {
    let before = App::with_keys(shop_policy(), ring(FIRST_KEY, &[]));
    let during = App::with_keys(shop_policy(), ring(OTHER_KEY, &[FIRST_KEY]));
    let after = App::with_keys(shop_policy(), ring(OTHER_KEY, &[]));

    let mut visitor = before.visitor();
    visitor.save(&[Category::Analytics]);
    assert_eq!(
        key_id_of(&visitor.token(Category::Analytics)),
        mint::key_id(&FIRST_KEY)
    );

    // The ring has turned: the choice still counts, and nothing is written for it.
    visitor.app = during.clone();
    let page = visitor.get("/");
    assert_eq!(page.set_cookies(), [""; 0]);
    assert!(page.consent().allows(Category::Analytics) && !page.consent().needs_banner());

    // A new choice is signed with the new key alone.
    let mut chooses_again = visitor.clone();
    chooses_again.reject();
    for category in Category::ALL {
        assert_eq!(
            key_id_of(&chooses_again.token(category)),
            mint::key_id(&OTHER_KEY)
        );
    }
    chooses_again.app = after.clone();
    assert!(!chooses_again.consent().needs_banner());
    assert!(chooses_again.granted().is_empty());

    // Who never chose again is undecided once the old key is dropped.
    visitor.app = after;
    let consent = visitor.consent();
    assert_eq!(
        standing(&consent, Category::Analytics),
        (State::Undecided, Reason::UnknownKey)
    );
    assert!(consent.granted().is_empty() && consent.needs_banner());
}

// covers S49
#[test]
fn every_key_of_a_ring_verifies_and_the_first_alone_signs() {
    let issuers = [FIRST_KEY, OTHER_KEY, THIRD_KEY];
    let app = App::with_keys(shop_policy(), ring(THIRD_KEY, &[FIRST_KEY, OTHER_KEY]));
    for issuer in issuers {
        let mut visitor = App::with_keys(shop_policy(), ring(issuer, &[])).visitor();
        visitor.accept();
        visitor.app = app.clone();
        assert_eq!(visitor.granted().len(), 3);
    }
    let mut visitor = app.visitor();
    visitor.accept();
    assert_eq!(
        key_id_of(&visitor.token(Category::Marketing)),
        mint::key_id(&THIRD_KEY)
    );

    // A key outside of the ring verifies nothing.
    let stranger = App::with_keys(shop_policy(), ring(FIRST_KEY, &[OTHER_KEY]));
    visitor.app = stranger;
    assert!(visitor.granted().is_empty());
}

// covers S29
#[test]
fn a_leaked_key_is_dropped_at_once_and_whatever_it_signed_is_void() {
    let leaked = App::with_keys(shop_policy(), ring(FIRST_KEY, &[]));
    let mut honest = leaked.visitor();
    honest.accept();
    let claims = mint::Claims::granted(NOW, mint::shop_revisions(REVISION)[3]);
    let forged = mint::token(&FIRST_KEY, SITE, "marketing", &claims);

    let replaced = App::with_keys(shop_policy(), ring(OTHER_KEY, &[]));
    honest.app = replaced.clone();
    assert_eq!(
        honest.consent().reason(Category::Marketing),
        Reason::UnknownKey
    );
    let anchor = mint::Claims::granted(NOW, mint::shop_revisions(REVISION)[0]);
    let anchor = mint::token(&FIRST_KEY, SITE, "necessary", &anchor);
    let line = cookie_line(&[
        (Category::Necessary, &anchor),
        (Category::Marketing, &forged),
    ]);
    assert!(leaked.consent_of([&line]).allows(Category::Marketing));
    assert!(!replaced.consent_of([&line]).allows(Category::Marketing));
}

// covers S49
#[test]
fn short_or_missing_keys_are_refused_and_none_is_a_default() {
    for length in [0, 1, 16, 31] {
        let bytes: Vec<u8> = (0..length).collect();
        let error = SigningKey::from_bytes(&bytes).unwrap_err().to_string();
        assert!(error.contains("at least 32"), "{error}");
    }
    let bytes: Vec<u8> = (0..32).collect();
    assert!(SigningKey::from_bytes(&bytes).is_ok());

    let error = Keyring::from_env("TOWER_CONSENT_TEST_NO_SUCH_VARIABLE").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("TOWER_CONSENT_TEST_NO_SUCH_VARIABLE")
    );

    // Two fresh keys differ, so neither is built in.
    let one = App::with_keys(shop_policy(), Keyring::ephemeral().unwrap());
    let mut visitor = one.visitor();
    visitor.accept();
    assert_eq!(visitor.granted().len(), 3);
    visitor.app = App::with_keys(shop_policy(), Keyring::ephemeral().unwrap());
    assert!(visitor.granted().is_empty());
}

#[test]
fn two_instances_with_the_same_keys_honour_each_others_choices() {
    let (east, west) = (App::shop(), App::shop());
    let mut visitor = east.visitor();
    visitor.accept();
    visitor.app = west.clone();
    assert_eq!(visitor.granted().len(), 3);
    visitor.save(&[Category::Functional]);
    visitor.app = east;
    assert_eq!(visitor.granted(), [Category::Functional]);
    visitor.reject();
    visitor.app = west;
    assert!(visitor.granted().is_empty() && !visitor.consent().needs_banner());
}

#[test]
fn instances_agree_however_their_policy_was_written_down() {
    let code = App::shop();
    let mut visitor = code.visitor();
    visitor.choose("choice=save&analytics=on&offered=shop-stats");

    // The same declarations in another order, with other words.
    let shuffled = Policy::builder(REVISION)
        .site(SITE)
        .vendor(catalog::meta_pixel())
        .cookie(SiteCookie::new(
            "theme",
            Category::Functional,
            "Light or dark, as you like it",
        ))
        .vendor(
            shop_stats()
                .with_name("Statistics of the shop")
                .with_retention("1 year"),
        )
        .necessary("csrf", "Protects what you send")
        .vendor(catalog::google_analytics())
        .build()
        .unwrap();
    visitor.app = App::new(shuffled);
    let consent = visitor.consent();
    assert_eq!(
        standing(&consent, Category::Analytics),
        (State::Granted, Reason::Explicit)
    );
    assert!(consent.allows_vendor("google-analytics") && !consent.allows_vendor("shop-stats"));
    assert_eq!(
        standing(&consent, Category::Marketing),
        (State::Refused, Reason::ExplicitRefusal)
    );

    // Another vendor in the category is another question.
    let other = shop()
        .vendor(
            Vendor::new("more-stats", Category::Analytics)
                .with_purpose("Counts more")
                .with_retention("1 day")
                .first_party()
                .cookies(["_more"]),
        )
        .build()
        .unwrap();
    visitor.app = App::new(other);
    assert_eq!(
        visitor.consent().reason(Category::Analytics),
        Reason::RevisionChanged
    );
}

#[test]
fn nothing_is_remembered_between_requests() {
    let app = App::shop();
    let mut chosen = app.visitor();
    chosen.accept();
    let cookies = chosen.jar.header(SITE_HOST, "/").unwrap();

    // A layer that has just seen a choice answers a stranger as one that has not.
    let fresh = App::shop();
    for lines in [
        vec![],
        vec![cookies.clone()],
        vec![b"_ga=1; sid=2".to_vec()],
        vec![cookies],
    ] {
        let (used, new) = (app.with_cookies(&lines), fresh.with_cookies(&lines));
        assert_eq!(used.headers, new.headers);
        assert_eq!(used.body, new.body);
        assert_eq!(used.cookies_seen(), new.cookies_seen());
        assert_eq!(
            format!("{:?}", used.consent()),
            format!("{:?}", new.consent())
        );
    }

    // A withdrawal lives in the browser too: the old cookies, put back, are the old choice.
    let before = chosen.clone();
    chosen.reject();
    assert!(chosen.granted().is_empty());
    assert_eq!(before.clone().granted().len(), 3);

    // Clones of one layer share a configuration and no visitor.
    let one: ConsentLayer = app.layer.clone();
    let clone = App::shop().set(|_| one);
    assert!(clone.visitor().granted().is_empty());
}
