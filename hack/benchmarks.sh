#!/usr/bin/env bash
# Runs the program of the benchmarks as it was built on this machine: benchmarks.sh <its arguments>. hack/bench.sh builds it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "$root/hack/dotnet.sh" "$root/artifacts/dotnet/bin/AiDc.Benchmarks/release_linux-x64/AiDc.Benchmarks.dll" "$@"
