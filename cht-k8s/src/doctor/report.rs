//! All findings of an examination.

use serde::Serialize;

use super::check::Category;
use super::finding::{Finding, Verdict};

/// All findings of an examination, in the order of their categories.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    findings: Vec<Finding>,
}

/// How many findings there are of each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are the verdicts")]
pub struct Tally {
    pub ok: usize,
    pub warning: usize,
    pub fatal: usize,
    pub unknown: usize,
}

impl Report {
    /// These findings, put in order.
    pub fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.check);
        Self { findings }
    }

    /// The same with more findings.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self::new(self.findings.into_iter().chain(more.findings).collect())
    }

    /// The findings, in the order of their categories and checks.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings of a category.
    pub fn of(&self, category: Category) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.category == category)
    }

    /// Those that a deploy would fail with.
    pub fn fatal(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.verdict == Verdict::Fatal)
    }

    /// How many there are of each verdict.
    pub fn tally(&self) -> Tally {
        let count = |verdict| self.findings.iter().filter(|finding| finding.verdict == verdict).count();
        Tally {
            ok: count(Verdict::Ok),
            warning: count(Verdict::Warning),
            fatal: count(Verdict::Fatal),
            unknown: count(Verdict::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Check;

    #[test]
    fn findings_are_ordered_and_counted() {
        let report = Report::new(vec![
            Finding::fatal(Check::TlsExpiry, "over", "renew it"),
            Finding::ok(Check::ServerVersion, "1.30"),
            Finding::unknown(Check::Capacity, "no"),
            Finding::warning(Check::StorageReclaim, "Delete", "wait"),
        ]);
        let order: Vec<_> = report.findings().iter().map(|finding| finding.check.id()).collect();
        assert_eq!(order, ["server-version", "capacity", "storage-reclaim", "tls-expiry"]);
        assert_eq!(report.tally(), Tally { ok: 1, warning: 1, fatal: 1, unknown: 1 });
        assert_eq!(report.fatal().map(|finding| finding.check).collect::<Vec<_>>(), [Check::TlsExpiry]);
        assert_eq!(report.of(Category::Nodes).count(), 1);
    }
}
