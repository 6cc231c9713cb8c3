# What the control plane's scripts share: the version, where builds are kept, and how a script gives up. Sourced, never
# run.
# shellcheck shell=bash

# Debian bookworm's source package carries this version; nothing else is known to build with build.sh's steps.
readonly KUBERNETES_VERSION=1.20.2
readonly PROGRAMS=(etcd kube-apiserver kube-controller-manager kube-scheduler)
# What a node consists of, below its folder: two programs that are built, and the tree of unpacked packages.
readonly NODE_PROGRAMS=(kubelet kube-proxy)
readonly NODE_PARTS=(bin/kubelet bin/kube-proxy root/bin/busybox root/usr/bin/containerd root/usr/lib/cni/bridge
  root/usr/sbin/conntrack root/usr/sbin/dnsmasq root/usr/sbin/runc root/usr/sbin/xtables-nft-multi)
# "Cannot be had on this machine", as opposed to "went wrong": callers skip on the one and fail on the other.
readonly EXIT_UNAVAILABLE=77

# Where the kubelet tells pods to look names up.
readonly CLUSTER_DNS=10.96.0.10

# A node's network device on the machine, which is its name as well. Numbers tell nodes of one machine apart.
node_device() { printf 'cht-node-%s\n' "$1"; }

default_cache() { printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/cht-control-plane"; }

# The folder inside a cache that holds this version's programs.
programs_in() { printf '%s\n' "$1/$KUBERNETES_VERSION"; }

# True when every program is there. A build is moved into place whole, so it never sees half of one.
is_built() {
  local folder name
  folder=$(programs_in "$1")
  for name in "${PROGRAMS[@]}"; do
    [[ -x $folder/$name ]] || return 1
  done
}

# The folder inside a cache that holds the node's.
node_in() { printf '%s\n' "$1/$KUBERNETES_VERSION-node"; }

is_node_built() {
  local folder part
  folder=$(node_in "$1")
  for part in "${NODE_PARTS[@]}"; do
    [[ -x $folder/$part ]] || return 1
  done
}

fail() {
  printf 'control plane: %s\n' "$*" >&2
  exit 1
}

unavailable() {
  printf 'control plane: cannot be had here: %s\n' "$*" >&2
  exit "$EXIT_UNAVAILABLE"
}

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || unavailable "the command '$tool' is missing"
  done
}

no_node() {
  printf 'control plane: a node cannot be had here: %s\n' "$*" >&2
  exit "$EXIT_UNAVAILABLE"
}

# A node's namespaces take root, and Kubernetes of this version knows the first kind of cgroups only.
need_node_support() {
  local tool controller
  ((EUID == 0)) || no_node 'it takes root'
  for tool in curl ip mount nsenter openssl unshare; do
    command -v "$tool" >/dev/null || no_node "the command '$tool' is missing"
  done
  for controller in cpu cpuacct cpuset devices freezer memory pids; do
    grep -qE "^[1-9][0-9]*:([^:]*,)?$controller(,[^:]*)?:" /proc/self/cgroup ||
      no_node "this machine has no cgroup v1 hierarchy of '$controller'"
  done
}
