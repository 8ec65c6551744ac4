# shellcheck shell=bash
# A live table of one TrainingJob: rewritten in place on a terminal, a new line for each change elsewhere.

# watch_job NAMESPACE NAME — returns 0 when it succeeded, 1 when it failed.
watch_job() {
  local namespace=$1 name=$2 row='' last='' phase='' cells=()
  local format='    %-11s %-9s %-12s %-9s %-9s %-10s %-7s %s\n'
  # shellcheck disable=SC2059
  printf "$format" PHASE EPOCH STEP LOSS ACCURACY IMAGES/S ETA WHY
  while true; do
    row=$(kubectl -n "$namespace" get tj "$name" -o json | jq -r '
      .status // {} | .progress as $p |
      [ .phase // "Pending",
        (if $p.epoch then "\($p.epoch)/\($p.epochs // "?")" else "-" end),
        (if $p.step then "\($p.step)/\($p.totalSteps // "?")" else "-" end),
        (if $p.loss then ($p.loss * 10000 | round / 10000) else "-" end),
        (($p.metrics.accuracy // .result.metrics.testAccuracy // null) | if . then tostring[0:7] else "-" end),
        (if $p.samplesPerSecond then ($p.samplesPerSecond | round) else "-" end),
        ($p.eta // "-"),
        (.message // "") ] | map(tostring) | join("\t")')
    if [ "$row" != "$last" ]; then
      [ -t 1 ] && [ -n "$last" ] && printf '\033[1A\033[2K'
      IFS=$'\t' read -ra cells <<<"$row"
      # shellcheck disable=SC2059
      printf "$format" "${cells[@]}"
      last=$row
    fi
    phase=${row%%$'\t'*}
    case $phase in
      Succeeded) return 0 ;;
      Failed) return 1 ;;
    esac
    sleep 1
  done
}
