//! What k3d is told to do.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use async_trait::async_trait;

use super::{ENDING, K3d, MARK, QUESTION, command, complaint, list};
use crate::{ClusterName, LocalCluster, LocalError, Maker, Owner, Ports, ports};

/// How much longer than its own timeout k3d may take to undo what it has begun.
const GRACE: Duration = Duration::from_mins(1);

#[async_trait]
impl Maker for K3d {
    async fn find(&self, name: &ClusterName) -> Result<Option<LocalCluster>, LocalError> {
        let arguments = ["cluster", "list", "--output", "json"];
        let list = self.ask(&arguments, QUESTION).await?;
        list::find(&list, name).map_err(|why| LocalError::NotUnderstood { command: command(&arguments), why })
    }

    async fn create(
        &self,
        name: &ClusterName,
        owner: Owner,
        address: IpAddr,
        Ports { http, https }: Ports,
        timeout: Duration,
    ) -> Result<(), LocalError> {
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        // Nobody but this machine needs its API, which k3d would else serve to the whole network.
        let api = ports::any(local).map_err(|error| LocalError::Failed {
            command: "k3d cluster create".to_owned(),
            said: error.to_string(),
        })?;
        let mark = match owner {
            Owner::Development => "development",
            Owner::Values | Owner::Other => "values",
        };
        let arguments = [
            "cluster",
            "create",
            name.as_str(),
            "--api-port",
            &format!("{local}:{api}"),
            "--port",
            &format!("{address}:{http}:80@loadbalancer"),
            "--port",
            &format!("{address}:{https}:443@loadbalancer"),
            "--runtime-label",
            &format!("{MARK}={mark}@server:0"),
            "--kubeconfig-update-default=false",
            "--wait",
            "--timeout",
            &format!("{}s", timeout.as_secs()),
        ];
        let ran = self.run(&arguments, timeout + GRACE).await?;
        if ran.succeeded {
            return Ok(());
        }
        if complaint::is_there(&ran.stderr) {
            return Err(LocalError::IsThere { name: name.clone() });
        }
        match complaint::taken_ports(&ran.stderr, &[http, https, api]) {
            Some(ports) => Err(LocalError::PortsTaken { name: name.clone(), ports }),
            None => Err(self.failed(&["cluster", "create", name.as_str()], &ran).await),
        }
    }

    async fn start(&self, name: &ClusterName, timeout: Duration) -> Result<(), LocalError> {
        let within = format!("{}s", timeout.as_secs());
        let arguments = ["cluster", "start", name.as_str(), "--wait", "--timeout", &within];
        let ran = self.run(&arguments, timeout + GRACE).await?;
        if ran.succeeded {
            return Ok(());
        }
        let ports = self.find(name).await.ok().flatten().and_then(|cluster| cluster.ports);
        let its = ports.map_or_else(Vec::new, |ports| vec![ports.http, ports.https]);
        match complaint::taken_ports(&ran.stderr, &its) {
            Some(ports) => Err(LocalError::PortsTaken { name: name.clone(), ports }),
            None => Err(self.failed(&["cluster", "start", name.as_str()], &ran).await),
        }
    }

    async fn stop(&self, name: &ClusterName) -> Result<(), LocalError> {
        self.ask(&["cluster", "stop", name.as_str()], ENDING).await.map(drop)
    }

    async fn remove(&self, name: &ClusterName) -> Result<(), LocalError> {
        self.ask(&["cluster", "delete", name.as_str()], ENDING).await.map(drop)
    }

    async fn add_context(&self, name: &ClusterName) -> Result<String, LocalError> {
        let merge =
            ["kubeconfig", "merge", name.as_str(), "--kubeconfig-merge-default", "--kubeconfig-switch-context=false"];
        self.ask(&merge, QUESTION).await?;
        Ok(self.context(name))
    }

    fn context(&self, name: &ClusterName) -> String {
        format!("k3d-{name}")
    }
}
