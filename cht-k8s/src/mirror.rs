//! Keeps a [`View`] of a namespace up to date with one watch per kind, through broken connections and expired histories.

use std::sync::Arc;
use std::time::Duration;

use cht_manifests::Kind;
use futures::future::try_join_all;
use futures::stream::{self, BoxStream, SelectAll};
use futures::{FutureExt, StreamExt};

use crate::health::View;
use crate::retry::retrying;
use crate::{Cluster, ClusterError, Listing, Watch, WatchEvent};

/// How long to pause before a watch that ended without any news is begun again. It grows while there are none: servers
/// that end watches at once shall not be asked all the time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How many news are taken in before whoever waits for them hears of it.
const AT_ONCE: usize = 1000;

/// A view of a namespace that follows what happens.
pub(crate) struct Mirror {
    cluster: Arc<dyn Cluster>,
    pub(crate) view: View,
    news: SelectAll<BoxStream<'static, Result<News, ClusterError>>>,
}

/// What is new of one kind.
pub(crate) enum News {
    /// The history was lost: this is all that there is now.
    Listed(Kind, Listing),
    /// Something happened to one object.
    Happened(WatchEvent),
}

/// Follows one kind in a namespace, or in the whole cluster for kinds that are in no namespace, from a list on. It ends with
/// its first error only.
pub(crate) fn follow(
    cluster: Arc<dyn Cluster>,
    kind: Kind,
    namespace: &str,
    since: String,
) -> BoxStream<'static, Result<News, ClusterError>> {
    Source { cluster, kind, namespace: namespace.to_owned(), pause: Duration::ZERO }.follow(since)
}

impl Mirror {
    /// Starts to follow these kinds in a namespace, from the lists that were taken already where there are any.
    pub(crate) async fn open(
        cluster: Arc<dyn Cluster>,
        namespace: &str,
        kinds: impl Iterator<Item = Kind>,
        taken: impl Fn(Kind) -> Option<Listing>,
    ) -> Result<Self, ClusterError> {
        let mut mirror = Self::open_whole(cluster, namespace, kinds, taken).await?;
        mirror.view.begin();
        Ok(mirror)
    }

    /// As [`Mirror::open`], for someone to whom what went wrong before counts, too.
    pub(crate) async fn open_whole(
        cluster: Arc<dyn Cluster>,
        namespace: &str,
        kinds: impl Iterator<Item = Kind>,
        taken: impl Fn(Kind) -> Option<Listing>,
    ) -> Result<Self, ClusterError> {
        let listings: Vec<_> = kinds.map(|kind| (kind, taken(kind))).collect();
        let listings = try_join_all(listings.into_iter().map(|(kind, taken)| {
            let cluster = Arc::clone(&cluster);
            async move {
                let listing = match taken {
                    Some(listing) => listing,
                    None => retrying(&*cluster.clock(), || cluster.list(kind, Some(namespace))).await?,
                };
                Ok::<_, ClusterError>((kind, listing))
            }
        }))
        .await?;

        let now = cluster.clock().now();
        let mut view = View::default();
        let mut news = SelectAll::new();
        for (kind, listing) in listings {
            news.push(follow(Arc::clone(&cluster), kind, namespace, listing.resource_version));
            view.reset(kind, listing.items, now);
        }
        Ok(Self { cluster, view, news })
    }

    /// Waits until something has happened, and takes in all that has.
    ///
    /// # Errors
    ///
    /// When the cluster has not been reached for a minute, or refuses.
    pub(crate) async fn changed(&mut self) -> Result<(), ClusterError> {
        let first = self.news.next().await;
        self.take(first)?;
        // Whoever waits gets to look in between, also while news never end.
        for _ in 0..AT_ONCE {
            match self.news.next().now_or_never() {
                Some(news) => self.take(news)?,
                None => break,
            }
        }
        Ok(())
    }

    fn take(&mut self, news: Option<Result<News, ClusterError>>) -> Result<(), ClusterError> {
        let now = self.cluster.clock().now();
        match news {
            Some(Ok(News::Listed(kind, listing))) => self.view.reset(kind, listing.items, now),
            Some(Ok(News::Happened(event))) => self.view.update(&event, now),
            Some(Err(error)) => return Err(error),
            // The sources never end.
            None => {}
        }
        Ok(())
    }
}

/// One kind in one namespace.
struct Source {
    cluster: Arc<dyn Cluster>,
    kind: Kind,
    namespace: String,
    /// How long to pause before the next request; not at all after news.
    pause: Duration,
}

/// Where a source is: what to do next.
enum Position {
    Watching(Watch, String),
    Interrupted(String),
    Expired,
}

impl Source {
    fn follow(self, since: String) -> BoxStream<'static, Result<News, ClusterError>> {
        stream::unfold((self, Some(Position::Interrupted(since))), |(mut source, position)| async move {
            let (news, position) = source.next(position?).await;
            Some((news, (source, position)))
        })
        .boxed()
    }

    async fn next(&mut self, mut position: Position) -> (Result<News, ClusterError>, Option<Position>) {
        loop {
            position = match position {
                Position::Watching(mut watch, version) => match watch.next().await {
                    Some(Ok(event)) => {
                        self.pause = Duration::ZERO;
                        let version = version_after(&event);
                        match event {
                            WatchEvent::Bookmark(_) => Position::Watching(watch, version),
                            event => return (Ok(News::Happened(event)), Some(Position::Watching(watch, version))),
                        }
                    }
                    Some(Err(ClusterError::Expired)) => Position::Expired,
                    Some(Err(error)) if !error.is_transient() => return (Err(error), None),
                    Some(Err(_)) | None => Position::Interrupted(version),
                },
                Position::Interrupted(version) => {
                    self.pause().await;
                    let (cluster, kind, namespace) = (&self.cluster, self.kind, self.namespace.as_str());
                    match retrying(&*cluster.clock(), || cluster.watch(kind, namespace, &version)).await {
                        Ok(watch) => Position::Watching(watch, version),
                        Err(ClusterError::Expired) => Position::Expired,
                        Err(error) => return (Err(error), None),
                    }
                }
                Position::Expired => {
                    self.pause().await;
                    let (cluster, kind, namespace) = (&self.cluster, self.kind, self.namespace.as_str());
                    match retrying(&*cluster.clock(), || cluster.list(kind, Some(namespace))).await {
                        Ok(listing) => {
                            let version = listing.resource_version.clone();
                            return (Ok(News::Listed(kind, listing)), Some(Position::Interrupted(version)));
                        }
                        Err(error) => return (Err(error), None),
                    }
                }
            };
        }
    }

    /// Waits as long as it must, and longer the next time, unless there are news in between.
    async fn pause(&mut self) {
        if !self.pause.is_zero() {
            self.cluster.clock().sleep(self.pause).await;
        }
        self.pause = (self.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
    }
}

fn version_after(event: &WatchEvent) -> String {
    match event {
        WatchEvent::Changed(object) | WatchEvent::Deleted(object) => object.resource_version().to_owned(),
        WatchEvent::Bookmark(version) => version.clone(),
    }
}

#[cfg(test)]
mod tests;
