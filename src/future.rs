//! When is the response there?

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use crate::body::ConsentBody;
use crate::endpoint::reply::Answer;
use crate::exchange::{self, Passage};

type Choosing = Pin<Box<dyn Future<Output = Answer> + Send>>;

pin_project! {
    /// The future of [`ConsentService`](crate::ConsentService).
    pub struct ResponseFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = Projected]
    enum Kind<F> {
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
        /// The layer has answered.
        Answered { answer: Option<Box<Answer>> },
        /// The layer reads a choice.
        Choosing { future: Choosing },
    }
}

impl<F> ResponseFuture<F> {
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
        match self.project().kind.project() {
            Projected::Gated { future, passage } => {
                let response = ready!(future.poll(cx))?;
                match passage.take() {
                    Some(passage) => Poll::Ready(Ok(exchange::leave(passage, response))),
                    // Polled again after it was ready, which no executor does.
                    None => Poll::Pending,
                }
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

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
