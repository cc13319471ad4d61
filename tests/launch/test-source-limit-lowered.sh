#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --source-limit: a lower N counts what runs with a higher one have, in
# whichever slots.
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
expect_nothing_left
