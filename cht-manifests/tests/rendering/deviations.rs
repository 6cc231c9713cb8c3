//! Every deliberate difference from the charts' objects, in one table. docs/DEVIATIONS.md and the rules by which parity with
//! the charts is checked are made from it, and each line is checked against what is rendered.
//!
//! After a change: `UPDATE_DOCS=1 cargo test -p cht-manifests --test rendering deviations`.

mod credentials;
mod documents;
mod ingress;
mod labels;
mod leaves;
mod objects;
mod pattern;
mod pods;
mod production;
mod shown;
mod storage;
mod way_in;

/// A deliberate difference from the charts.
struct Deviation {
    /// Which object, and which field of it.
    subject: &'static str,
    /// Where the difference is: the release lines, the platforms, what the values say.
    lines: &'static str,
    /// What the charts have.
    charts: &'static str,
    /// What is rendered here.
    here: &'static str,
    /// Why.
    why: &'static str,
    /// What of a rendering shows that it is so.
    shows: &'static [Shown],
    /// Where it shows in a comparison with what the charts render: the case, and `KIND/NAME:FIELD`, as patterns.
    reference: &'static [(&'static str, &'static str)],
}

/// What of a rendering shows a difference.
#[derive(Clone, Copy)]
struct Shown {
    /// `KIND/NAME:FIELD`, as a pattern; an object as a whole without the field.
    at: &'static str,
    /// Its value, as a pattern; none where nothing must be there.
    value: Option<&'static str>,
    /// Which cases it shows in, as a pattern of their names.
    cases: &'static str,
    /// What the cases' values are changed by.
    with: &'static [&'static str],
}

/// Something is there.
const fn there(at: &'static str) -> Shown {
    is(at, "*")
}

/// A field has a value.
const fn is(at: &'static str, value: &'static str) -> Shown {
    Shown { at, value: Some(value), cases: "*", with: &[] }
}

/// Nothing is there.
const fn absent(at: &'static str) -> Shown {
    Shown { at, value: None, cases: "*", with: &[] }
}

impl Shown {
    const fn in_cases(self, cases: &'static str) -> Self {
        Self { cases, ..self }
    }

    const fn with(self, with: &'static [&'static str]) -> Self {
        Self { with, ..self }
    }
}

/// Differences that belong together.
struct Topic {
    title: &'static str,
    /// What is said before the table.
    about: &'static str,
    /// The profile that has them.
    profile: &'static str,
    deviations: &'static [Deviation],
}

/// All of them, in the order of the document.
const TOPICS: [Topic; 8] = [
    Topic { title: "Objects", about: "", profile: "chart", deviations: objects::OBJECTS },
    Topic { title: "Storage", about: "", profile: "chart", deviations: storage::STORAGE },
    Topic { title: "Credentials", about: "", profile: "chart", deviations: credentials::CREDENTIALS },
    Topic { title: "Pods", about: "", profile: "chart", deviations: pods::PODS },
    Topic {
        title: "What `profile: production` adds",
        about: "This is the default. With `profile: chart` none of it is there, and the pods are as the charts have them, but\n\
                for the two lines above.",
        profile: "production",
        deviations: production::PRODUCTION,
    },
    Topic {
        title: "Before the API, and between the pods",
        about: way_in::ABOUT,
        profile: "production",
        deviations: way_in::WAY_IN,
    },
    Topic { title: "Ports and ingress", about: "", profile: "chart", deviations: ingress::INGRESS },
    Topic { title: "Labels", about: "", profile: "chart", deviations: labels::LABELS },
];
