//! The Secret that everything signs in to CouchDB with.

use super::{Deviation, absent, is, there};

/// With the credentials of the values taken out.
const ELSEWHERE: &[&str] =
    &["couchdb.existing_secret=elsewhere", "couchdb.user=", "couchdb.password=", "couchdb.secret=", "couchdb.uuid="];

pub(super) const CREDENTIALS: &[Deviation] = &[
    Deviation {
        subject: "Secret, `data`",
        lines: "all",
        charts: "`stringData`",
        here: "`data`",
        why: "Server-side apply does not track `stringData`. The content is the same.",
        shows: &[
            there("Secret/cht-couchdb-credentials:.data.COUCHDB_USER"),
            absent("Secret/cht-couchdb-credentials:.stringData.*"),
        ],
        reference: &[],
    },
    Deviation {
        subject: "Secret",
        lines: "all",
        charts: "always",
        here: "not with `couchdb.existing_secret`, which the pods then read instead",
        why: "Whoever manages secrets elsewhere need not write them into values.",
        shows: &[absent("Secret/*").with(ELSEWHERE)],
        reference: &[],
    },
    Deviation {
        subject: "Secret, keys",
        lines: "all",
        charts: "all five",
        here: "those that are known",
        why: "What the values leave out is generated at the first deploy and kept in the cluster.",
        shows: &[absent("Secret/cht-couchdb-credentials:.data.COUCHDB_PASSWORD").with(&["couchdb.password="])],
        reference: &[],
    },
    Deviation {
        subject: "Secret, `COUCH_URL`: user",
        lines: "5.x",
        charts: "as it is; empty when `couchdb.user` is left out",
        here: "percent-encoded; `medic` when left out",
        why: "The chart's URL has no user then, while `COUCHDB_USER` has one.",
        shows: &[is("Secret/cht-couchdb-credentials:.data.COUCH_URL", "http://medic:*").with(&["couchdb.user="])],
        reference: &[("5.3/k3s-single-no-api-section", "Secret/cht-couchdb-credentials:.data.COUCH_URL")],
    },
    Deviation {
        subject: "Secret, `COUCH_URL`: user and password",
        lines: "all",
        charts: "a space becomes `+`",
        here: "a space becomes `%20`",
        why: "`+` means a space in a form, not in a URL.",
        shows: &[is("Secret/cht-couchdb-credentials:.data.COUCH_URL", "*:p%40ss%20word@*")],
        reference: &[],
    },
    Deviation {
        subject: "Secret, `COUCH_URL`: port",
        lines: "all",
        charts: "5984",
        here: "`haproxy.port`",
        why: "HAProxy listens there.",
        shows: &[is("Secret/cht-couchdb-credentials:.data.COUCH_URL", "*:6001/medic").with(&["haproxy.port=6001"])],
        reference: &[],
    },
    Deviation {
        subject: "Secret, all values",
        lines: "4.x",
        charts: "not quoted in YAML",
        here: "any text",
        why: "`:`, `#`, `{` or only digits broke the chart's YAML.",
        shows: &[is("Secret/cht-couchdb-credentials:.data.COUCHDB_PASSWORD", "a: {b} #c")
            .in_cases("V4 *")
            .with(&["couchdb.password=a: {b} #c"])],
        reference: &[],
    },
];
