//! The logs of containers, as the API server streams them.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use cht_manifests::ObjectKey;
use futures::io::{AsyncBufRead, AsyncBufReadExt};
use futures::stream::{self, StreamExt};

use super::path;
use crate::log_lines::Splitter;
use crate::{ClusterError, LogLines, LogRequest, WrittenLine};

/// How long a container may be silent before its log is asked for anew: the connection may be dead without either side
/// having closed it, and nothing else tells.
const FOLLOWED_SILENCE: Duration = Duration::from_mins(4);
/// How long the server may take for the next part of what is there.
const SILENCE: Duration = Duration::from_secs(30);

/// Where the server has the lines, each with its time.
pub(super) fn path(pod: &ObjectKey, container: &str, request: LogRequest) -> String {
    let LogRequest { previous, follow, tail, since } = request;
    let mut uri =
        format!("{}/log?container={container}&timestamps=true&previous={previous}&follow={follow}", path::object(pod));
    if let Some(tail) = tail {
        let _ = write!(uri, "&tailLines={tail}");
    }
    if let Some(since) = since {
        // Servers pass on whole seconds only.
        let _ = write!(uri, "&sinceTime={}", since.strftime("%Y-%m-%dT%H:%M:%SZ"));
    }
    uri
}

/// The lines of what a server sends, as far as it has come.
pub(super) fn lines(reader: impl AsyncBufRead + Send + 'static, follow: bool) -> LogLines {
    let patience = if follow { FOLLOWED_SILENCE } else { SILENCE };
    let source = Source { reader: Some(Box::pin(reader)), splitter: Splitter::default(), lines: VecDeque::new() };
    stream::unfold(source, move |mut source| async move {
        let next = source.next(patience, follow).await?;
        Some((next, source))
    })
    .boxed()
}

struct Source<R> {
    /// Nothing after its end.
    reader: Option<std::pin::Pin<Box<R>>>,
    splitter: Splitter,
    lines: VecDeque<WrittenLine>,
}

impl<R: AsyncBufRead> Source<R> {
    async fn next(&mut self, patience: Duration, follow: bool) -> Option<Result<WrittenLine, ClusterError>> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Some(Ok(line));
            }
            let reader = self.reader.as_mut()?;
            match tokio::time::timeout(patience, reader.fill_buf()).await {
                Ok(Ok(bytes)) if !bytes.is_empty() => {
                    let count = bytes.len();
                    self.lines.extend(self.splitter.take(bytes));
                    reader.consume_unpin(count);
                }
                Ok(Ok(_)) => {
                    self.reader = None;
                    self.lines.extend(self.splitter.finish());
                }
                // Half a line comes again with the whole line.
                Ok(Err(error)) => return Some(Err(self.lost(&error))),
                Err(_) if follow => {
                    self.reader = None;
                    return None;
                }
                Err(_) => {
                    let silence = io::Error::other(format!("nothing more within {} seconds", patience.as_secs()));
                    return Some(Err(self.lost(&silence)));
                }
            }
        }
    }

    fn lost(&mut self, error: &io::Error) -> ClusterError {
        self.reader = None;
        ClusterError::Unreachable { reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use cht_manifests::Kind;
    use futures::TryStreamExt;
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    const LINE: &[u8] = b"2026-01-02T03:04:05Z one\n2026-01-02T03:04:06Z tw";

    fn reader(parts: Vec<io::Result<&'static [u8]>>, then_silent: bool) -> impl AsyncBufRead + Send + 'static {
        let rest = if then_silent { stream::pending().left_stream() } else { stream::empty().right_stream() };
        stream::iter(parts).chain(rest).into_async_read()
    }

    async fn read(reader: impl AsyncBufRead + Send + 'static, follow: bool) -> Vec<Result<String, ClusterError>> {
        lines(reader, follow).map(|line| line.map(|line| line.text)).collect().await
    }

    #[test]
    fn what_is_asked_for_is_in_the_path() {
        let pod = ObjectKey::new(Kind::Pod, "ns", "p");
        let since: Timestamp = "2026-01-02T03:04:05.6Z".parse().expect("a time");
        let request = LogRequest { previous: false, follow: true, tail: Some(7), since: Some(since) };
        assert_eq!(
            path(&pod, "cht-api", request),
            "/api/v1/namespaces/ns/pods/p/log?container=cht-api&timestamps=true&previous=false&follow=true&tailLines=7\
             &sinceTime=2026-01-02T03:04:05Z"
        );
    }

    #[tokio::test]
    async fn the_last_line_needs_no_end() {
        let lines = read(reader(vec![Ok(LINE), Ok(b"o")], false), false).await;
        assert_eq!(lines, [Ok("one".to_owned()), Ok("two".to_owned())]);
    }

    #[tokio::test]
    async fn a_connection_that_breaks_ends_it_before_the_half_line() {
        let lines = read(reader(vec![Ok(LINE), Err(io::Error::other("reset"))], false), true).await;
        let lost = ClusterError::Unreachable { reason: "reset".to_owned() };
        assert_eq!(lines, [Ok("one".to_owned()), Err(lost)]);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_it_when_it_lasts() {
        let started = tokio::time::Instant::now();
        assert_eq!(read(reader(vec![Ok(LINE)], true), true).await, [Ok("one".to_owned())]);
        assert_eq!(started.elapsed(), FOLLOWED_SILENCE);
        let lines = read(reader(vec![Ok(LINE)], true), false).await;
        assert!(matches!(&lines[..], [Ok(_), Err(ClusterError::Unreachable { .. })]), "{lines:?}");
    }
}
