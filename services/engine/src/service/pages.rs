//! Answers too long to be read at once: a page at a time, each when the caller has taken the ones before.

use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};

use crate::error::Error;

/// Read at once: small enough to stop soon, large enough to pay for the round trip.
const PAGE: u32 = 256;

/// At most `limit` items from where `next` says. `read` answers so many items after a place; `place` is an item's own.
///
/// The first page is read before this answers, so that a store that fails is an error and not a broken stream.
pub async fn pages<T, P, F>(
    from: P,
    limit: u32,
    read: impl Fn(P, u32) -> F + Send + 'static,
    place: impl Fn(&T) -> P + Send + 'static,
) -> Result<BoxStream<'static, Result<T, Error>>, Error>
where
    T: Send + 'static,
    P: Send + 'static,
    F: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    let page = move |from: P, left: u32| {
        let asked = left.min(PAGE);
        (read(from, asked), asked)
    };
    // A short page is the end; the same if the limit is used up.
    let next = move |items: &[T], asked: u32, left: u32| {
        let rest = left - asked;
        let more = items.len() == asked as usize && rest > 0;
        items
            .last()
            .filter(|_| more)
            .map(|last| (place(last), rest))
    };
    let (first, asked) = page(from, limit);
    let first = first.await?;
    let then = next(&first, asked, limit);
    let others = stream::try_unfold((then, page, next), async move |(then, page, next)| {
        let Some((from, left)) = then else {
            return Ok(None);
        };
        let (items, asked) = page(from, left);
        let items = items.await?;
        let then = next(&items, asked, left);
        Ok(Some((items, (then, page, next))))
    });
    let pages = stream::iter([Ok(first)]).chain(others);
    Ok(pages
        .map_ok(|items| stream::iter(items.into_iter().map(Ok)))
        .try_flatten()
        .boxed())
}
