#!/usr/bin/env bash
# Tests what the other tests are counted with. Prints "ok - …" and "not ok - …" lines.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# counts <sentence> <last line wanted> <exit code wanted>: of the results in $work/results, which are then removed.
counts() {
  local output status=0
  output=$("$ROOT/hack/test-results.sh" "$work/results") || status=$?
  if [ "$(tail -n 1 <<<"$output")" = "$2" ] && [ "$status" -eq "$3" ]; then
    printf 'ok - counting: %s\n' "$1"
  else
    printf 'not ok - counting: %s\n' "$1"
    say "wanted '$2' and exit code $3, got exit code $status and: $output"
  fi
  rm -rf "$work/results"
  mkdir "$work/results"
}

trx() {
  printf '<TestRun><Counters total="%d" executed="%d" passed="%d" failed="%d" error="0" timeout="0" notExecuted="0" /></TestRun>\n' \
    "$1" "$2" "$3" "$4"
}

mkdir "$work/results"
counts "nothing that ran is a failure" "0 passed, 0 failed, 0 skipped" 1
trx 7 3 3 0 >"$work/results/a.trx"
counts "tests that did not run are skipped" "3 passed, 0 failed, 4 skipped" 0
trx 5 5 3 2 >"$work/results/a.trx"
trx 1 1 1 0 >"$work/results/b.trx"
counts "projects are summed and a failure fails" "4 passed, 2 failed, 0 skipped" 1
trx 2 2 2 0 >"$work/results/a.trx"
echo 134 >"$work/results/a.exit"
counts "a run that crashed after its tests is a failure" "2 passed, 1 failed, 0 skipped" 1
echo 1 >"$work/results/a.exit"
counts "a run without results is a failure" "0 passed, 1 failed, 0 skipped" 1
echo '<TestRun>' >"$work/results/a.trx"
counts "a file cut short is a failure" "0 passed, 1 failed, 0 skipped" 1
printf 'ok - a\nnot ok - b\nok - c # SKIP because\n' >"$work/results/a.tap"
counts "scripts' tests count too" "1 passed, 1 failed, 1 skipped" 1

# The installation, against a kubectl that writes down what it is asked and refuses definitions where REFUSE says so.
mkdir -p "$work/repo/hack" "$work/bin"
cp -r "$ROOT/hack/install.sh" "$ROOT/hack/lib" "$work/repo/hack/"
printf '#!/bin/sh\n' >"$work/bin/make"
cat >"$work/bin/kubectl" <<'END'
#!/bin/sh
input=
case " $* " in *" -f - "*) input=$(cat) ;; *" -f install.yaml "*) input=$(cat install.yaml) ;; esac
echo "$*: $(printf '%s\n' "$input" | sed -n 's/^kind: //p' | tr '\n' ' ')" >>"$CALLS"
case $input in *CustomResourceDefinition*) if [ -n "${REFUSE:-}" ]; then echo "no such key: name" >&2; exit 1; fi ;; esac
END
chmod +x "$work/bin/make" "$work/bin/kubectl"
printf -- '---\nkind: Namespace\n---\nkind: Deployment\n---\napiVersion: v1\nkind: CustomResourceDefinition\n---\nkind: CustomResourceDefinition\n' \
  >"$work/repo/install.yaml"

install_with() {
  : >"$work/calls"
  env PATH="$work/bin:$PATH" AIDC_KUBE_BIN="$work/bin" CALLS="$work/calls" KUBECONFIG="$work/none" "$@" "$work/repo/hack/install.sh" 2>&1
}

if output=$(install_with REFUSE=1) || ! grep -q "refuses the resource definitions .* nothing was installed" <<<"$output" ||
  grep '^apply' "$work/calls" | grep -qv -- --dry-run; then
  printf 'not ok - installation: where a definition is refused nothing is left behind, and it says so\n'
  say "$output" "$(cat "$work/calls")"
else
  printf 'ok - installation: where a definition is refused nothing is left behind, and it says so\n'
fi
if output=$(install_with REFUSE=) && [ "$(grep -m 1 '^apply -f' "$work/calls")" = "apply -f -: CustomResourceDefinition CustomResourceDefinition " ]; then
  printf 'ok - installation: the definitions come first\n'
else
  printf 'not ok - installation: the definitions come first\n'
  say "$output" "$(cat "$work/calls")"
fi

# tasks <sentence> <exit code wanted> <text wanted> <script>: what several programs at once look like.
tasks() {
  local output status=0
  output=$(bash -c '. "$1/hack/lib/common.sh"; . "$1/hack/lib/tasks.sh"; set -euo pipefail; '"$4" tasks "$ROOT" "$work" 2>&1) || status=$?
  if [ "$status" -eq "$2" ] && grep -qF -- "$3" <<<"$output"; then
    printf 'ok - tasks: %s\n' "$1"
  else
    printf 'not ok - tasks: %s\n' "$1"
    say "wanted '$3' and exit code $2, got exit code $status and: $output"
  fi
}

# shellcheck disable=SC2016 # expanded by the inner shell
{
  tasks "all are waited for" 0 'second: done in' \
    'start_task first "$2/1.log" true; start_task second "$2/2.log" sleep 1; wait_for_tasks'
  tasks "one that fails shows the end of its log and its exit code" 3 'it broke here' \
    'start_task good "$2/1.log" true; start_task bad "$2/2.log" bash -c "echo it broke here; exit 3"; wait_for_tasks'
  tasks "when one fails, the others are ended with what they started" 0 'none is left' \
    'start_task long "$2/1.log" bash -c "sleep 600 & wait"; group=${TASK_PIDS[0]}
     start_task bad "$2/2.log" false; wait_for_tasks || true
     for _ in $(seq 100); do kill -0 -- "-$group" 2>/dev/null || { echo none is left; break; }; sleep 0.1; done'
}

# A machine on which the CRD server cannot be built: its tests are skipped with the reason, and the set-up goes on.
printf '#!/bin/sh\necho "no such suite: sid" >&2\nexit 100\n' >"$work/bin/apt-get"
chmod +x "$work/bin/apt-get"
if output=$(env PATH="$work/bin:$PATH" HOME="$work/home" AIDC_CRD_SERVER= "$ROOT/hack/setup.sh" crdserver 2>&1) &&
  grep -q "its tests will be skipped: it could not be built: no such suite: sid" <<<"$output" && [ -s "$work/home/.cache/aidc/crd-server/why-none" ]; then
  printf 'ok - set-up: a CRD server that cannot be built is said and stops nothing else\n'
else
  printf 'not ok - set-up: a CRD server that cannot be built is said and stops nothing else\n'
  say "$output"
fi
