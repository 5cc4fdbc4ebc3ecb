//! When does a choice outlive a change of the policy?

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRunner;
use tower_consent::{Category, Policy};

use crate::common::*;
use crate::config;
use crate::requests::mostly;
use crate::site::vendor;
use crate::visits::choice;

/// A policy as a site might write it, and what it asks about.
#[derive(Clone, Debug)]
struct Declaration {
    revision: &'static str,
    site: &'static str,
    days: u32,
    /// Of the pool below, by position.
    vendors: Vec<usize>,
    strict: bool,
    expire_undecided: bool,
}

const POOL: [(&str, Category, &str); 6] = [
    ("v-fun", Category::Functional, "fun_*"),
    ("v-ana", Category::Analytics, "ana_*"),
    ("w-ana", Category::Analytics, "anb_*"),
    ("v-mar", Category::Marketing, "mar_*"),
    ("w-mar", Category::Marketing, "mas_*"),
    ("x-mar", Category::Marketing, "mat_*"),
];

impl Declaration {
    fn policy(&self) -> Policy {
        let mut policy = Policy::builder(self.revision)
            .site(self.site)
            .lifetime_days(self.days)
            .without_catalog();
        for position in &self.vendors {
            let (id, category, cookie) = POOL[*position];
            policy = policy.vendor(vendor(id, category, cookie));
        }
        if self.strict {
            policy = policy.strict();
        }
        if self.expire_undecided {
            policy = policy.expire_undecided();
        }
        policy.build().unwrap()
    }

    fn ids(&self, of: Category) -> Vec<&'static str> {
        let mut ids: Vec<&str> = self
            .vendors
            .iter()
            .map(|position| POOL[*position])
            .filter(|(_, category, _)| *category == of)
            .map(|(id, ..)| id)
            .collect();
        ids.sort_unstable();
        ids
    }
}

fn declaration() -> impl Strategy<Value = Declaration> {
    (
        mostly("1", vec!["2"]),
        mostly("a.test", vec!["b.test", ""]),
        mostly(184, vec![1, 30, 400]),
        subsequence((0..POOL.len()).collect::<Vec<_>>(), 0..=POOL.len()).prop_shuffle(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(revision, site, days, vendors, strict, expire_undecided)| Declaration {
                revision,
                site,
                days,
                vendors,
                strict,
                expire_undecided,
            },
        )
}

// covers S36, S24, S38, L31, behaviours 7, 8, 9
#[test]
fn a_choice_made_under_one_policy_counts_under_another_only_where_the_question_is_the_same() {
    let keys = select(vec![
        [FIRST_KEY, FIRST_KEY],
        [FIRST_KEY, OTHER_KEY],
        [OTHER_KEY, OTHER_KEY],
    ]);
    // Often the same policy again, changed in little or nothing.
    let two = declaration().prop_flat_map(|one| {
        let mut reordered = one.clone();
        reordered.vendors.reverse();
        let mut fewer = one.clone();
        fewer.vendors.pop();
        (
            Just(one),
            prop_oneof![2 => Just(reordered), 2 => Just(fewer), 1 => declaration()],
        )
    });
    let later = prop_oneof![2 => Just(0), 2 => 0..200u64, 1 => 150..500u64];
    let granted_somewhere = Cell::new(0);
    TestRunner::new(config())
        .run(
            &(two, choice(), any::<bool>(), later, any::<bool>(), keys),
            |((before, after), wanted, accept, days, gpc, [old, new])| {
                let mut visitor = App::with_keys(before.policy(), keyring(old)).visitor();
                let asks =
                    |declaration: &Declaration, category| !declaration.ids(category).is_empty();
                let chosen: Vec<Category> = Category::OPTIONAL
                    .into_iter()
                    .filter(|category| asks(&before, *category))
                    .filter(|category| accept || wanted.contains(category))
                    .collect();
                if accept {
                    visitor.accept();
                } else {
                    visitor.save(&chosen);
                }
                let app = App::with_keys(after.policy(), keyring(new));
                app.clock.advance(days * 86_400);
                visitor.app = app;
                visitor.gpc = gpc;
                let consent = visitor.consent();
                let counts = before.revision == after.revision
                    && before.site == after.site
                    && old == new
                    && days < u64::from(after.days);
                for category in Category::OPTIONAL {
                    let expected = counts
                        && chosen.contains(&category)
                        && before.ids(category) == after.ids(category)
                        && !(gpc && category == Category::Marketing);
                    prop_assert_eq!(consent.allows(category), expected, "{}", category);
                    for id in after.ids(category) {
                        prop_assert_eq!(consent.allows_vendor(id), expected, "{}", id);
                    }
                    granted_somewhere.set(granted_somewhere.get() + usize::from(expected));
                }
                Ok(())
            },
        )
        .unwrap();
    assert!(granted_somewhere.get() > 100, "{granted_somewhere:?}");
}
