//! Gets a cluster to run: the one that is there, the one that was stopped, or a new one.

use std::net::IpAddr;
use std::time::Duration;

use crate::{ClusterName, LocalCluster, LocalError, Maker, Owner, Ports, State};

/// How often ports are chosen anew when they turn out to be taken.
const TRIES: usize = 10;

/// What cluster there shall be.
pub struct Wish<'w> {
    /// Its name.
    pub name: ClusterName,
    /// Whose it is when it is made.
    pub owner: Owner,
    /// The address of this machine that it is reached at.
    pub address: IpAddr,
    /// How long making or starting it may take.
    pub timeout: Duration,
    /// Whether a port of the address seems to be free.
    pub free: &'w (dyn Fn(u16) -> bool + Sync),
}

/// A cluster that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Up {
    /// Its context in the user's kubeconfig.
    pub context: String,
    /// Where it is reached.
    pub ports: Ports,
    /// Whether it was made now.
    pub is_new: bool,
}

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It runs already.
    Runs,
    /// It is started again.
    Starting,
    /// It is made, with these ports.
    Making(Ports),
    /// Making it was interrupted before anything was kept in it, so it is removed and made anew.
    Remaking,
    /// A port turned out to be taken, so the next one is tried.
    PortTaken(u16),
}

/// Gets a cluster to run, and says each step before it is done.
///
/// # Errors
///
/// When the maker, or what it needs, is missing or fails, and when the name is that of a cluster which is someone else's or
/// cannot be used. What may hold data is left as it is.
pub async fn up(maker: &dyn Maker, wish: &Wish<'_>, say: &(dyn Fn(Step) + Sync)) -> Result<Up, LocalError> {
    let name = &wish.name;
    let (ports, is_new) = match maker.find(name).await? {
        None => (make(maker, wish, say).await?, true),
        Some(LocalCluster { owner: Owner::Other, .. }) => return Err(LocalError::NameTaken { name: name.clone() }),
        Some(LocalCluster { state: State::Broken(why), .. }) => {
            return Err(LocalError::Broken { name: name.clone(), why });
        }
        Some(LocalCluster { state: State::Unfinished, .. }) => {
            say(Step::Remaking);
            maker.remove(name).await?;
            (make(maker, wish, say).await?, true)
        }
        Some(LocalCluster { ports: None, .. }) => {
            let why = "its load balancer has no ports for HTTP and HTTPS".to_owned();
            return Err(LocalError::Broken { name: name.clone(), why });
        }
        Some(LocalCluster { state: State::Running, ports: Some(ports), .. }) => {
            say(Step::Runs);
            (ports, false)
        }
        Some(LocalCluster { state: State::Stopped, ports: Some(ports), .. }) => {
            say(Step::Starting);
            maker.start(name, wish.timeout).await?;
            (ports, false)
        }
    };
    let context = maker.add_context(name).await?;
    Ok(Up { context, ports, is_new })
}

/// Makes a cluster. A port can be taken although it seemed free: by whoever was quicker, or by what is only seen by the
/// container engine, which may run elsewhere.
async fn make(maker: &dyn Maker, wish: &Wish<'_>, say: &(dyn Fn(Step) + Sync)) -> Result<Ports, LocalError> {
    let mut refused = Vec::new();
    for _ in 0..TRIES {
        let ports = Ports::choose(&|port| !refused.contains(&port) && (wish.free)(port))?;
        say(Step::Making(ports));
        let taken = match maker.create(&wish.name, wish.owner, wish.address, ports, wish.timeout).await {
            Ok(()) => return Ok(ports),
            Err(LocalError::PortsTaken { ports, .. }) => ports,
            Err(error) => return Err(error),
        };
        // The port of the API is another one each time.
        refused.extend(&taken);
        for port in [ports.http, ports.https].into_iter().filter(|port| taken.contains(port)) {
            say(Step::PortTaken(port));
        }
        if taken.is_empty() {
            refused.extend([ports.http, ports.https]);
        }
        // k3d removes what it has made when it fails, unless it cannot.
        if let Some(LocalCluster { state: State::Unfinished, owner, .. }) = maker.find(&wish.name).await?
            && owner != Owner::Other
        {
            maker.remove(&wish.name).await?;
        }
    }
    Err(LocalError::PortsTaken { name: wish.name.clone(), ports: refused })
}
