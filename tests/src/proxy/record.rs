//! What the proxy has seen.

use std::time::Instant;

use super::target::Target;

/// One request.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which one it was, from 1, in the order in which they came.
    pub number: usize,
    /// `GET`, `PATCH`, …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// What it was about.
    pub target: Target,
    /// What it carried. Always empty for Secrets.
    pub body: String,
    /// Whether a rule applied to it.
    pub went_wrong: bool,
    /// When it was there.
    pub arrived: Instant,
    /// When its answer began to be passed on; never, where there was none.
    pub answered: Option<Instant>,
    /// The status of the answer that was passed on.
    pub status: Option<u16>,
}

impl Seen {
    fn is_after(&self, other: &Self) -> bool {
        other.answered.is_some_and(|answered| answered <= self.arrived)
    }
}

/// How many requests were made one after the other at most: the longest chain in which each began when the one before was
/// answered.
///
/// Requests that are quick may follow each other by chance. With [`Latency`](super::Fault::Latency) for each, those that
/// were begun together overlap.
pub fn depth(requests: &[Seen]) -> usize {
    let mut by_arrival: Vec<_> = requests.iter().collect();
    by_arrival.sort_by_key(|request| request.arrived);
    let mut depths: Vec<usize> = Vec::new();
    for (index, request) in by_arrival.iter().enumerate() {
        let before = by_arrival[..index].iter().zip(&depths).filter(|(earlier, _)| request.is_after(earlier));
        depths.push(1 + before.map(|(_, depth)| *depth).max().unwrap_or(0));
    }
    depths.into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Seen, depth};
    use crate::proxy::{Class, Target};

    /// Requests from one time to another, in milliseconds.
    fn depth_of(times: &[(u64, Option<u64>)]) -> usize {
        let start = Instant::now();
        let at = |time| start + Duration::from_millis(time);
        let target = Target { class: Class::Get, resource: "pods".to_owned(), namespace: None, name: None };
        let seen = |(arrived, answered): &(u64, Option<u64>)| Seen {
            number: 0,
            method: "GET".to_owned(),
            path: String::new(),
            target: target.clone(),
            body: String::new(),
            went_wrong: false,
            arrived: at(*arrived),
            answered: answered.map(at),
            status: None,
        };
        depth(&times.iter().map(seen).collect::<Vec<_>>())
    }

    #[test]
    fn what_overlaps_is_one_deep() {
        assert_eq!(depth_of(&[]), 0);
        assert_eq!(depth_of(&[(0, Some(10)), (1, Some(9)), (2, Some(30))]), 1);
    }

    #[test]
    fn the_longest_chain_counts() {
        // The second and third overlap the first; the fourth follows the second, the fifth the fourth.
        assert_eq!(depth_of(&[(0, Some(50)), (1, Some(9)), (2, Some(30)), (10, Some(20)), (20, Some(25))]), 3);
        // What was never answered is followed by nothing.
        assert_eq!(depth_of(&[(0, None), (5, Some(6))]), 1);
        // The order of the record does not matter.
        assert_eq!(depth_of(&[(20, Some(25)), (10, Some(20)), (0, Some(10))]), 3);
    }
}
