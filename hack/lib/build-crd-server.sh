#!/usr/bin/env bash
# Builds the CRD machinery of a current Kubernetes (k8s.io/apiextensions-apiserver) from Debian's packages of its Go
# sources: build-crd-server.sh <folder>; the program becomes <folder>/<version>/crd-server. It has what the API server that
# Debian lets us build (1.20) lacks: CEL rules, strict fields, ownership per subresource in server-side apply.
# Sid has the sources and a Go that is new enough for them. Both are fetched with an apt state of their own, which needs no
# root and leaves the machine's own alone, checked by apt against the archive's signature, and unpacked into a temporary
# folder; nothing is installed. Sid moves: whatever version it has today is taken.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

target=$1
package=golang-k8s-apiextensions-apiserver-dev
have apt-get || die "Debian's packages of the sources are fetched with apt-get, which is missing"
work=$(mktemp -d "${TMPDIR:-/tmp}/aidc-crd-server.XXXXXX")
trap 'rm -rf "$work"' EXIT

mirror=$(debian_mirror)
mkdir -p "$work"/apt/{etc/preferences.d,lists/partial,cache/archives/partial,debs} "$work/root"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$work/apt/etc/sources.list"
: >"$work/apt/status"
apt=(-q -o "Dir::State=$work/apt" -o "Dir::State::Lists=$work/apt/lists" -o "Dir::State::status=$work/apt/status"
  -o "Dir::Cache=$work/apt/cache" -o "Dir::Etc=$work/apt/etc" -o "APT::Sandbox::User=$(id -un)" -o APT::Install-Recommends=false
  -o Acquire::Check-Valid-Until=false -o Acquire::Retries=3 -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
apt-get "${apt[@]}" update

# To an empty machine apt would install all that the sources and the compiler need; only what is written in Go is wanted.
apt-get "${apt[@]}" -s install "$package" golang-go >"$work/plan"
mapfile -t packages < <(awk '/^Inst golang-/ {print $2}' "$work/plan")
version=$(awk -v package="$package" '$1 == "Inst" && $2 == package {gsub(/[(\[]/, "", $3); print $3}' "$work/plan")
upstream=${version%-*}
upstream=${upstream#*:}
# k8s.io/apiextensions-apiserver 0.36.4 is that of Kubernetes 1.36.4.
[[ $upstream =~ ^0\.[0-9]+\.[0-9]+$ ]] || die "cannot tell the Kubernetes version of $package '$version'"
kubernetes=v1.${upstream#0.}
if [ -x "$target/$kubernetes/crd-server" ]; then
  echo "$target has $kubernetes already"
  exit 0
fi
# To download and to fail at every run of the tests helps nobody.
! grep -qsFx "$version" "$target/failed" || die "$package $version did not build before; to try again, remove $target/failed"
echo "$package $version: ${#packages[@]} packages"
(cd "$work/apt/debs" && apt-get "${apt[@]}" download "${packages[@]}")
for deb in "$work"/apt/debs/*.deb; do
  dpkg -x "$deb" "$work/root"
  rm "$deb"
done

goroot=$(find "$work/root/usr/lib" -maxdepth 1 -name 'go-1.*' | sort -V | tail -n 1)
[ -n "$goroot" ] || die "sid's golang-go brought no Go"
cd "$work/root/usr/share/gocode/src/k8s.io/apiextensions-apiserver"
# Without a module file and without the network, as Debian builds its packages. The version is what /version answers.
numbers=(-X "k8s.io/component-base/version.gitVersion=$kubernetes" -X k8s.io/component-base/version.gitMajor=1
  -X "k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<<"$kubernetes")")
env -u GOFLAGS GOROOT="$goroot" GOPATH="$work/root/usr/share/gocode" GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=0 \
  GOCACHE="$work/gocache" GOTMPDIR="$work" "$goroot/bin/go" build -trimpath -ldflags "-s -w ${numbers[*]}" -o "$work/crd-server" . || {
  mkdir -p "$target"
  echo "$version" >"$target/failed"
  die "$package $version does not build with $("$goroot/bin/go" version)"
}
# What does not start is no result.
"$work/crd-server" --help >/dev/null

mkdir -p "$target/$kubernetes"
rm -f "$target/failed"
mv "$work/crd-server" "$target/$kubernetes/crd-server.part"
mv "$target/$kubernetes/crd-server.part" "$target/$kubernetes/crd-server"
echo "built $target/$kubernetes/crd-server"
