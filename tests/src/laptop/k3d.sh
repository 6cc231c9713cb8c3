#!/bin/sh
# Plays k3d 5: answers and complains as it does, and keeps its clusters as folders in $K3D_PLAYED, where a test also says
# what goes wrong. Every call is written down in `calls`.
PATH=/usr/bin:/bin
state=$K3D_PLAYED
printf '%s\n' "$*" >>"$state/calls"

info() { printf 'INFO[0000] %s \n' "$1"; }
erro() { printf 'ERRO[0001] %s \n' "$1" >&2; }
die() { printf 'FATA[0001] %s \n' "$1" >&2; exit 1; }

# ask_engine WHAT: fails as the container engine does, when a test says that it fails.
ask_engine() {
  [ ! -e "$state/engine" ] || die "$1: $(cat "$state/engine")"
}

node() { # NAME ROLE STATUS PORTS LABELS
  [ "$3" = running ] && running=true || running=false
  printf '{"name":"%s","role":"%s","image":"rancher/k3s","env":["K3S_TOKEN=Canary-token"],"Cmd":null,' "$1" "$2"
  printf '"portMappings":{%s},"runtimeLabels":{"k3d.cluster.token":"Canary-token"%s},' "$4" "$5"
  printf '"State":{"Running":%s,"Status":"%s","Started":""}}' "$running" "$3"
}

list() {
  separator=
  printf '['
  for cluster in "$state"/clusters/*/; do
    [ -d "$cluster" ] || continue
    name=$(basename "$cluster")
    mark=$(cat "$cluster/mark" 2>/dev/null)
    printf '%s{"name":"%s","network":{"name":"k3d-%s","id":"1"},"nodes":[' "$separator" "$name" "$name"
    node "k3d-$name-server-0" server "$(cat "$cluster/server")" '' "${mark:+,\"k3d-cht\":\"$mark\"}"
    if [ -e "$cluster/balancer" ]; then
      printf ','
      ports='"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"%s"}],"443/tcp":[{"HostIp":"127.0.0.1","HostPort":"%s"}]'
      # shellcheck disable=SC2059
      ports=$(printf "$ports" "$(cat "$cluster/http")" "$(cat "$cluster/https")")
      node "k3d-$name-serverlb" loadbalancer "$(cat "$cluster/balancer")" "$ports" ''
    fi
    printf '],"serversRunning":1,"serversCount":1,"agentsRunning":0,"agentsCount":0,"hasLoadbalancer":true}'
    separator=,
  done
  printf ']\n'
}

# refuse_taken CLUSTER: fails where a port of it is one that a test says is taken.
refuse_taken() {
  for port in "$(cat "$1/http")" "$(cat "$1/https")"; do
    ! grep -qx "$port" "$state/taken" 2>/dev/null || {
      erro "Failed Cluster Start: Failed to add one or more helper nodes: runtime failed to start node: Error response from \
daemon: driver failed programming external connectivity on endpoint: Bind for 127.0.0.1:$port failed: port is already \
allocated"
      return 1
    }
  done
}

create() {
  name=$1
  cluster=$state/clusters/$name
  shift
  [ ! -d "$cluster" ] || die "Failed to create cluster '$name' because a cluster with that name already exists"
  info 'Prep: Network'
  mkdir -p "$cluster"
  printf created >"$cluster/server"
  while [ $# -gt 0 ]; do
    case $1,$2 in
      --port,*:80@loadbalancer) printf '%s\n' "$2" | cut -d: -f2 >"$cluster/http" ;;
      --port,*:443@loadbalancer) printf '%s\n' "$2" | cut -d: -f2 >"$cluster/https" ;;
      --runtime-label,k3d-cht=*@server:0) printf '%s' "$2" | sed 's/.*=//; s/@.*//' >"$cluster/mark" ;;
    esac
    shift
  done
  # Until a test lets it go on.
  # shellcheck disable=SC2162
  [ ! -p "$state/hold" ] || { : >"$state/holding"; read _ <"$state/hold"; }
  printf created >"$cluster/balancer"
  if [ -e "$state/create" ]; then
    erro "Failed Cluster Start: $(cat "$state/create")"
    failed=1
  else
    printf running >"$cluster/server"
    refuse_taken "$cluster" && failed= || failed=1
  fi
  if [ -n "$failed" ]; then
    erro 'Failed to create cluster >>> Rolling Back'
    rm -r "$cluster"
    die 'Cluster creation FAILED, all changes have been rolled back!'
  fi
  printf running >"$cluster/balancer"
  info "Cluster '$name' created successfully!"
}

set_both() { printf '%s' "$2" >"$1/server"; printf '%s' "$2" >"$1/balancer"; }

case $1,$2 in
  version,*)
    printf 'k3d version %s\nk3s version v1.31.5-k3s1 (default)\n' "$(cat "$state/version" 2>/dev/null || echo v5.8.3)"
    ;;
  cluster,list)
    ask_engine 'runtime failed to list nodes: docker failed to get containers with labels'
    list
    ;;
  cluster,create)
    shift 2
    create "$@"
    ;;
  cluster,start)
    refuse_taken "$state/clusters/$3" || exit 1
    set_both "$state/clusters/$3" running
    ;;
  cluster,stop) set_both "$state/clusters/$3" exited ;;
  cluster,delete)
    info "Deleting cluster '$3'"
    rm -r "$state/clusters/$3"
    ;;
  kubeconfig,merge)
    mkdir -p "$HOME/.kube"
    sed "s/@NAME@/k3d-$3/" "$state/kubeconfig" >"$HOME/.kube/config"
    printf '%s\n' "$HOME/.kube/config"
    ;;
  *) die "unknown command: $*" ;;
esac
