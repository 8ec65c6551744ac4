#!/usr/bin/env bash
# Runs the trainer as it was built on this machine: trainer.sh <arguments of aidc-trainer>.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "$root/hack/dotnet.sh" "$root/artifacts/dotnet/bin/AiDc.Trainer/release_linux-x64/aidc-trainer.dll" "$@"
