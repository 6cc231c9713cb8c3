//! Bodies of answers, and what can become of them on their way.

use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame};

/// What a body may break with.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// More events than a test's watch has on their way at any moment.
const MANY: usize = 10_000;

/// A body that is there already.
pub(super) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// The first half of a body, and then the end of the connection. Of a watch, which has no end: half of its first event.
pub(super) fn half(body: Body, is_watch: bool) -> Body {
    let half = async move {
        let bytes = if is_watch {
            lines(body).next().await.transpose()?.unwrap_or_default()
        } else {
            body.collect().await?.to_bytes()
        };
        Ok(bytes.slice(..bytes.len() / 2))
    };
    let end = async {
        // What was passed on so far is on its way before the connection ends.
        tokio::task::yield_now().await;
        Err(BoxError::from("the answer ends here"))
    };
    from_stream(stream::once(half).chain(stream::once(end)).boxed())
}

/// Each line twice.
pub(super) fn twice(body: Body) -> Body {
    from_stream(lines(body).map_ok(|line| [&*line, &*line].concat().into()).boxed())
}

/// Each line later by `delay`, in the same order.
pub(super) fn delayed(body: Body, delay: Duration) -> Body {
    let later = move |line| async move {
        tokio::time::sleep(delay).await;
        line
    };
    from_stream(lines(body).map(later).buffered(MANY).boxed())
}

fn from_stream(stream: BoxStream<'static, Result<Bytes, BoxError>>) -> Body {
    StreamBody::new(stream.map_ok(Frame::data)).boxed_unsync()
}

/// A body line by line, each with its end. What follows the last end of a line comes last.
fn lines(body: Body) -> BoxStream<'static, Result<Bytes, BoxError>> {
    stream::unfold((body.into_data_stream(), Vec::new()), |(mut parts, mut rest)| async move {
        loop {
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let after = rest.split_off(end + 1);
                return Some((Ok(rest.into()), (parts, after)));
            }
            match parts.next().await {
                Some(Ok(part)) => rest.extend_from_slice(&part),
                Some(Err(error)) => return Some((Err(error), (parts, rest))),
                None if rest.is_empty() => return None,
                None => return Some((Ok(rest.into()), (parts, Vec::new()))),
            }
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::{StreamExt as _, stream};
    use http_body_util::BodyExt as _;
    use hyper::body::Bytes;

    use super::{Body, delayed, from_stream, half, twice, whole};

    fn in_parts(parts: &'static [&'static str]) -> Body {
        from_stream(stream::iter(parts).map(|part| Ok(Bytes::from_static(part.as_bytes()))).boxed())
    }

    async fn text(body: Body) -> String {
        let mut parts = body.into_data_stream();
        let mut text = String::new();
        while let Some(part) = parts.next().await {
            match part {
                Ok(part) => text.push_str(std::str::from_utf8(&part).expect("text")),
                Err(_) => text.push('!'),
            }
        }
        text
    }

    #[tokio::test]
    async fn half_a_body_is_half_of_it() {
        assert_eq!(text(half(whole(Bytes::from_static(b"abcdef")), false)).await, "abc!");
        assert_eq!(text(half(in_parts(&["ab", "cd\nef\n"]), true)).await, "ab!");
    }

    #[tokio::test]
    async fn lines_come_twice_however_they_are_cut() {
        assert_eq!(text(twice(in_parts(&["a", "b\nc", "\nd\ne"]))).await, "ab\nab\nc\nc\nd\nd\nee");
    }

    #[tokio::test(start_paused = true)]
    async fn lines_come_later_and_do_not_wait_for_each_other() {
        let started = tokio::time::Instant::now();
        assert_eq!(text(delayed(in_parts(&["a\nb\n", "c\n"]), Duration::from_secs(5))).await, "a\nb\nc\n");
        assert_eq!(started.elapsed(), Duration::from_secs(5));
    }
}
