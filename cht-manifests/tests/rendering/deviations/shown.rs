//! That each line of the table is so, and that none is missing.

use std::collections::BTreeMap;

use super::leaves::leaves;
use super::pattern::matches;
use super::{Shown, TOPICS};
use crate::cases::Case;
use crate::rendered::Rendered;
use cht_manifests::manifests;

type Leaves = BTreeMap<String, String>;

fn rendered(case: Case, profile: &str, with: &[&str]) -> Leaves {
    let profile = format!("profile={profile}");
    let assignments: Vec<_> = with.iter().copied().chain([profile.as_str()]).collect();
    decoded(leaves(&Rendered::of(&manifests(&case.instance_with(&assignments)))))
}

/// With the data of Secrets as it is meant.
fn decoded(leaves: Leaves) -> Leaves {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let decode = |(place, value): (String, String)| {
        let is_data = place.starts_with("Secret/") && place.contains(":.data.");
        let value =
            if is_data { String::from_utf8(STANDARD.decode(&value).expect("base64")).expect("a text") } else { value };
        (place, value)
    };
    leaves.into_iter().map(decode).collect()
}

impl Shown {
    fn cases(&self) -> impl Iterator<Item = Case> {
        Case::all().into_iter().filter(|case| matches(self.cases, &case.to_string()))
    }

    fn places<'a>(&self, leaves: &'a Leaves) -> impl Iterator<Item = (&'a String, &'a String)> {
        let at = self.at;
        // An object by itself is none of its fields.
        leaves.iter().filter(move |(place, _)| matches(at, place) && at.contains(':') == place.contains(':'))
    }

    /// Where there is something it says so of some case, and where there is nothing, of every one.
    fn holds(&self, profile: &str) -> bool {
        let has = |case: Case, value: &str| {
            let leaves = rendered(case, profile, self.with);
            self.places(&leaves).any(|(_, found)| matches(value, found))
        };
        match self.value {
            Some(value) => self.cases().any(|case| has(case, value)),
            None => self.cases().count() > 0 && self.cases().all(|case| !has(case, "*")),
        }
    }
}

#[test]
fn every_line_shows_in_what_is_rendered() {
    for topic in TOPICS {
        for deviation in topic.deviations {
            assert!(!deviation.shows.is_empty(), "{}", deviation.subject);
            for shown in deviation.shows {
                assert!(shown.holds(topic.profile), "{}: {} {:?}", deviation.subject, shown.at, shown.value);
            }
        }
    }
}

#[test]
fn no_line_of_production_shows_in_the_charts_profile() {
    for topic in TOPICS.iter().filter(|topic| topic.profile == "production") {
        for deviation in topic.deviations {
            let in_chart = deviation.shows.iter().any(|shown| shown.value.is_some() && shown.holds("chart"));
            assert!(!in_chart, "{}", deviation.subject);
        }
    }
}

#[test]
fn whatever_production_adds_has_a_line() {
    let lines = || {
        let topics = TOPICS.iter().filter(|topic| topic.profile == "production");
        topics.flat_map(|topic| topic.deviations).flat_map(|deviation| deviation.shows)
    };
    for case in Case::all() {
        let (chart, production) = (rendered(case, "chart", &[]), rendered(case, "production", &[]));
        let is_new_object = |place: &str| place.split_once(':').is_some_and(|(object, _)| !chart.contains_key(object));
        let changed = production.iter().filter(|(place, value)| chart.get(*place) != Some(*value));
        for (place, value) in changed.filter(|(place, _)| !is_new_object(place)) {
            let has_line = lines().any(|shown| matches(shown.at, place));
            assert!(has_line, "{case}: {place} is {value} and no line says so");
        }
        let gone = chart.keys().find(|place| !production.contains_key(*place));
        assert_eq!(gone, None, "{case}");
    }
}
