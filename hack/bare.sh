#!/usr/bin/env bash
# Runs the project as on a machine that has nothing but what the README asks for: bare.sh [command…], default .ci/run.
#
# A fresh Debian root with make, git and the .NET SDK (this machine's, read-only), an empty home and cache, and a clean clone of
# HEAD; its own mounts and processes, this machine's network. So nothing that was once installed or left here by hand can hide
# a missing step. Needs root; the local cluster must be down, as its names are one a machine.
#   BARE_SUITE  the Debian release of the root (default: bookworm)
#   BARE_KEEP   set: the root stays, and its path is printed
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/apt.sh"
for part in names cgroups network machines; do . "$ROOT/hack/cluster/$part.sh"; done

[ "$(id -u)" -eq 0 ] || die "a root of its own needs root: sudo make bare"
[ "$(cluster_state)" = none ] || die "the local cluster is there: make cluster-down first"
[ $# -gt 0 ] || set -- .ci/run
"$ROOT/hack/setup.sh" base images

suite=${BARE_SUITE:-bookworm}
sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")
bare=$(mktemp -d "${TMPDIR:-/var/tmp}/aidc-bare.XXXXXX")
# Only what is on this file system: mounts are in a namespace of their own and are gone by then.
if [ -n "${BARE_KEEP:-}" ]; then say "the root, which stays: $bare"; else trap 'rm -rf --one-file-system "$bare"' EXIT; fi

with_progress "making a fresh Debian ($suite)" "$CACHE/log/bare-debootstrap.log" \
  debootstrap --variant=minbase --include=make,git,ca-certificates,libssl3,zlib1g "$suite" "$bare" "$(debian_mirror)"
# The same mirror, name servers and certificates: how this machine reaches the network is no part of what is tested.
cp /etc/resolv.conf "$bare/etc/resolv.conf"
cp -a /etc/ssl/certs/. "$bare/etc/ssl/certs/"
mkdir -p "$bare$HOME" "$bare$sdk" "$bare/old" "$bare/aidc"
ln -s "$sdk/dotnet" "$bare/usr/bin/dotnet"
git clone -q --no-hardlinks "$ROOT" "$bare/aidc"
git -C "$bare/aidc" log -1 --format='the clone is at %h %s' >&2

settings=(HOME="$HOME" USER=root LANG=C.UTF-8 TERM="${TERM:-dumb}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1)
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY NUGET_CERT_REVOCATION_MODE; do
  if [ -n "${!name:-}" ]; then settings+=("$name=${!name}"); fi
done

start=$SECONDS status=0
# shellcheck disable=SC2016 # expanded inside
unshare --mount --pid --fork --kill-child --propagation private bash -euc '
  bare=$1 sdk=$2
  shift 2
  mount --bind "$bare" "$bare"
  mount --bind "$sdk" "$bare$sdk"
  mount -o remount,bind,ro "$bare$sdk"
  mount --rbind /sys "$bare/sys"
  mount --rbind /dev "$bare/dev"
  mount -t proc proc "$bare/proc"
  mount -t tmpfs -o mode=755 tmpfs "$bare/run"
  cd "$bare"
  pivot_root . old
  umount -l /old
  cd /aidc
  exec "$@"
' bare "$bare" "$sdk" env -i "${settings[@]}" "$@" || status=$?
say "bare: '$*' ended with exit code $status after $(((SECONDS - start) / 60)) minutes"
exit "$status"
