//! Deploys an instance from a program: `cargo run -p cht-k8s --example deploy -- examples/k3d.yaml`.
//!
//! Here into the sandbox; with `KubeCluster::connect(&ConnectOptions::default()).await?` it is a real cluster.

#![expect(clippy::print_stdout, reason = "a program of its own")]

use std::error::Error;
use std::sync::Arc;

use cht_k8s::sandbox::Sandbox;
use cht_k8s::{Event, Options, Success, deploy, plan};
use cht_model::{Layer, Values};
use futures::StreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("name a file of values")?;
    let values = Values::load(&[Layer::new(&file, std::fs::read_to_string(&file)?)])?;
    let instance = values.validate()?.value;

    let cluster = Arc::new(Sandbox::new());
    let plan = plan(&*cluster, instance).await?;
    let mut events = deploy(cluster, plan, Options::default());
    while let Some(event) = events.next().await {
        match event {
            Event::HealthChanged(health) => println!("{}: {:?}", health.component, health.health),
            Event::Finished(outcome) => match outcome.result {
                Ok(Success::Deployed { address, .. }) => println!("ready at {address}"),
                other => return Err(format!("{other:?}").into()),
            },
            _ => {}
        }
    }
    Ok(())
}
