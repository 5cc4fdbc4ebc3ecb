//! How is a case timed, and how is its figure told?

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;
use http_body::Body;

use crate::common::{median, wait};

pub(crate) struct Case<'a> {
    pub(crate) name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

pub(crate) fn case<'a, T>(name: &'static str, mut run: impl FnMut() -> T + 'a) -> Case<'a> {
    Case {
        name,
        run: Box::new(move || {
            black_box(run());
        }),
    }
}

/// The times of one run of each case, by round.
pub(crate) struct Times {
    pub(crate) rounds: Vec<Vec<f64>>,
}

impl Times {
    pub(crate) fn of(cases: &mut [Case<'_>], rounds: usize) -> Self {
        let counts: Vec<u32> = cases.iter_mut().map(calibrate).collect();
        let rounds = (0..rounds)
            .map(|round| {
                let mut times = vec![0.0; cases.len()];
                for turn in 0..cases.len() {
                    let at = (round + turn) % cases.len();
                    times[at] = time(&mut cases[at], counts[at]);
                }
                times
            })
            .collect();
        Self { rounds }
    }

    /// The median over all rounds of what `figure` makes of a round.
    pub(crate) fn median(&self, figure: impl Fn(&[f64]) -> f64) -> f64 {
        median(self.rounds.iter().map(|round| figure(round)).collect())
    }

    pub(crate) fn row(&self, name: &str, nanoseconds: f64, ratio: f64, target: Option<f64>) {
        let verdict = match target {
            Some(target) if ratio <= target => format!("{target:>8.2}  ok"),
            Some(target) => format!("{target:>8.2}  over"),
            None => String::new(),
        };
        println!("{name:<58} {nanoseconds:>9.0} {ratio:>8.3} {verdict}");
    }
}

/// How often a case fits into about a third of a millisecond.
fn calibrate(case: &mut Case<'_>) -> u32 {
    let mut count = 1;
    while time(case, count) * f64::from(count) < 300_000.0 && count < 1 << 20 {
        count *= 2;
    }
    count
}

/// Nanoseconds of CPU time for one run, over `count` of them.
fn time(case: &mut Case<'_>, count: u32) -> f64 {
    let start = ThreadTime::now();
    for _ in 0..count {
        (case.run)();
    }
    let elapsed: Duration = start.elapsed();
    elapsed.as_nanos() as f64 / f64::from(count)
}

/// Reads a body to its end; its length.
pub(crate) fn drain<B: Body>(body: B) -> usize
where
    B::Data: bytes::Buf,
{
    let mut body = std::pin::pin!(body);
    let mut length = 0;
    while let Some(Ok(frame)) = wait(std::future::poll_fn(|cx| body.as_mut().poll_frame(cx))) {
        if let Some(data) = frame.data_ref() {
            length += bytes::Buf::remaining(data);
        }
    }
    length
}
