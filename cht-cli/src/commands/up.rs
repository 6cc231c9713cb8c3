//! `cht up`

mod place;
mod ready;
mod values;

use cht_k8s::{Event, Stop, Success};
use cht_local::Ports;
use cht_model::Instance;
use futures::StreamExt;
use futures::stream::BoxStream;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use self::place::Place;
use self::values::Wanted;
use super::deploy::{Deployment, deploy};
use super::local::with_heartbeat;
use crate::cli::{RunFormat, Up, ValuesArgs};
use crate::exit::Exit;
use crate::progress::Progress;
use crate::target::Target;
use crate::{event_lines, report, signals};

pub(super) async fn run(args: Up) -> Result<Exit, Exit> {
    let output = args.output.output;
    let wanted = Wanted::of(&args, output)?;
    let progress = Progress::new(args.apply.quiet, args.verbose);
    let stop = Stop::new();
    signals::stop_on_signals(stop.clone());
    let Some(place) = stop.or(place::find(&args, wanted.owner(), &progress)).await else {
        return Err(interrupted(output));
    };
    let place = place?;
    let (instance, values) = wanted.written(&progress, output)?;
    let run = event_lines::started("deploy", &instance, &place.target);
    if place.is_k3s {
        let waiting = ready::wait(&*place.target.cluster, &instance, place.has_traefik, args.cluster_timeout);
        match stop.or(with_heartbeat(&progress, "the cluster gets ready", waiting)).await {
            Some(Ok(())) => {}
            Some(Err(not_ready)) => return Err(not_ready.report(output)),
            None => return Err(interrupted(output)),
        }
    }
    let deployment = Deployment {
        values: &values,
        apply: args.apply,
        output,
        approved: None,
        progress,
        run,
        stop,
        more: more(&instance, &values, &place),
        details: details(&values, &place),
    };
    let ports = place.ports;
    let seen = |events: BoxStream<'static, Event>| events.map(move |event| at_its_port(event, ports)).boxed();
    Box::pin(deploy(instance, &place.target, deployment, seen))
        .await
        .map_err(|error| report::failure(output, Exit::from(&error), &error.to_string(), None))
}

fn interrupted(output: RunFormat) -> Exit {
    report::failure(output, signals::interrupted(), "interrupted; run the same command again to go on from here", None)
}

/// The event, in which the address has the port that leads to the cluster.
fn at_its_port(mut event: Event, ports: Option<Ports>) -> Event {
    if let (Event::Finished(outcome), Some(ports)) = (&mut event, ports)
        && let Ok(Success::Deployed { address, .. }) = &mut outcome.result
    {
        *address = ports.reach(address);
    }
    event
}

/// What a person may want to know next.
fn more(instance: &Instance, values: &ValuesArgs, place: &Place) -> String {
    let command = |name: &str| super::command_line(name, values, &place.target);
    let couchdb = instance.couchdb();
    let mut lines = Vec::new();
    if !couchdb.credentials_secret.is_existing() {
        lines.push(format!("user:             {}", couchdb.credentials.user().expose_secret()));
    }
    lines.push(format!("see the password: {}", command("password")));
    if let Some(down) = &place.down {
        if place.ports.is_some() {
            lines.push(format!("stop it:          {down} --keep-data"));
        }
        lines.push(format!("remove it:        {down}"));
    }
    lines.join("\n") + "\n"
}

/// The same for programs.
fn details(values: &ValuesArgs, place: &Place) -> Map<String, Value> {
    let Target { name, .. } = &place.target;
    let files: Vec<_> = values.files.iter().map(|file| file.display().to_string()).collect();
    let cluster = json!({ "server": name, "context": place.context, "created": place.is_new });
    Map::from_iter([("cluster".to_owned(), cluster), ("values".to_owned(), json!(files))])
}
