# What the control plane's scripts share: the version, where builds are kept, and how a script gives up. Sourced, never
# run.
# shellcheck shell=bash

# Debian bookworm's source package carries this version; nothing else is known to build with build.sh's steps.
readonly KUBERNETES_VERSION=1.20.2
readonly PROGRAMS=(etcd kube-apiserver kube-controller-manager kube-scheduler)
# "Cannot be had on this machine", as opposed to "went wrong": callers skip on the one and fail on the other.
readonly EXIT_UNAVAILABLE=77

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
