# shellcheck shell=bash
# Control groups of the cluster: the kernel's own record of which processes are ours. Source after names.sh.
#
# Whatever a machine's processes fork stays in <hierarchy>/aidc-cluster/<machine>/…, so ending exactly those is possible
# even when every file of ours is lost. Version 1 (one hierarchy a controller) and version 2 (unified) are told apart by
# what is mounted.

# The mount points that our groups live in, one a line. Version 1 machines may show one hierarchy under two names, and
# some mount the unified hierarchy beside the others for their own use: that one is left alone.
cgroup_hierarchies() {
  local folder
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    printf '/sys/fs/cgroup\n'
    return
  fi
  for folder in /sys/fs/cgroup/*/; do
    if [ -e "$folder/cgroup.procs" ] && [ ! -e "$folder/cgroup.controllers" ]; then readlink -f "$folder"; fi
  done | sort -u
}

# Where groups of ours can be: where a machine mounts the unified hierarchy beside those of version 1, runc makes its own there too.
cgroup_places() {
  local folder
  cgroup_hierarchies
  for folder in /sys/fs/cgroup/*/; do
    if [ -e "$folder/cgroup.controllers" ] && [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then readlink -f "$folder"; fi
  done
}

# Creates aidc-cluster/<machine>/system everywhere.
create_cgroups() {
  local hierarchy level path
  while read -r hierarchy; do
    path=$hierarchy
    for level in "$CGROUP" "$1" system; do
      share_controllers "$path"
      path=$path/$level
      mkdir -p "$path"
      inherit_cpuset "$path"
    done
  done < <(cgroup_hierarchies)
}

# Version 2: children get only the controllers their parent hands on.
share_controllers() {
  local controller
  [ -e "$1/cgroup.subtree_control" ] || return 0
  while read -r controller; do
    echo "+$controller" 2>/dev/null >"$1/cgroup.subtree_control" || true
  done < <(tr ' ' '\n' <"$1/cgroup.controllers")
}

# Version 1: a new cpuset is empty, and no process can enter it before it is filled.
inherit_cpuset() {
  local file
  for file in cpuset.cpus cpuset.mems; do
    if [ -e "$1/$file" ] && [ ! -e "$1/cgroup.controllers" ] && [ -z "$(cat "$1/$file")" ]; then
      cat "$1/../$file" >"$1/$file"
    fi
  done
}

# Moves the calling (sub)shell into the machine's groups; what it starts is born there.
enter_cgroups() {
  local hierarchy
  while read -r hierarchy; do echo "$BASHPID" >"$hierarchy/$CGROUP/$1/system/cgroup.procs"; done < <(cgroup_hierarchies)
}

# cgroup_pids [machine]: the processes of one machine, or of the whole cluster.
cgroup_pids() {
  local hierarchy
  while read -r hierarchy; do
    # Groups vanish while they are being walked: what find says about that is of no interest.
    find "$hierarchy/$CGROUP${1:+/$1}" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done < <(cgroup_hierarchies) | sort -un | grep -v '^0$' || true
}

# Ends all processes of a machine (or of the cluster) and removes its groups.
end_cgroups() {
  local deadline=$((SECONDS + 30)) pid hierarchy
  while [ -n "$(cgroup_pids "$@")" ]; do
    for pid in $(cgroup_pids "$@"); do kill -9 "$pid" 2>/dev/null || true; done
    [ "$SECONDS" -lt "$deadline" ] || die "processes of the cluster do not end: $(cgroup_pids "$@" | paste -sd' ')"
    sleep 0.1
  done
  while read -r hierarchy; do
    until remove_groups "$hierarchy/$CGROUP${1:+/$1}"; do
      [ "$SECONDS" -lt "$deadline" ] || die "control group $hierarchy/$CGROUP${1:+/$1} cannot be removed"
      sleep 0.1
    done
  done < <(cgroup_places)
}

remove_groups() {
  [ -d "$1" ] || return 0
  find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
  [ ! -d "$1" ]
}
