#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --source-limit: a lower N counts what runs with a higher one have, in
# whichever slots, and a higher one all disks of a guest that has more than its
# own N.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/limits"
limit=(--limit-dir "$tmpdir/limits" --wait-timeout 1 -q -o null)

# hold SLOT: as a run that has it does, until its descriptor is closed.
touch "$tmpdir"/limits/localhost+{0,1,2,3}
exec 11<"$tmpdir/limits/localhost+2" 12<"$tmpdir/limits/localhost+3"
flock -n 11
flock -n 12

for n in 1 2; do
    run_expecting 4:session-limit:true v2v-nbdkit-launch --source-limit $n \
        "${limit[@]}" "$tmpdir/disk"
done
run_expecting 0 v2v-nbdkit-launch --source-limit 3 "${limit[@]}" \
    "$tmpdir/disk"
run_expecting 4:session-limit:true v2v-nbdkit-launch --source-limit 3 \
    "${limit[@]}" "$tmpdir/disk" "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch --source-limit 4 "${limit[@]}" \
    "$tmpdir/disk" "$tmpdir/disk"
flock -u 11
run_expecting 0 v2v-nbdkit-launch --source-limit 2 "${limit[@]}" \
    "$tmpdir/disk"
exec 11<&- 12<&-

run_in_background v2v-nbdkit-launch --source-limit 1 "${limit[@]}" \
    "$tmpdir"/disk{,,} \
    --convert "touch '$tmpdir/reached'; sleep 1000"
wait_for test -e "$tmpdir/reached"
run_expecting 4:session-limit:true v2v-nbdkit-launch --source-limit 4 \
    "${limit[@]}" "$tmpdir/disk" "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch --source-limit 4 "${limit[@]}" \
    "$tmpdir/disk"
kill -TERM "$tool_pid"
wait_expecting 143:interrupted:true
expect_nothing_left
