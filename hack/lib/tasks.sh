# shellcheck shell=bash
# Several programs at once, with their progress in one line. Source after common.sh.
#
#   start_task <name> <log file> <program> [argument…]
#   wait_for_tasks       until all have ended; when one fails, the end of its log is shown and the others are ended

TASK_NAMES=() TASK_LOGS=() TASK_PIDS=() TASK_STARTS=()

# Each in a process group of its own, which can be ended as a whole.
start_task() {
  local name=$1 log=$2
  shift 2
  mkdir -p "$(dirname "$log")"
  setsid "$@" >"$log" 2>&1 </dev/null 7>&- 8>&- 9>&- &
  TASK_NAMES+=("$name") TASK_LOGS+=("$log") TASK_PIDS+=($!) TASK_STARTS+=("$SECONDS")
}

# What each is doing: the last line of its log, without the seconds that the line itself counts.
tasks_line() {
  local i line=''
  for i in "${!TASK_PIDS[@]}"; do
    line+="${line:+ | }${TASK_NAMES[i]} $((SECONDS - TASK_STARTS[i])) s ($(tail -n 1 "${TASK_LOGS[i]}" | sed 's/ … [0-9]* s$//' | cut -c 1-50))"
  done
  printf '%s\n' "$line"
}

end_tasks() {
  local pid
  for pid in "${TASK_PIDS[@]}"; do kill -- "-$pid" 2>/dev/null || true; done
  wait "${TASK_PIDS[@]}" 2>/dev/null || true
  TASK_NAMES=() TASK_LOGS=() TASK_PIDS=() TASK_STARTS=()
}

wait_for_tasks() {
  local i status said=$SECONDS
  trap end_tasks INT TERM
  while [ ${#TASK_PIDS[@]} -gt 0 ]; do
    for i in "${!TASK_PIDS[@]}"; do
      if kill -0 "${TASK_PIDS[i]}" 2>/dev/null; then continue; fi
      status=0
      wait "${TASK_PIDS[i]}" || status=$?
      if [ -t 2 ]; then printf '\r\033[K' >&2; fi
      if [ "$status" -ne 0 ]; then
        say "${TASK_NAMES[i]}: failed after $((SECONDS - TASK_STARTS[i])) s (exit code $status); the end of ${TASK_LOGS[i]}:"
        tail -n 25 "${TASK_LOGS[i]}" >&2
        unset "TASK_NAMES[i]" "TASK_LOGS[i]" "TASK_PIDS[i]" "TASK_STARTS[i]"
        end_tasks
        trap - INT TERM
        return "$status"
      fi
      say "${TASK_NAMES[i]}: done in $((SECONDS - TASK_STARTS[i])) s"
      unset "TASK_NAMES[i]" "TASK_LOGS[i]" "TASK_PIDS[i]" "TASK_STARTS[i]"
    done
    if [ ${#TASK_PIDS[@]} -eq 0 ]; then break; fi
    if [ -t 2 ]; then
      printf '\r\033[K%s' "$(tasks_line | cut -c "1-$(($(tput cols 2>/dev/null || echo 120) - 1))")" >&2
    elif [ $((SECONDS - said)) -ge 15 ]; then
      said=$SECONDS
      say "$(tasks_line)"
    fi
    sleep 0.5
  done
  trap - INT TERM
}
