#!/usr/bin/env bash
# Fetches the official release binaries of Kubernetes and etcd into a folder: fetch-kubernetes.sh <folder>.
#   AIDC_KUBE_MIRROR   in place of https://dl.k8s.io/release
#   AIDC_ETCD_MIRROR   in place of https://github.com/etcd-io/etcd/releases/download
# Every file is compared with the sum that is published next to it, and with the line of kubernetes-sums where that has one:
# only the latter protects against a server that was broken into, or a mirror that lies.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"

target=$1
architecture=$(release_architecture) || die "no release binaries for $(uname -m)"
sums=${AIDC_KUBE_SUMS:-$ROOT/hack/lib/kubernetes-sums}
mkdir -p "$(dirname "$target")"
# What a run that was killed has left; set-up lets one run at a time.
rm -rf "$target".??????
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# fetch <address> <file> <most bytes>
fetch() {
  curl -fsSL --proto-redir =https --retry 3 --connect-timeout 10 --speed-limit 1000 --speed-time 60 --max-filesize "$3" -o "$2" "$1" ||
    die "$1 cannot be had"
}

# verify <file> <published sum> <name in kubernetes-sums>
verify() {
  local file=$1 published=$2 name=$3 actual pinned
  actual=$(sha256sum "$file" | cut -d' ' -f1)
  [[ $published =~ ^[0-9a-f]{64}$ ]] || die "what is published as the sum of $name is none"
  [ "$actual" = "$published" ] || die "$name is not what its published sum says: damaged on its way, or changed"
  pinned=$(awk -v name="$name" '$2 == name {print $1}' "$sums")
  if [ -z "$pinned" ]; then
    say "$name: agrees with its published sum; hack/lib/kubernetes-sums has none ($actual)"
  else
    [ "$actual" = "$pinned" ] || die "$name is not the file whose sum is in hack/lib/kubernetes-sums"
  fi
}

mkdir finished
for program in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
  address=$(release_mirror)/$KUBE_RELEASE/bin/linux/$architecture/$program
  fetch "$address" "finished/$program" 500000000
  fetch "$address.sha256" "$program.sha256" 1000
  verify "finished/$program" "$(tr -d ' \n' <"$program.sha256")" "kubernetes-$KUBE_RELEASE-linux-$architecture-$program"
done

archive=etcd-$ETCD_RELEASE-linux-$architecture.tar.gz
etcd_mirror=${AIDC_ETCD_MIRROR:-https://github.com/etcd-io/etcd/releases/download}
fetch "${etcd_mirror%/}/$ETCD_RELEASE/$archive" "$archive" 200000000
fetch "${etcd_mirror%/}/$ETCD_RELEASE/SHA256SUMS" SHA256SUMS 100000
verify "$archive" "$(awk -v name="$archive" '$2 == name {print $1; exit}' SHA256SUMS)" "$archive"
tar -xzf "$archive" --no-same-owner -C finished --strip-components=1 "${archive%.tar.gz}/etcd"

chmod 755 finished finished/*
rm -rf "$target"
mv finished "$target"
