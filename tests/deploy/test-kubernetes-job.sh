#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Job of a guest, as the Pod of its template: a disk behind a password goes
# to a block device, and the exit status tells the Job whether to try again.
. ./functions.sh
. "$abs_srcdir/deploy/pods.sh"

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 16M
make_target 16M
start_nginx
make_image
make_secret password "$http_password"
source=(-io curl-user="$http_user" "$http_url/auth/disk")
target=(-o device -oo path=/dev/target -on)

job -ip /secret/password "${source[@]}" "${target[@]}" web
run_pod 0 "$tmpdir/objects"
expect result_is '.status == "ok" and .changed and .guest == "web"'
expect cmp "$tmpdir/www/disk" "$loop_device"
run_pod 0 "$tmpdir/objects"
expect result_is '.changed | not'
expect test -z "$(left 'v2v.*')"

# The statuses that the rules tell apart.
job ssh://user@127.0.0.1:1/disk "${target[@]}" away
run_pod 75 "$tmpdir/objects"
expect result_is '.retryable and .exit == 75'
make_secret password wrong
job -ip /secret/password "${source[@]}" "${target[@]}" other
run_pod 4 "$tmpdir/objects"
expect result_is '.reason == "auth" and (.retryable | not)'
make_secret password "$http_password"

# Without the group: what to do about it.
job -ip /secret/password "${source[@]}" "${target[@]}" group
sed -i 's/"supplementalGroups": \[6\]/"supplementalGroups": []/' \
    "$tmpdir/objects"
run_pod 1 "$tmpdir/objects"
expect result_is '.hint | test ("supplementalGroups")'

# Nothing but the volumes can be written to, and the user has no name.
job /none "${target[@]}" probe
# shellcheck disable=SC2016
jq -c 'if .kind == "Job" then .spec.template.spec.containers[0].command = [
        "sh", "-c", "
            ! touch /x && ! touch /tmp/x && ! touch /var/tmp/x &&
            ! id -un && ! id -u | grep -qx 0 &&
            grep -qx CapBnd:.0000000000000000 /proc/self/status &&
            grep -qx NoNewPrivs:.1 /proc/self/status &&
            grep -qx Seccomp:.2 /proc/self/status && test ! -e /dev/kvm &&
            cd /sys/fs/cgroup &&
            grep -qsx 268435456 memory.max memory/memory.limit_in_bytes"]
    else . end' "$tmpdir/objects" >"$tmpdir/probe"
run_pod 0 "$tmpdir/probe"
