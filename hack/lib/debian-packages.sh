#!/usr/bin/env bash
# Unpacks Debian packages of a suite into a folder, without installing anything: debian-packages.sh <suite> <folder> <package>…
# apt works with a state of its own, so the machine's package lists, sources and pins stay as they are. apt checks what it
# downloads against the archive's signatures.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

suite=$1 folder=$2
shift 2
state=$CACHE/apt/$suite
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$folder"
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$(debian_mirror)" "$suite" >"$state/sources.list"
options=(-q -o "Dir::State::Lists=$state/lists" -o Dir::State::status=/dev/null -o "Dir::Etc::SourceList=$state/sources.list"
  -o Dir::Etc::SourceParts=- -o Dir::Etc::PreferencesParts=- -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root)
apt-get "${options[@]}" update
work=$(mktemp -d "${TMPDIR:-/tmp}/aidc-packages.XXXXXX")
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get "${options[@]}" download "$@")
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$folder"; done
