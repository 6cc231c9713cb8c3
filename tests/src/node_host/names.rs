//! The names of Services, as files of a folder: one for each Service, in the form of `/etc/hosts`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Service;
use kube::runtime::watcher::{Config, Event};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, ResourceExt as _};

/// Keeps the folder as the Services are, for ever.
pub(super) async fn follow(client: Client, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut services = watcher(Api::<Service>::all(client), Config::default()).default_backoff().boxed();
    let mut names = Names { folder: folder.to_owned(), known: BTreeMap::new(), listed: BTreeMap::new() };
    while let Some(event) = services.next().await {
        match event {
            Ok(Event::Init) => names.listed.clear(),
            Ok(Event::InitApply(service)) => names.listed.extend(record(&service)),
            Ok(Event::InitDone) => names.replace()?,
            Ok(Event::Apply(service)) => match record(&service) {
                Some((name, line)) => names.put(name, line)?,
                None => names.remove(&file_name(&service))?,
            },
            Ok(Event::Delete(service)) => names.remove(&file_name(&service))?,
            // A watch that fails is taken up again by itself.
            Err(_) => {}
        }
    }
    Ok(())
}

struct Names {
    folder: PathBuf,
    /// What the files hold.
    known: BTreeMap<String, String>,
    /// What a listing that goes on has brought so far.
    listed: BTreeMap<String, String>,
}

impl Names {
    fn put(&mut self, name: String, line: String) -> std::io::Result<()> {
        if self.known.get(&name) != Some(&line) {
            std::fs::write(self.folder.join(&name), &line)?;
            self.known.insert(name, line);
        }
        Ok(())
    }

    fn remove(&mut self, name: &str) -> std::io::Result<()> {
        match self.known.remove(name) {
            Some(_) => std::fs::remove_file(self.folder.join(name)),
            None => Ok(()),
        }
    }

    fn replace(&mut self) -> std::io::Result<()> {
        let listed = std::mem::take(&mut self.listed);
        let gone: Vec<_> = self.known.keys().filter(|name| !listed.contains_key(*name)).cloned().collect();
        gone.iter().try_for_each(|name| self.remove(name))?;
        listed.into_iter().try_for_each(|(name, line)| self.put(name, line))
    }
}

/// The file of a Service, and its line; none for a Service without an address.
fn record(service: &Service) -> Option<(String, String)> {
    let address = service.spec.as_ref()?.cluster_ip.as_deref().filter(|address| *address != "None")?;
    let (name, namespace) = (service.name_any(), service.namespace()?);
    Some((file_name(service), format!("{address} {name}.{namespace}.svc.cluster.local\n")))
}

fn file_name(service: &Service) -> String {
    format!("{}.{}", service.namespace().unwrap_or_default(), service.name_any())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn service(name: &str, address: Option<&str>) -> Service {
        let service = json!({"metadata": {"name": name, "namespace": "ns"}, "spec": {"clusterIP": address}});
        serde_json::from_value(service).expect("a Service")
    }

    #[test]
    fn services_with_an_address_have_a_name() {
        let line = "10.96.7.1 api.ns.svc.cluster.local\n".to_owned();
        assert_eq!(record(&service("api", Some("10.96.7.1"))), Some(("ns.api".to_owned(), line)));
        assert_eq!(record(&service("api", Some("None"))), None);
        assert_eq!(record(&service("api", None)), None);
    }

    #[test]
    fn the_folder_is_as_the_services_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut names = Names { folder: folder.path().to_owned(), known: BTreeMap::new(), listed: BTreeMap::new() };
        let files = || {
            let mut files: Vec<_> = folder
                .path()
                .read_dir()
                .expect("a folder")
                .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"))
                .collect();
            files.sort();
            files
        };
        names.put("a".to_owned(), "1".to_owned()).expect("written");
        names.put("b".to_owned(), "2".to_owned()).expect("written");
        names.listed.insert("b".to_owned(), "3".to_owned());
        names.listed.insert("c".to_owned(), "4".to_owned());
        names.replace().expect("written");
        assert_eq!(files(), ["3", "4"]);
        names.remove("c").expect("removed");
        names.remove("never").expect("nothing to remove");
        assert_eq!(files(), ["3"]);
    }
}
