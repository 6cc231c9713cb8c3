//! When whom to ask: at once when it is rolled out, then after growing pauses until it serves, and never again while the
//! same pods are behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::Component;
use futures::future::{BoxFuture, Either, pending, select};
use futures::stream::{FuturesUnordered, StreamExt};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::super::expected::Expected;
use super::super::problem::ProblemCode;
use super::super::view::View;
use super::answers::{Answers, Hurdle, Standing, Verdict};
use super::asking::{Asked, Caller, Hindrance, Services};
use super::question::{Behind, Question, Ripeness, askable};
use crate::Cluster;

/// The first pause before the same question is asked again; each further one is half as long again.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// What starts at once has nothing to tell of what it does before it serves.
const PAUSE_BEFORE_EARLY: Duration = Duration::from_secs(5);
/// How long the API server itself may fail to pass a question on, before anybody was reached.
const PATIENCE_WITH_THE_SERVER: SignedDuration = SignedDuration::from_mins(1);
/// Longer than kubelets take to find that something is not ready any more.
const PATIENCE_WITH_FILTERS: SignedDuration = SignedDuration::from_secs(30);
/// CouchDB locks out whoever gives the wrong password too often.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_mins(1);

/// Asks the services of an instance.
pub(crate) struct Asker {
    cluster: Arc<dyn Cluster>,
    services: Arc<Services>,
    /// Asks nothing that is only good to know, and nobody again who is silent.
    briefly: bool,
    /// For how long nobody is asked what he does before he serves.
    pause_before_early: Duration,
    /// For how long what kubelets find ready may be out of reach before it is taken at their word.
    patience_with_filters: SignedDuration,
    in_flight: FuturesUnordered<BoxFuture<'static, Answer>>,
    asking: BTreeSet<Question>,
    pace: BTreeMap<Question, Pace>,
    cookies: BTreeMap<Component, SecretString>,
    /// Whether any service was reached: then there is a way.
    reached: bool,
    /// When something is to be asked next.
    due: Option<Timestamp>,
}

/// How it went with a question so far.
struct Pace {
    behind: Behind,
    ripeness: Ripeness,
    next_at: Timestamp,
    pause: Duration,
    /// Since when it cannot be asked, and why not.
    hindered: Option<(Timestamp, String)>,
}

/// What an asker waits for.
pub(crate) enum Heard {
    /// Someone has answered.
    Answer(Box<Answer>),
    /// It is time to ask again.
    Due,
}

/// An answer that is not taken in yet.
pub(crate) struct Answer {
    question: Question,
    behind: Behind,
    begun: Timestamp,
    asked: Asked,
    cookie: Option<SecretString>,
    note: Option<String>,
}

impl Asker {
    pub(crate) fn new(cluster: Arc<dyn Cluster>, services: Services) -> Self {
        Self {
            cluster,
            services: Arc::new(services),
            briefly: false,
            pause_before_early: PAUSE_BEFORE_EARLY,
            patience_with_filters: PATIENCE_WITH_FILTERS,
            in_flight: FuturesUnordered::new(),
            asking: BTreeSet::new(),
            pace: BTreeMap::new(),
            cookies: BTreeMap::new(),
            reached: false,
            due: None,
        }
    }

    /// One that asks for as little as possible.
    pub(crate) fn brief(cluster: Arc<dyn Cluster>, services: Services) -> Self {
        Self { briefly: true, ..Self::new(cluster, services) }
    }

    /// Begins to ask what can be asked now, was not answered well by those who are behind it now, and is due.
    pub(crate) fn begin(&mut self, view: &View, expected: &Expected, is_wanted: impl Fn(Component) -> bool) {
        let now = self.cluster.clock().now();
        self.due = None;
        for (question, (behind, ripeness)) in askable(view, expected, now) {
            let passed = view.answers.standing(question, &behind) == Standing::Passed;
            if passed || !is_wanted(question.component()) || self.asking.contains(&question) {
                continue;
            }
            let begun = match ripeness {
                Ripeness::Early => now + self.pause_before_early,
                Ripeness::Ripe | Ripeness::Probed => now,
            };
            let pace = self.pace.entry(question).or_insert_with(|| Pace::new(behind.clone(), ripeness, begun));
            if pace.behind != behind || pace.ripeness != ripeness {
                *pace = Pace::new(behind.clone(), ripeness, begun);
            }
            if pace.next_at <= now {
                self.ask(question, behind, now);
            } else {
                self.due = Some(self.due.map_or(pace.next_at, |due| due.min(pace.next_at)));
            }
        }
    }

    fn ask(&mut self, question: Question, behind: Behind, begun: Timestamp) {
        let (cluster, services, briefly) = (Arc::clone(&self.cluster), Arc::clone(&self.services), self.briefly);
        let mut cookie = self.cookies.get(&question.component()).cloned();
        self.asking.insert(question);
        self.in_flight.push(Box::pin(async move {
            let caller = Caller { cluster: &*cluster, services: &services };
            let (asked, note) = caller.ask(question, &mut cookie, briefly).await;
            Answer { question, behind, begun, asked, cookie, note }
        }));
    }

    /// Whether a component is being asked and has not said anything before.
    pub(crate) fn awaits(&self, component: Component) -> bool {
        let is_first = |question: &&Question| {
            question.component() == component && self.pace.get(question).is_some_and(|pace| pace.pause == FIRST_PAUSE)
        };
        self.asking.iter().any(|question| is_first(&question))
    }

    /// Waits until someone answers, or until it is time to ask again; for ever when there is neither.
    pub(crate) async fn next(&mut self) -> Heard {
        let clock = self.cluster.clock();
        let due = async {
            match self.due {
                Some(due) => clock.sleep(due.duration_since(clock.now()).unsigned_abs()).await,
                None => pending().await,
            }
        };
        if self.in_flight.is_empty() {
            due.await;
            return Heard::Due;
        }
        match select(self.in_flight.next(), Box::pin(due)).await {
            Either::Left((Some(answer), _)) => Heard::Answer(Box::new(answer)),
            Either::Left((None, _)) | Either::Right(_) => Heard::Due,
        }
    }

    /// Takes in what was heard. Answers whether it is news, and with what a person should know.
    pub(crate) fn take(&mut self, heard: Heard, answers: &mut Answers) -> (bool, Vec<String>) {
        // That it is time to ask again tells nobody anything.
        let Heard::Answer(answer) = heard else { return (false, Vec::new()) };
        let known = answers.unchecked().len();
        let (is_news, note) = self.take_in(*answer, answers);
        let unchecked = answers.unchecked()[known..].iter().map(ToString::to_string);
        (is_news, note.into_iter().chain(unchecked).collect())
    }

    fn take_in(&mut self, answer: Answer, answers: &mut Answers) -> (bool, Option<String>) {
        let Answer { question, behind, begun, asked, cookie, note } = answer;
        self.asking.remove(&question);
        match cookie {
            Some(cookie) => self.cookies.insert(question.component(), cookie),
            None => self.cookies.remove(&question.component()),
        };
        self.set_pace(question, &asked);
        let is_probed = self.pace.get(&question).is_some_and(|pace| pace.ripeness == Ripeness::Probed);
        self.reached |= match asked {
            Asked::Yes | Asked::NotYet(_) | Asked::Unknown { .. } => true,
            Asked::TurnedAway { .. } => !is_probed,
            _ => false,
        };
        let is_news = match asked {
            Asked::Yes => answers.take(question, behind, Verdict::Yes),
            Asked::Unknown { what, why } => {
                answers.leave_unchecked(what, why);
                answers.take(question, behind, Verdict::Yes)
            }
            Asked::NotYet(hurdle) | Asked::Nobody(hurdle) => answers.take(question, behind, Verdict::NotYet(hurdle)),
            Asked::TurnedAway { hurdle, why } => {
                let for_long = self.hinder(question, begun, why.clone()).filter(|_| is_probed);
                match for_long {
                    Some(long) if long >= self.patience_with_filters => {
                        self.take_at_its_word(answers, question, behind, &why)
                    }
                    _ => answers.take(question, behind, Verdict::NotYet(hurdle)),
                }
            }
            Asked::Refused(why) => self.give_up(answers, &why),
            Asked::Busy(why) => {
                let for_long = self.hinder(question, begun, why.clone());
                let is_hopeless = for_long.is_some_and(|long| long >= PATIENCE_WITH_THE_SERVER) && !self.reached;
                is_hopeless && self.give_up(answers, &format!("the API server had no time for it: {why}"))
            }
            Asked::Unreached(hindrance, why) => {
                let for_long = self.hinder(question, begun, why.clone());
                match for_long.zip(self.patience(hindrance)) {
                    Some((long, patience)) if long >= patience => self.give_up(answers, &out_of_reach(&why)),
                    // Whoever is silent may only be busy.
                    _ if is_probed && for_long.is_some_and(|long| long >= self.patience_with_filters * 4) => {
                        self.take_at_its_word(answers, question, behind, &why)
                    }
                    _ if self.reached => answers.take(
                        question,
                        behind,
                        Verdict::NotYet(Hurdle::new(format!("it cannot be reached: {why}"))),
                    ),
                    _ => false,
                }
            }
        };
        (is_news, note)
    }

    fn set_pace(&mut self, question: Question, asked: &Asked) {
        let now = self.cluster.clock().now();
        let Some(pace) = self.pace.get_mut(&question) else { return };
        let is_refused =
            matches!(asked, Asked::NotYet(Hurdle { hint: Some((ProblemCode::CredentialsRefused, _)), .. }));
        let pause = if is_refused { PAUSE_AFTER_REFUSAL } else { pace.pause };
        pace.next_at = now + pause;
        pace.pause = (pace.pause * 3 / 2).min(LONGEST_PAUSE);
        if !matches!(asked, Asked::Unreached(..) | Asked::TurnedAway { .. } | Asked::Busy(_)) {
            pace.hindered = None;
        }
    }

    /// Remembers why a question could not be asked. Answers for how long that is so.
    fn hinder(&mut self, question: Question, begun: Timestamp, why: String) -> Option<SignedDuration> {
        let now = self.cluster.clock().now();
        let pace = self.pace.get_mut(&question)?;
        let since = pace.hindered.as_ref().map_or(begun, |(since, _)| *since);
        pace.hindered = Some((since, why));
        Some(now.duration_since(since))
    }

    /// What kubelets find ready counts as answered, although it is not reached from here.
    fn take_at_its_word(&mut self, answers: &mut Answers, question: Question, behind: Behind, why: &str) -> bool {
        if let Some(pace) = self.pace.get_mut(&question) {
            pace.hindered = None;
        }
        let filter = "its pods are ready, and something, such as a network policy, keeps the API server from them";
        answers.leave_unchecked(&question.to_string(), &format!("{filter} ({why})"));
        answers.take(question, behind, Verdict::Yes)
    }

    /// For how long a hindrance is taken to be passing; for ever, where there is a way.
    fn patience(&self, hindrance: Hindrance) -> Option<SignedDuration> {
        let seconds = match (hindrance, self.reached) {
            (Hindrance::NoRoute, false) => 0,
            (Hindrance::Silence, false) if self.briefly => 0,
            (Hindrance::Silence, false) => 10,
            // A pod that does not listen yet may be behind the gateway, and a node that restarts at the end of the way.
            (Hindrance::Gateway, false) | (Hindrance::NoRoute, true) => 60,
            (Hindrance::Silence | Hindrance::Gateway, true) => return None,
        };
        Some(SignedDuration::from_secs(seconds))
    }

    fn give_up(&mut self, answers: &mut Answers, why: &str) -> bool {
        self.in_flight.clear();
        self.asking.clear();
        self.due = None;
        answers.give_up(why);
        true
    }

    /// Asks each question once, and the next ones that follow from the answers. Answers with what a person should know.
    pub(crate) async fn ask_once(&mut self, view: &mut View, expected: &Expected) -> Vec<String> {
        let mut notes = Vec::new();
        self.pause_before_early = Duration::ZERO;
        self.patience_with_filters = SignedDuration::ZERO;
        loop {
            self.begin(view, expected, |_| true);
            let Some(answer) = self.in_flight.next().await else { break };
            notes.extend(self.take_in(answer, &mut view.answers).1);
        }
        notes
    }

    /// Nobody will be asked again: whoever could not be reached has not answered, or, where nobody could, need not.
    pub(crate) fn conclude(&mut self, answers: &mut Answers) {
        let hindered = self.pace.iter().filter_map(|(question, pace)| {
            let (_, why) = pace.hindered.clone()?;
            Some((*question, pace.behind.clone(), why))
        });
        for (question, behind, why) in hindered.collect::<Vec<_>>() {
            if self.reached {
                answers.take(question, behind, Verdict::NotYet(Hurdle::new(format!("it cannot be reached: {why}"))));
            } else {
                answers.give_up(&out_of_reach(&why));
            }
        }
    }
}

impl Pace {
    fn new(behind: Behind, ripeness: Ripeness, next_at: Timestamp) -> Self {
        Self { behind, ripeness, next_at, pause: FIRST_PAUSE, hindered: None }
    }
}

fn out_of_reach(why: &str) -> String {
    format!("the API server does not reach the pods ({why})")
}
