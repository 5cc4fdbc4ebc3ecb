//! What was said about this address lately?
//!
//! A look-up in large lists costs microseconds, and pages name the same
//! addresses again and again. Each shard holds two generations: when the young
//! one is full it becomes the old one, and the old one goes. That keeps what
//! is used, in bounded memory, whatever visitors send.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use super::super::kind::RequestKind;
use crate::category::Category;

/// Shards, so that requests on several threads seldom meet.
const SHARDS: usize = 16;
/// Addresses in one generation of one shard.
const GENERATION: usize = 512;
/// The longest key that is kept, in bytes.
const MAX_KEY: usize = 600;

type Verdict = Option<Category>;

pub(super) struct Cache {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    young: HashMap<Box<str>, Verdict>,
    old: HashMap<Box<str>, Verdict>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl Cache {
    /// What was said before, or what `look_up` says now.
    pub(super) fn verdict(
        &self,
        address: &str,
        source: &str,
        kind: RequestKind,
        look_up: impl FnOnce() -> Verdict,
    ) -> Verdict {
        let key = format!("{} {source} {address}", kind.in_lists());
        if key.len() > MAX_KEY {
            return look_up();
        }
        let hash = usize::try_from(self.hasher.hash_one(&key) % SHARDS as u64).unwrap_or(0);
        let Some(shard) = self.shards.get(hash) else {
            return look_up();
        };
        let lock = || shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = lock().find(&key) {
            return verdict;
        }
        let verdict = look_up();
        lock().keep(key, verdict);
        verdict
    }
}

impl Shard {
    fn find(&mut self, key: &str) -> Option<Verdict> {
        if let Some(verdict) = self.young.get(key) {
            return Some(*verdict);
        }
        let (key, verdict) = self.old.remove_entry(key)?;
        self.keep(key.into(), verdict);
        Some(verdict)
    }

    fn keep(&mut self, key: String, verdict: Verdict) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.into(), verdict);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: RequestKind = RequestKind::Script;

    #[test]
    fn an_address_is_looked_up_once_for_each_source_and_kind() {
        let cache = Cache::default();
        let mut asked = 0;
        for (source, kind) in [
            ("a.test", KIND),
            ("a.test", KIND),
            ("b.test", KIND),
            ("a.test", RequestKind::Image),
            ("a.test", KIND),
        ] {
            let verdict = cache.verdict("https://x.test/", source, kind, || {
                asked += 1;
                Some(Category::Analytics)
            });
            assert_eq!(verdict, Some(Category::Analytics));
        }
        assert_eq!(asked, 3);
    }

    #[test]
    fn memory_is_bounded_and_what_is_used_stays() {
        let cache = Cache::default();
        cache.verdict("used", "a.test", KIND, || None);
        for number in 0..10 * SHARDS * GENERATION {
            cache.verdict(&format!("https://x.test/{number}"), "a.test", KIND, || None);
            cache.verdict("used", "a.test", KIND, || Some(Category::Marketing));
        }
        let used = cache.verdict("used", "a.test", KIND, || Some(Category::Marketing));
        assert_eq!(used, None);
        let kept: usize = cache
            .shards
            .iter()
            .map(|shard| {
                let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
                shard.young.len() + shard.old.len()
            })
            .sum();
        assert!(kept <= 2 * SHARDS * GENERATION, "{kept}");
        let long = "x".repeat(MAX_KEY);
        for expected in [None, Some(Category::Analytics)] {
            assert_eq!(cache.verdict(&long, "a.test", KIND, || expected), expected);
        }
    }
}
