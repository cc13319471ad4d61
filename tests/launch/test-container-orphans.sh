#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Process 1 of a container reaps what others leave: orphans do not stay as
# zombies.  When the run is killed, it waits for the guard.
. ./functions.sh
. "$abs_srcdir/container.sh"

requires_plugin curl
make_disk "$disk" 4M
start_nginx
url=$http_url/disk
container

# Each has another parent than process 1 at first; one starts others later.
cat >"$volume/orphans" <<'END'
for i in 1 2 3 4 5; do
    (sleep 0.1 & (sleep 0.2; exec sh -c 'true & exec sleep 0.1') &)
done
for i in $(seq 100); do
    grep -ls '^PPid:.1$' /proc/[0-9]*/status | xargs grep -ls '^State:.Z' \
        >"$1/zombies"
    cat /proc/[0-9]*/comm | grep -q '^sleep$' || break
    sleep 0.05
done
END
run_expecting 0 v2v-nbdkit-launch -q "$url" -os "$volume/out" -on guest \
    --convert "sh '$volume/orphans' '$volume'"
expect_same "$disk" "$volume/out/guest-sda"
expect test -f "$volume/zombies" -a ! -s "$volume/zombies"
expect_nothing_left

# What it leaves does not keep it.
SECONDS=0
run_expecting 0 v2v-nbdkit-launch -q "$url" -o null --convert \
    '(trap "" TERM; exec env -i setsid sleep 1000) >/dev/null 2>&1 &'
expect_seconds 20

# The kernel would kill the guard together with process 1.
run_in_background v2v-nbdkit-launch "$url" -os "$volume/out" -on other \
    --convert "touch '$volume/reached'; sleep 1000"
wait_for test -e "$volume/reached"
first=$(container_pid)
kill -KILL "$(pgrep -P "$first" -x v2v-nbdkit-laun)"
wait_expecting 137
expect test -z "$(ls -A "$TMPDIR")"
expect test -z "$(find "$volume/out" -name "other*")"
expect_nothing_left
