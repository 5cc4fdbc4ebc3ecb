//! When is the response there?

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use crate::body::ConsentBody;
use crate::endpoint::reply::Answer;
use crate::exchange::{self, Passage};
use crate::settle::Settled;

type Choosing = Pin<Box<dyn Future<Output = Answer> + Send>>;
type Settling = Pin<Box<dyn Future<Output = Settled> + Send>>;

pin_project! {
    /// The future of [`ConsentService`](crate::ConsentService).
    pub struct ResponseFuture<F>
    where
        F: Future,
    {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = Projected]
    enum Kind<F>
    where
        F: Future,
    {
        /// The app answers, and its response is held to the request's consent.
        Gated {
            #[pin]
            future: F,
            passage: Option<Passage>,
        },
        /// The app answers, and the layer leaves it alone.
        Bypassed {
            #[pin]
            future: F,
        },
        /// The app has answered with a choice, which is being stored.
        Settling {
            future: Settling,
            held: Option<Box<(Passage, F::Output)>>,
        },
        /// The layer has answered.
        Answered { answer: Option<Box<Answer>> },
        /// The layer reads a choice.
        Choosing { future: Choosing },
    }
}

impl<F: Future> ResponseFuture<F> {
    pub(crate) const fn gated(future: F, passage: Passage) -> Self {
        Self {
            kind: Kind::Gated {
                future,
                passage: Some(passage),
            },
        }
    }

    pub(crate) const fn bypassed(future: F) -> Self {
        Self {
            kind: Kind::Bypassed { future },
        }
    }

    pub(crate) fn answered(answer: Answer) -> Self {
        Self {
            kind: Kind::Answered {
                // In a box, so that the usual future stays small.
                answer: Some(Box::new(answer)),
            },
        }
    }

    pub(crate) fn choosing(future: Choosing) -> Self {
        Self {
            kind: Kind::Choosing { future },
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ConsentBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut kind = self.project().kind;
        if let Projected::Gated { future, passage } = kind.as_mut().project() {
            let mut response = ready!(future.poll(cx))?;
            let Some(passage) = passage.take() else {
                // Polled again after it was ready, which no executor does.
                return Poll::Pending;
            };
            let Some(settling) = exchange::settling(&passage, response.extensions_mut()) else {
                return Poll::Ready(Ok(exchange::leave(passage, response, None)));
            };
            kind.set(Kind::Settling {
                future: Box::pin(settling),
                held: Some(Box::new((passage, Ok(response)))),
            });
        }
        match kind.project() {
            Projected::Gated { .. } => Poll::Pending,
            Projected::Settling { future, held } => {
                let settled = ready!(future.as_mut().poll(cx));
                let Some(held) = held.take() else {
                    return Poll::Pending;
                };
                let (passage, response) = *held;
                Poll::Ready(Ok(exchange::leave(passage, response?, Some(settled))))
            }
            Projected::Bypassed { future } => {
                Poll::Ready(Ok(ready!(future.poll(cx))?.map(ConsentBody::passthrough)))
            }
            Projected::Answered { answer } => answer.take().map_or(Poll::Pending, |answer| {
                Poll::Ready(Ok(answer.map(ConsentBody::full)))
            }),
            Projected::Choosing { future } => {
                let answer = ready!(future.as_mut().poll(cx));
                Poll::Ready(Ok(answer.map(ConsentBody::full)))
            }
        }
    }
}

impl<F: Future> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
