//! Proves that only this site's own, latest, whole and untouched choice grants
//! anything, and pins the format of the cookies that store it.
#![allow(
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken fixture fails its test"
)]

mod common;

use common::mint::{self, Claims};
use common::*;
use tower_consent::{Category, Consent, Keyring, Policy, Reason, State, Timestamp};

/// The four tokens of a visitor who accepted everything at `NOW`.
fn accepted(app: &App) -> [String; 4] {
    let mut visitor = app.visitor();
    visitor.accept();
    Category::ALL.map(|category| visitor.token(category))
}

fn line(tokens: &[String; 4]) -> String {
    let pairs: Vec<_> = Category::ALL
        .into_iter()
        .zip(tokens.iter().map(String::as_str))
        .collect();
    cookie_line(&pairs)
}

/// The consent of a visitor whose cookie of one category was replaced.
fn with(app: &App, tokens: &[String; 4], category: Category, text: impl AsRef<[u8]>) -> Consent {
    let mut tokens = tokens.clone().map(String::into_bytes);
    let position = Category::ALL.iter().position(|other| *other == category);
    tokens[position.unwrap()] = text.as_ref().to_vec();
    let pairs: Vec<Vec<u8>> = CONSENT_COOKIES
        .iter()
        .zip(&tokens)
        .map(|(name, token)| [name.as_bytes(), b"=", token].concat())
        .collect();
    app.consent_of([pairs.join(&b"; "[..])])
}

/// A replaced cookie denies its own category; a replaced anchor denies all.
fn assert_denied(consent: &Consent, category: Category, what: &str) {
    for optional in Category::OPTIONAL {
        let denied = category == Category::Necessary || category == optional;
        assert_eq!(!consent.allows(optional), denied, "{what}: {consent:?}");
    }
}

fn claims(category: Category) -> Claims {
    Claims::granted(NOW, mint::shop_revisions(REVISION)[category as usize])
}

fn minted(category: Category, claims: &Claims) -> String {
    mint::token(&FIRST_KEY, SITE, category.as_str(), claims)
}

fn minted_all(change: impl Fn(Category, &mut Claims)) -> [String; 4] {
    Category::ALL.map(|category| {
        let mut claims = claims(category);
        change(category, &mut claims);
        minted(category, &claims)
    })
}

// covers S36, T47
#[test]
fn an_untouched_choice_grants_what_was_granted() {
    let app = App::shop();
    let consent = app.consent_of([line(&accepted(&app))]);
    for category in Category::OPTIONAL {
        assert_eq!(
            standing(&consent, category),
            (State::Granted, Reason::Explicit)
        );
    }
    assert_eq!(
        consent.decided_at(),
        Some(Timestamp::from_unix_seconds(NOW))
    );
}

// covers T26, T47, S48
#[test]
fn known_answers_pin_the_cookies_to_the_byte() {
    let answers = include_str!("data/tokens.txt");
    let mut checked = 0;
    for block in answers
        .split("\n\n")
        .filter(|block| block.contains("case: "))
    {
        let field = |name: &str| -> Vec<&str> {
            block
                .lines()
                .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                .collect()
        };
        let one = |name: &str| match field(name).first() {
            None | Some(&"-") => "",
            Some(text) => *text,
        };
        let case = one("case");
        let key = unhex(one("key"));
        let now: u64 = one("now").parse().unwrap();

        // What the layer writes.
        let mut policy = shop().site(one("site"));
        if !one("domain").is_empty() {
            policy = policy.cookie_domain(one("domain"));
        }
        let keys = Keyring::new(tower_consent::SigningKey::from_bytes(&key).unwrap());
        let app = App::with_keys(policy.build().unwrap(), keys)
            .set(|layer| layer.with_insecure_cookies(one("insecure") == "true"));
        app.clock.set(Timestamp::from_unix_seconds(now));
        let mut visitor = app.visitor();
        visitor.gpc = one("gpc") == "true";
        let answer = visitor.choose(one("form"));
        assert_eq!(answer.set_cookies(), field("set-cookie"), "{case}");

        // What the second implementation makes of the same claims.
        let revisions = mint::shop_revisions(REVISION);
        let flags: Vec<&str> = one("flags").split(' ').collect();
        let refused: Vec<&str> = one("refused-vendors").split(' ').collect();
        for (position, category) in Category::ALL.into_iter().enumerate() {
            let claims = Claims {
                schema: 1,
                flags: flags[position].parse().unwrap(),
                source: one("source").parse().unwrap(),
                stamp: now,
                revision: revisions[position],
                refused_vendors: unhex(refused[position].trim_matches('-')),
            };
            let token = mint::token(&key, one("site"), category.as_str(), &claims);
            let value = field("set-cookie")[position].split(['=', ';']).nth(1);
            assert_eq!(value, Some(&*token), "{case}, {category}");
        }
        checked += 1;
    }
    assert_eq!(checked, 7, "every case of the file was read");
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

// covers L12, T47, behaviour 3
#[test]
fn changing_any_character_of_any_cookie_grants_nothing() {
    const OTHERS: &[u8] = b"ABCxyz059-_+/=.%,\" \xc3\xff";
    let app = App::shop();
    let tokens = accepted(&app);
    for (category, token) in Category::ALL.into_iter().zip(&tokens) {
        for at in 0..token.len() {
            for other in OTHERS
                .iter()
                .filter(|other| **other != token.as_bytes()[at])
            {
                let mut changed = token.clone().into_bytes();
                changed[at] = *other;
                let consent = with(&app, &tokens, category, &changed);
                assert_denied(&consent, category, &format!("{category} {at} {other}"));
            }
        }
    }
}

// covers L12, T47
#[test]
fn flipping_any_bit_of_any_cookie_grants_nothing() {
    let app = App::shop();
    // Vendors are refused in analytics, so that its token has bytes of every kind.
    let tokens = minted_all(|category, claims| {
        if category == Category::Analytics {
            claims.refused_vendors = vec![1];
        }
    });
    assert!(app.consent_of([line(&tokens)]).allows(Category::Analytics));
    for (category, token) in Category::ALL.into_iter().zip(&tokens) {
        let bytes = mint::decode(token);
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let consent = with(&app, &tokens, category, mint::encode(&changed));
            assert_denied(&consent, category, &format!("{category} bit {bit}"));
        }
    }
}

// covers L12, S36
#[test]
fn a_forgery_grants_nothing() {
    let app = App::shop();
    // With a key of the attacker's own.
    let forged = Category::ALL
        .map(|category| mint::token(&OTHER_KEY, SITE, category.as_str(), &claims(category)));
    let consent = app.consent_of([line(&forged)]);
    assert!(consent.granted().is_empty());
    assert_eq!(consent.reason(Category::Analytics), Reason::UnknownKey);

    // With the site's key id over the attacker's tag.
    let renamed = Category::ALL.map(|category| {
        let mut bytes = mint::token_bytes(&OTHER_KEY, SITE, category.as_str(), &claims(category));
        bytes[1..5].copy_from_slice(&mint::key_id(&FIRST_KEY));
        mint::encode(&bytes)
    });
    let consent = app.consent_of([line(&renamed)]);
    assert!(consent.granted().is_empty());
    assert_eq!(consent.reason(Category::Analytics), Reason::BadSignature);

    // Without a tag, or with an empty one.
    for tag in [0, 16] {
        let unsigned = Category::ALL.map(|category| {
            let bytes = mint::token_bytes(&FIRST_KEY, SITE, category.as_str(), &claims(category));
            let mut bytes = bytes[..bytes.len() - 16].to_vec();
            bytes.extend(vec![0; tag]);
            mint::encode(&bytes)
        });
        assert!(app.consent_of([line(&unsigned)]).granted().is_empty());
    }
    // The second implementation can do it right, so the above failed for its own reasons.
    assert!(
        !app.consent_of([line(&minted_all(|_, _| {}))])
            .granted()
            .is_empty()
    );
}

// covers L12, T47
#[test]
fn naming_another_key_of_the_ring_does_not_help() {
    let keys = keyring(FIRST_KEY).with_previous(signing_key(OTHER_KEY));
    let app = App::with_keys(shop_policy(), keys);
    let swapped = Category::ALL.map(|category| {
        let mut bytes = mint::token_bytes(&FIRST_KEY, SITE, category.as_str(), &claims(category));
        bytes[1..5].copy_from_slice(&mint::key_id(&OTHER_KEY));
        mint::encode(&bytes)
    });
    assert!(app.consent_of([line(&swapped)]).granted().is_empty());
}

// covers T47, L12
#[test]
fn a_cookie_moved_to_another_category_grants_nothing() {
    let app = App::shop();
    let tokens = accepted(&app);
    for (to, _) in Category::ALL.into_iter().zip(&tokens) {
        for (from, token) in Category::ALL.into_iter().zip(&tokens) {
            if from != to {
                let consent = with(&app, &tokens, to, token);
                assert_denied(&consent, to, &format!("{from} as {to}"));
            }
        }
    }
    // One category granted does not become two.
    let mut visitor = app.visitor();
    visitor.save(&[Category::Analytics]);
    let analytics = visitor.token(Category::Analytics);
    let tokens = Category::ALL.map(|category| visitor.token(category));
    let consent = with(&app, &tokens, Category::Marketing, analytics);
    assert_eq!(
        standing(&consent, Category::Marketing),
        (State::Invalid, Reason::BadSignature)
    );
    assert!(consent.allows(Category::Analytics) && !consent.allows(Category::Marketing));
}

// covers S25, S42, L12
#[test]
fn a_choice_replayed_on_another_site_grants_nothing() {
    let here = App::shop();
    for elsewhere in [
        "shop.test",
        "",
        "shop.example ",
        "Shop.example",
        "shop.exampl",
    ] {
        let there = App::new(shop().site(elsewhere).build().unwrap());
        let consent = there.consent_of([line(&accepted(&here))]);
        assert!(consent.granted().is_empty(), "{elsewhere:?}");
        assert!(consent.needs_banner());
        // And it is not that the other site honours nothing.
        let consent = there.consent_of([line(&accepted(&there))]);
        assert_eq!(consent.granted().iter().count(), 3);
    }
}

// covers behaviour 10, T23, L12
#[test]
fn of_two_cookies_of_one_name_neither_counts() {
    let app = App::shop();
    let tokens = accepted(&app);
    let whole = line(&tokens);
    for (category, token) in Category::ALL.into_iter().zip(&tokens) {
        let name = consent_cookie(category);
        for planted in [token.as_str(), "", "x", &tokens[0]] {
            let planted = format!("{name}={planted}");
            for lines in [
                vec![format!("{planted}; {whole}")],
                vec![format!("{whole}; {planted}")],
                vec![planted.clone(), whole.clone()],
                vec![whole.clone(), planted.clone()],
            ] {
                let consent = app.consent_of(&lines);
                assert_denied(&consent, category, &planted);
                let affected = match category {
                    Category::Necessary => Category::Analytics,
                    other => other,
                };
                assert_eq!(
                    standing(&consent, affected),
                    (State::Invalid, Reason::Duplicate)
                );
            }
        }
    }
}

// covers behaviour 21, T25, L51, L20
#[test]
fn a_choice_ends_at_its_exact_second_whatever_the_browser_keeps() {
    let app = App::shop();
    let tokens = accepted(&app);
    for (age, granted) in [
        (0, true),
        (LIFETIME - 1, true),
        (LIFETIME, false),
        (LIFETIME + 1, false),
    ] {
        app.clock.set(Timestamp::from_unix_seconds(NOW + age));
        let consent = app.consent_of([line(&tokens)]);
        assert_eq!(consent.allows(Category::Analytics), granted, "{age}");
        if !granted {
            assert_eq!(
                standing(&consent, Category::Analytics),
                (State::Stale, Reason::Expired)
            );
            assert!(consent.needs_banner());
        }
    }
}

// covers L12
#[test]
fn a_stamp_from_the_future_counts_only_within_two_minutes() {
    let app = App::shop();
    for (ahead, granted) in [(0, true), (120, true), (121, false), (86_400, false)] {
        let tokens = minted_all(|_, claims| claims.stamp = NOW + ahead);
        let consent = app.consent_of([line(&tokens)]);
        assert_eq!(consent.allows(Category::Analytics), granted, "{ahead}");
        if !granted {
            assert_eq!(
                standing(&consent, Category::Analytics),
                (State::Invalid, Reason::FutureStamp)
            );
        }
    }
    for stamp in [u64::MAX, u64::MAX - LIFETIME, 0, 1] {
        let tokens = minted_all(|_, claims| claims.stamp = stamp);
        assert!(
            app.consent_of([line(&tokens)]).granted().is_empty(),
            "{stamp}"
        );
    }
}

// covers behaviours 3, 5, 107, L12
#[test]
fn a_cut_or_lengthened_cookie_grants_nothing() {
    let app = App::shop();
    let tokens = accepted(&app);
    for (category, token) in Category::ALL.into_iter().zip(&tokens) {
        for end in 0..token.len() {
            let consent = with(&app, &tokens, category, &token[..end]);
            assert_denied(&consent, category, &format!("{category} cut to {end}"));
        }
        let doubled = format!("{token}{token}");
        for changed in [
            format!("{token}A"),
            format!("{token}AAAA"),
            format!("A{token}"),
            format!("{token}."),
            format!("{token}="),
            format!("{token}=="),
            format!("{token}%"),
            format!("{token}%3"),
            format!("{token} x"),
            format!("\"{token}\""),
            format!("{token}\u{e9}"),
            doubled,
        ] {
            let consent = with(&app, &tokens, category, &changed);
            assert_denied(&consent, category, &changed);
        }
        for huge in [65, 4096, 100_000] {
            let consent = with(&app, &tokens, category, "A".repeat(huge));
            assert_denied(&consent, category, "oversized");
        }
    }
}

// covers T47
#[test]
fn bytes_put_between_payload_and_tag_grant_nothing() {
    let app = App::shop();
    let tokens = accepted(&app);
    let bytes = mint::decode(&tokens[2]);
    let (payload, tag) = bytes.split_at(bytes.len() - 16);
    for added in [&[1][..], &[0], &[0xff; 16], &[0x80, 0, 0, 0, 0, 0, 0, 0]] {
        let lengthened = mint::encode(&[payload, added, tag].concat());
        let consent = with(&app, &tokens, Category::Analytics, lengthened);
        assert_denied(&consent, Category::Analytics, "lengthened");
    }
}

// covers T47, T24
#[test]
fn a_choice_has_one_spelling() {
    let app = App::shop();
    // One refused vendor makes 40 bytes, whose text ends in four unused bits.
    let tokens = minted_all(|category, claims| {
        if category == Category::Analytics {
            claims.refused_vendors = vec![1];
        }
    });
    let token = &tokens[2];
    assert!(app.consent_of([line(&tokens)]).allows(Category::Analytics));
    let last = token.chars().last().unwrap();
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        if other != last {
            let respelt = format!("{}{other}", &token[..token.len() - 1]);
            let consent = with(&app, &tokens, Category::Analytics, respelt);
            assert_denied(&consent, Category::Analytics, "unused bits");
        }
    }
    // The standard alphabet, percent escapes and line breaks are other spellings too.
    let tokens = (0..)
        .map(|at| minted_all(|_, claims| claims.stamp = NOW - at))
        .find(|tokens| tokens[2].contains(['-', '_']))
        .unwrap();
    let token = &tokens[2];
    assert!(app.consent_of([line(&tokens)]).allows(Category::Analytics));
    for respelt in [
        token.replace('-', "+").replace('_', "/"),
        token.replace('-', "%2D").replace('_', "%5F"),
        format!("%{:02X}{}", token.as_bytes()[0], &token[1..]),
        format!("{}\t{}", &token[..8], &token[8..]),
    ] {
        let consent = with(&app, &tokens, Category::Analytics, respelt);
        assert_denied(&consent, Category::Analytics, "another alphabet");
    }
}

// covers T47, behaviour 4
#[test]
fn what_the_layer_never_writes_is_not_read_even_when_it_is_signed() {
    let app = App::shop();
    let deny = |what: &str, change: &dyn Fn(&mut Claims)| {
        for category in Category::ALL {
            let tokens = minted_all(|_, _| {});
            let mut claims = claims(category);
            change(&mut claims);
            let consent = with(&app, &tokens, category, minted(category, &claims));
            assert_denied(&consent, category, what);
        }
    };
    deny("another schema", &|claims| claims.schema = 2);
    deny("no schema", &|claims| claims.schema = 0);
    deny("granted, and yet alone", &|claims| {
        claims.flags = 1 | 4;
        claims.refused_vendors = vec![1];
    });
    deny("granted, and yet open", &|claims| claims.flags = 1 | 8);
    deny("alone, and nobody named", &|claims| claims.flags = 4);
    deny("unknown flags", &|claims| claims.flags = 1 | 16);
    deny("all flags", &|claims| claims.flags = 0xff);
    deny("no source", &|claims| claims.source = 0);
    deny("unknown source", &|claims| claims.source = 6);
    deny("a zero byte at the end", &|claims| {
        claims.refused_vendors = vec![1, 0]
    });
    deny("too many vendors", &|claims| {
        claims.refused_vendors = vec![1; 17]
    });
    deny("another revision", &|claims| claims.revision[0] ^= 1);

    for category in Category::ALL {
        let tokens = minted_all(|_, _| {});
        for length in [0, 1, 5, 22] {
            let short = mint::sealed(&FIRST_KEY, SITE, category.as_str(), vec![1; length]);
            let consent = with(&app, &tokens, category, mint::encode(&short));
            assert_denied(&consent, category, "a short payload");
        }
    }
}

// covers L12, T47
#[test]
fn halves_of_two_choices_grant_nothing() {
    let app = App::shop();
    let mut visitor = app.visitor();
    visitor.accept();
    let old = Category::ALL.map(|category| visitor.token(category));
    app.clock.advance(60);
    visitor.reject();
    let new = Category::ALL.map(|category| visitor.token(category));

    // The new anchor with the old grants, and the old anchor with the new refusals.
    for (anchor, rest) in [(&new, &old), (&old, &new)] {
        let mut mixed = rest.clone();
        mixed[0].clone_from(&anchor[0]);
        let consent = app.consent_of([line(&mixed)]);
        assert!(consent.granted().is_empty());
        for category in Category::OPTIONAL {
            assert_eq!(
                standing(&consent, category),
                (State::Invalid, Reason::MixedChoices)
            );
        }
    }
    // A single old grant slipped into the refusal.
    for category in Category::OPTIONAL {
        let consent = with(&app, &new, category, &old[category as usize]);
        assert!(consent.granted().is_empty(), "{category}");
        assert_eq!(consent.reason(category), Reason::MixedChoices);
    }
    // Each choice by itself is whole.
    assert_eq!(app.consent_of([line(&old)]).granted().iter().count(), 3);
    assert!(!app.consent_of([line(&new)]).needs_banner());
}

// covers behaviour 12, T23
#[test]
fn a_cookie_of_nearly_the_right_name_grants_nothing() {
    let app = App::shop();
    let tokens = accepted(&app);
    for rename in [
        |name: &str| name.replace("__Host-Http-", "__host-http-"),
        |name: &str| name.replace("__Host-Http-", "__Host-"),
        |name: &str| name.replace("__Host-Http-", "__Secure-"),
        |name: &str| name.replace("__Host-Http-", ""),
        |name: &str| name.to_uppercase(),
        |name: &str| format!("{name}x"),
        |name: &str| format!("x{name}"),
        |name: &str| name.replace("consent", "Consent"),
        |name: &str| {
            name.replace("analytics", "Analytics")
                .replace("necessary", "Necessary")
        },
    ] {
        let pairs: Vec<String> = CONSENT_COOKIES
            .iter()
            .zip(&tokens)
            .map(|(name, token)| format!("{}={token}", rename(name)))
            .collect();
        let consent = app.consent_of([pairs.join("; ")]);
        assert_eq!(
            standing(&consent, Category::Analytics),
            (State::Undecided, Reason::NoChoice)
        );
        assert!(consent.granted().is_empty(), "{pairs:?}");
    }
}

// covers behaviour 11, T35
#[test]
fn what_stands_around_the_cookies_does_not_hide_them() {
    let app = App::shop();
    let tokens = accepted(&app);
    let whole = line(&tokens);
    for lines in [
        vec![format!("junk; ;=;{whole};; a")],
        vec![format!("\u{e9}=\u{fc}; {whole}")],
        whole.split("; ").map(str::to_owned).collect(),
        vec!["a=1".to_owned(), String::new(), whole.replace("; ", ";")],
        vec![whole.replace("; ", " ; \t").replace('=', " = ")],
    ] {
        assert_eq!(
            app.consent_of(&lines).granted().iter().count(),
            3,
            "{lines:?}"
        );
    }
}

// covers T24
#[test]
fn a_cookie_is_small_and_needs_no_quoting() {
    // As many vendors as a category can hold, each refused.
    let ids: Vec<String> = (0..128).map(|number| format!("v{number:03}")).collect();
    let policy = ids.iter().fold(Policy::builder("1"), |policy, id| {
        policy.vendor(
            tower_consent::Vendor::new(id, Category::Marketing)
                .with_purpose("Advertises")
                .with_retention("1 day")
                .first_party()
                .cookies([format!("c_{id}")]),
        )
    });
    let app = App::new(policy.build().unwrap());
    let mut visitor = app.visitor();
    let offered: String = ids.iter().map(|id| format!("&offered={id}")).collect();
    let answer = visitor.choose(&format!("choice=save&marketing=on{offered}"));
    let consent = visitor.consent();
    assert!(consent.allows(Category::Marketing));
    assert!(ids.iter().all(|id| !consent.allows_vendor(id)));
    for line in answer.stored() {
        let (name, rest) = line.split_once('=').unwrap();
        let (value, attributes) = rest.split_once("; ").unwrap();
        assert!(name.len() + value.len() <= 512);
        assert!(
            attributes
                .split("; ")
                .all(|attribute| attribute.len() <= 1024)
        );
        assert!(
            value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
    }
}

// covers L08
#[test]
fn two_visitors_who_choose_alike_in_the_same_second_hold_the_same_bytes() {
    let app = App::shop();
    let (mut one, mut two) = (app.visitor(), app.visitor());
    two.host = "shop.example".to_owned();
    let (first, second) = (
        one.save(&[Category::Analytics]),
        two.save(&[Category::Analytics]),
    );
    assert_eq!(first.set_cookies(), second.set_cookies());
    // So nothing in them tells the visitors apart, while another choice differs.
    let mut three = app.visitor();
    three.reject();
    assert_ne!(
        one.token(Category::Analytics),
        three.token(Category::Analytics)
    );
}
