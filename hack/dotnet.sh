#!/usr/bin/env bash
# Runs dotnet for a program that loads TorchSharp: dotnet.sh <arguments of dotnet>. The installed one where the machine's C++
# library is new enough, else the one that `hack/setup.sh native` made (hack/lib/torch-runtime.sh says how). Models of text find
# their locale (hack/lib/text-locale.sh).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/torch-runtime.sh"
. "$ROOT/hack/lib/text-locale.sh"

dotnet=$(dotnet_for_torch)
[ -x "$dotnet" ] || die "no .NET runtime that can load TorchSharp: run hack/setup.sh native"
use_text_locale
exec "$dotnet" "$@"
