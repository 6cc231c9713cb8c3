//! What comes of a deploy when requests go wrong: each fault in each class of request, and the exit code it ends with.
//!
//! Whatever that is, the next deploy completes.

use std::time::Duration;

use cht_tests::cluster::TestCluster;
use cht_tests::program::Ran;
use cht_tests::proxy::{Class, Fault, Proxy, Rule, When};
use futures::{StreamExt as _, stream};

use crate::scene::Scene;

/// How many instances are deployed at the same time.
const AT_ONCE: usize = 6;

/// The columns of the table.
const CLASSES: [Class; 11] = [
    Class::Get,
    Class::List,
    Class::Watch,
    Class::DryRun,
    Class::Apply,
    Class::Create,
    Class::Replace,
    Class::Delete,
    Class::Logs,
    Class::Service,
    Class::Review,
];

/// One fault: its name, itself, and the exit code for each class, `-` where it does not occur.
struct Row(&'static str, Rule, &'static str);

/// Each request of a class goes wrong when it is made first, and works when it is made again.
#[rustfmt::skip]
fn once() -> Vec<Row> {
    let before = |fault| Rule::new(fault).once_each();
    let after = |fault| before(fault).when(When::After);
    let seconds = Duration::from_secs;
    vec![
        //                                                                   get list watch dry-run apply create replace delete logs service review
        Row("429 with Retry-After", before(Fault::busy(1)),                 "0    0    0     0       0     0      0       0      8    0       0"),
        Row("500", before(Fault::answer(500)),                              "0    0    0     0       0     0      0       0      8    0       0"),
        Row("503", before(Fault::answer(503)),                              "0    0    0     0       0     0      0       0      8    0       0"),
        Row("504 for what is done", after(Fault::answer(504)),              "0    0    0     0       0     0      0       0      8    0       0"),
        Row("a reset before", before(Fault::Reset),                         "0    0    0     0       0     0      0       0      8    0       0"),
        Row("a reset after", after(Fault::Reset),                           "0    0    0     0       0     0      0       0      8    0       0"),
        Row("half an answer", before(Fault::Half),                          "0    0    0     0       0     0      0       0      8    0       0"),
        Row("409", before(Fault::answer(409)),                              "-    -    -     0       0     0      0       6      -    -       -"),
        Row("two seconds", before(Fault::Latency(seconds(2))),              "0    0    0     0       0     0      0       0      8    0       0"),
        Row("410 in a watch", before(Fault::Expired),                       "-    -    0     -       -     -      -       -      -    -       -"),
        Row("410 for a watch", before(Fault::answer(410)),                  "-    -    0     -       -     -      -       -      -    -       -"),
        Row("events twice", Rule::new(Fault::Duplicate),                    "-    -    0     -       -     -      -       -      -    -       -"),
        Row("events later", Rule::new(Fault::Delay(seconds(1))),            "-    -    0     -       -     -      -       -      -    -       -"),
    ]
}

/// Requests go wrong however often they are made.
#[rustfmt::skip]
fn always() -> Vec<Row> {
    vec![
        //                                                                   get list watch dry-run apply create replace delete logs service review
        Row("429 with Retry-After", Rule::new(Fault::busy(1)),              "10   10   10    10      10    10     10      10     8    0       10"),
        Row("500", Rule::new(Fault::answer(500)),                           "10   10   10    10      10    10     10      10     8    0       10"),
        Row("a reset before", Rule::new(Fault::Reset),                      "10   10   10    10      10    10     10      10     8    0       10"),
        Row("half an answer", Rule::new(Fault::Half),                       "10   10   -     10      10    10     10      10     8    0       10"),
        Row("401", Rule::new(Fault::answer(401)),                           "4    4    4     4       4     4      4       4      8    0       0"),
        Row("403", Rule::new(Fault::answer(403)),                           "4    4    4     4       4     4      4       4      8    0       0"),
        Row("409", Rule::new(Fault::answer(409)),                           "-    -    -     6       6     6      6       6      -    -       -"),
        Row("422", Rule::new(Fault::answer(422)),                           "-    -    -     6       6     6      6       6      -    -       -"),
    ]
}

/// Deploys with each fault in a column of a table.
async fn faults_of(class: Class, table: Vec<Row>) {
    let cluster = &TestCluster::connect().await;
    let column = CLASSES.iter().position(|other| *other == class).expect("a column");
    let cells = table.into_iter().filter_map(|Row(name, rule, codes)| {
        let code = codes.split_whitespace().nth(column).expect("a code for each class");
        Some((name, rule.class(class), code.parse::<i32>().ok()?))
    });
    let differing: Vec<_> = stream::iter(cells)
        .map(|(name, rule, code)| async move {
            let (ran, again) = deploys(cluster, class, rule).await;
            let is_as_expected = (ran.code, again.code) == (code, 0);
            (!is_as_expected).then(|| format!("{name}, not {code} and 0:\n{ran}\nand again:\n{again}"))
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(differing.is_empty(), "{class:?}: {}", differing.join("\n\n"));
}

/// A deploy with a fault, and the one after it.
async fn deploys(cluster: &TestCluster, class: Class, rule: Rule) -> (Ran, Ran) {
    let scene = Scene::with(class);
    let mut deploys = None;
    scene
        .play(cluster, async |site| {
            let proxy = Proxy::start(cluster);
            proxy.on(rule);
            let ran = site.deploy_through(&proxy, scene.values).await;
            assert!(proxy.seen().iter().any(|request| request.went_wrong), "no such request: {ran}");
            assert_eq!(ran.json()["exit_code"], ran.code, "{ran}");
            deploys = Some((ran, scene.again(site).await));
        })
        .await;
    deploys.expect("a scene that was played")
}

macro_rules! tests {
    ($($name:ident: $class:expr, $table:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            faults_of($class, $table).await;
        }
    )*};
}

tests! {
    get_goes_wrong_once: Class::Get, once();
    list_goes_wrong_once: Class::List, once();
    watch_goes_wrong_once: Class::Watch, once();
    dry_run_goes_wrong_once: Class::DryRun, once();
    apply_goes_wrong_once: Class::Apply, once();
    replace_goes_wrong_once: Class::Replace, once();
    delete_goes_wrong_once: Class::Delete, once();
    logs_go_wrong_once: Class::Logs, once();
    create_goes_wrong_once: Class::Create, once();
    create_goes_wrong_always: Class::Create, always();
    service_goes_wrong_once: Class::Service, once();
    service_goes_wrong_always: Class::Service, always();
    get_goes_wrong_always: Class::Get, always();
    list_goes_wrong_always: Class::List, always();
    watch_goes_wrong_always: Class::Watch, always();
    dry_run_goes_wrong_always: Class::DryRun, always();
    apply_goes_wrong_always: Class::Apply, always();
    replace_goes_wrong_always: Class::Replace, always();
    delete_goes_wrong_always: Class::Delete, always();
    logs_go_wrong_always: Class::Logs, always();
    review_goes_wrong_once: Class::Review, once();
    review_goes_wrong_always: Class::Review, always();
}
