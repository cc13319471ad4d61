#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o disk: one run at a time writes a guest of that name to a directory,
# whatever state directories the runs have; the lock ends with its run.
. ./functions.sh

mkdir "$tmpdir/out" "$tmpdir/other"
make_disk "$tmpdir/two" 2M
start_at copying
for options in "" --resume --check "--resume -of qcow2"; do
    # shellcheck disable=SC2086
    out=$tmpdir/out2 err=$tmpdir/err2 \
        run_expecting 1:target-busy:true v2v-nbdkit-launch -o disk \
        -os "$tmpdir/out/../out" -on guest $options \
        --state-dir "$tmpdir/other" "$tmpdir/two"
done
# If the lock's file is removed, the run still has the files that it writes.
rm "$tmpdir/out/guest.part/.lock"
out=$tmpdir/out2 err=$tmpdir/err2 \
    run_expecting 6:target-busy:true v2v-nbdkit-launch -o disk \
    -os "$tmpdir/out" -on guest --resume "$tmpdir/two"
# Another guest is not in the way.
out=$tmpdir/out2 err=$tmpdir/err2 run_expecting 0 v2v-nbdkit-launch \
    -o disk -os "$tmpdir/out" -on other "$tmpdir/two"
expect_same "$tmpdir/two" "$tmpdir/out/other-sda"
# Nor does it remove a lock that is not its own.
touch "$tmpdir/out/guest.part/.lock"
echo 100G >"$tmpdir/rate"
wait_expecting 0
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
rm -r "$tmpdir/out/guest.part"
expect test "$(ls -A "$tmpdir/out")" = "guest-sda
guest.xml
other-sda
other.xml"

# A killed run leaves nothing, and its guard is waited for.
rm -r "$tmpdir/out"
start_at converting
kill -KILL "$tool_pid"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/two"
tool_pid=
expect_same "$tmpdir/two" "$tmpdir/out/guest-sda"

# The lock file of a run that died with its guard is no obstacle.
mkdir -m 700 "$tmpdir/out/guest.part"
touch "$tmpdir/out/guest.part/.lock"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/two"
expect test "$(ls -A "$tmpdir/out")" = "guest-sda
guest.xml"

# An unfinished disk that is left is nobody's: waiting does not help.
mkdir -m 700 "$tmpdir/out/left.part"
echo left >"$tmpdir/out/left.part/sda"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on left "$tmpdir/disk")
for check in "" --check; do
    # shellcheck disable=SC2086
    run_expecting 1:target-busy:false:true "${copy[@]}" $check \
        --convert "touch '$tmpdir/converted'"
    expect_hint '--resume'
    expect test ! -e "$tmpdir/converted"
done
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/out/left-sda"
expect_nothing_left
