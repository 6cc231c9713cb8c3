//! Which requests go wrong.

use std::collections::BTreeSet;

use super::fault::{Fault, When};
use super::target::{Class, Target};

/// Which requests go wrong, and how: all that there are, unless said otherwise.
#[derive(Clone, Debug)]
pub struct Rule {
    fault: Fault,
    when: When,
    class: Option<Class>,
    resource: Option<String>,
    namespace: Option<String>,
    first: usize,
    times: usize,
    once_each: bool,
}

impl Rule {
    /// Every request goes wrong in this way.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            when: When::Before,
            class: None,
            resource: None,
            namespace: None,
            first: 1,
            times: usize::MAX,
            once_each: false,
        }
    }

    /// When it goes wrong, for faults that can come before and after.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// Only requests of this class.
    #[must_use]
    pub fn class(mut self, class: Class) -> Self {
        self.class = Some(class);
        self
    }

    /// Only requests about this kind, as URLs have it: `deployments`.
    #[must_use]
    pub fn resource(mut self, resource: &str) -> Self {
        self.resource = Some(resource.to_owned());
        self
    }

    /// Only requests in this namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    /// Only the n-th of those requests, from 1.
    #[must_use]
    pub fn nth(self, number: usize) -> Self {
        self.from(number).times(1)
    }

    /// Only from the n-th of those requests on, from 1.
    #[must_use]
    pub fn from(mut self, number: usize) -> Self {
        self.first = number;
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Only the first request about each object or, where it is about none, each kind.
    #[must_use]
    pub fn once_each(mut self) -> Self {
        self.once_each = true;
        self
    }

    fn is_about(&self, target: &Target) -> bool {
        self.class.is_none_or(|class| class == target.class)
            && self.resource.as_ref().is_none_or(|resource| *resource == target.resource)
            && (self.namespace.is_none() || self.namespace == target.namespace)
    }
}

/// A rule, and what became of it so far.
#[derive(Debug)]
struct Counted {
    rule: Rule,
    matched: usize,
    applied: usize,
    targets: BTreeSet<Target>,
}

impl Counted {
    /// Counts a request, and tells whether it is one that goes wrong.
    fn applies_to(&mut self, target: &Target) -> bool {
        if !self.rule.is_about(target) {
            return false;
        }
        self.matched += 1;
        let is_new = self.targets.insert(target.clone());
        self.matched >= self.rule.first && self.applied < self.rule.times && (is_new || !self.rule.once_each)
    }
}

/// All rules, in the order in which they were given: of those that apply, the first does.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<Counted>);

impl Rules {
    pub(super) fn add(&mut self, rule: Rule) {
        self.0.push(Counted { rule, matched: 0, applied: 0, targets: BTreeSet::new() });
    }

    /// What is made of the next request. Every rule counts it, also those that another one comes before.
    pub(super) fn next(&mut self, target: &Target) -> Option<(Fault, When)> {
        let mut first = None;
        for counted in &mut self.0 {
            if counted.applies_to(target) && first.is_none() {
                counted.applied += 1;
                first = Some((counted.rule.fault.clone(), counted.rule.when));
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Fault, Rule, Rules, Target};

    fn target(class: Class, resource: &str, name: &str) -> Target {
        Target { class, resource: resource.to_owned(), namespace: Some("ns".to_owned()), name: Some(name.to_owned()) }
    }

    /// The statuses with which requests about these Services are answered, 0 where nothing is made of one.
    fn statuses(rules: impl IntoIterator<Item = Rule>, class: Class, names: &[&str]) -> Vec<u16> {
        let mut all = Rules::default();
        rules.into_iter().for_each(|rule| all.add(rule));
        let mut status = |name: &&str| match all.next(&target(class, "services", name)) {
            Some((Fault::Answer { status, .. }, _)) => status,
            None => 0,
            other => panic!("{other:?}"),
        };
        names.iter().map(&mut status).collect()
    }

    fn rule() -> Rule {
        Rule::new(Fault::answer(503))
    }

    #[test]
    fn a_rule_is_about_what_it_says() {
        let any = ["a"];
        assert_eq!(statuses([rule()], Class::Get, &any), [503]);
        assert_eq!(statuses([rule().class(Class::Get).resource("services").namespace("ns")], Class::Get, &any), [503]);
        assert_eq!(statuses([rule().class(Class::List)], Class::Get, &any), [0]);
        assert_eq!(statuses([rule().resource("pods")], Class::Get, &any), [0]);
        assert_eq!(statuses([rule().namespace("other")], Class::Get, &any), [0]);
    }

    #[test]
    fn a_rule_applies_as_often_as_it_says() {
        let names = ["a", "b", "a", "b"];
        assert_eq!(statuses([rule().nth(2)], Class::Apply, &names), [0, 503, 0, 0]);
        assert_eq!(statuses([rule().from(2)], Class::Apply, &names), [0, 503, 503, 503]);
        assert_eq!(statuses([rule().times(3)], Class::Apply, &names), [503, 503, 503, 0]);
        assert_eq!(statuses([rule().once_each()], Class::Apply, &names), [503, 503, 0, 0]);
    }

    #[test]
    fn of_two_rules_the_first_comes_first() {
        let other = Rule::new(Fault::answer(500));
        assert_eq!(statuses([rule().nth(1), other.clone()], Class::Apply, &["a", "a"]), [503, 500]);
        // The second counts what the first took.
        assert_eq!(statuses([rule().nth(1), other.nth(2)], Class::Apply, &["a", "a", "a"]), [503, 500, 0]);
    }
}
