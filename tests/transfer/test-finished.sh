#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --resume of a run that has finished: nothing is done, and the result says so,
# as long as source, target and request are as they were.  Otherwise it is
# refused, and the target is not touched.
. ./functions.sh

requires_plugin file
requires_program jq
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
result=$tmpdir/result
copy=(v2v-nbdkit-launch --result-file "$result" -os "$tmpdir/out" -on guest)
changed () { jq .changed "$result"; }
target_facts () { stat -c '%i %Z %s' "$tmpdir/out/guest-sda"; }

# refused STATUS REASON WHY COMMAND...: by --check, too.
refused ()
{
    local before

    before=$(target_facts)
    run_expecting "$1:$2:false" "${@:4}" --check
    run_expecting "$1" "${@:4}"
    expect_error "$3"
    expect test "$(jq -r '.reason, .retryable, .resumable' "$result" |
        xargs)" = "$2 false false"
    expect_stderr 'hint: .*without --resume'
    expect test "$(target_facts)" = "$before"
}

# Nothing was done: it is done.  Then, nothing is.
run_expecting 0 "${copy[@]}" --resume --checksum "$tmpdir/disk"
expect test "$(changed)" = true
jq -S .disks "$result" >"$tmpdir/first"
before=$(target_facts)
for i in 1 2; do
    run_expecting 0 "${copy[@]}" --resume --checksum "$tmpdir/disk"
    expect test "$(changed)" = false
    expect_stderr 'has already finished'
    expect diff "$tmpdir/first" <(jq -S .disks "$result")
    expect test "$(target_facts)" = "$before"
done
# Programs and people see the end of it as of any other run.
run_expecting 0 "${copy[@]}" --resume --checksum --machine-readable \
    --report "$tmpdir/page.html" --progress=5 5>"$tmpdir/progress" \
    "$tmpdir/disk"
expect test "$(jq -r .type "$out" | tail -n 1)" = result
expect test "$(jq -c 'select (.type == "progress") | [.done, .total]' "$out" |
    tail -n 1)" = '[4194304,4194304]'
expect test "$(tail -n 1 "$tmpdir/progress")" = 100/100
expect grep -q "&rarr; <code>$tmpdir/out/guest-sda" "$tmpdir/page.html"
expect test "$(jq -r .disks[0].target "$result")" = "$tmpdir/out/guest-sda"
expect test "$(jq -r .disks[0].virtual_size "$result")" = 4194304
expect_nothing_left

# Another request.
refused 4 source-changed 'format of the output' "${copy[@]}" --resume \
    -of qcow2 "$tmpdir/disk"
refused 4 source-changed 'convert command' "${copy[@]}" --resume \
    --convert true "$tmpdir/disk"
refused 4 source-changed 'allocat|format of the output' "${copy[@]}" \
    --resume -oa preallocated "$tmpdir/disk"

# Another source, which has the name of the first one; or another name.
cp "$tmpdir/disk" "$tmpdir/same"
refused 4 source-changed 'source of sda changed' "${copy[@]}" --resume \
    "$tmpdir/same"
mv "$tmpdir/disk" "$tmpdir/original"
cp --preserve=all "$tmpdir/original" "$tmpdir/disk"
refused 4 source-changed 'file of sda changed' "${copy[@]}" --resume \
    "$tmpdir/disk"
rm "$tmpdir/disk"
run_expecting 4 "${copy[@]}" --resume "$tmpdir/disk"
expect test "$(jq -r .reason "$result")" = not-found

# A run without --resume replaces the target, and is the one that has
# finished then.
mv "$tmpdir/same" "$tmpdir/disk"
run_expecting 0 "${copy[@]}" "$tmpdir/disk"
expect test "$(changed)" = true
run_expecting 0 "${copy[@]}" --resume "$tmpdir/disk"
expect test "$(changed)" = false

# What was not found out then is no reason to say that it was.
run_expecting 0 "${copy[@]}" --resume --verify "$tmpdir/disk"
expect test "$(jq -c '[.changed, .disks[0].verified]' "$result")" = \
    '[true,true]'
run_expecting 0 "${copy[@]}" --resume --verify "$tmpdir/disk"
expect test "$(jq -c '[.changed, .disks[0].verified]' "$result")" = \
    '[false,true]'

# The target was written to, whatever its times say; or is another file.
touch -r "$tmpdir/out/guest-sda" "$tmpdir/times"
write_random "$tmpdir/out/guest-sda" 2000000 1
touch -r "$tmpdir/times" "$tmpdir/out/guest-sda"
refused 1 target-changed 'guest-sda has changed' "${copy[@]}" --resume \
    "$tmpdir/disk"
run_expecting 0 "${copy[@]}" "$tmpdir/disk"
cp --preserve=all "$tmpdir/out/guest-sda" "$tmpdir/out/other"
mv "$tmpdir/out/other" "$tmpdir/out/guest-sda"
refused 1 target-changed 'guest-sda has changed' "${copy[@]}" --resume \
    "$tmpdir/disk"

# What is gone is made again.
run_expecting 0 "${copy[@]}" "$tmpdir/disk"
for gone in guest-sda guest.xml; do
    rm "$tmpdir/out/$gone"
    run_expecting 0 "${copy[@]}" --resume "$tmpdir/disk"
    expect test "$(changed)" = true
    expect_stderr "$gone no longer exists"
    expect test -e "$tmpdir/out/$gone"
done
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
# An XML that the user has edited is the user's.
echo >>"$tmpdir/out/guest.xml"
run_expecting 0 "${copy[@]}" --resume "$tmpdir/disk"
expect test "$(changed)" = false

# A record that is damaged is none.
printf X | dd of="$(echo "$state_dir"/*.finished)" bs=1 seek=150 \
    conv=notrunc status=none
run_expecting 0 "${copy[@]}" --resume "$tmpdir/disk"
expect test "$(changed)" = true
expect test "$(ls "$state_dir" | wc -l)" = 1

# With -o null nothing is written.
run_expecting 0 v2v-nbdkit-launch --result-file "$result" -o null \
    "$tmpdir/disk"
expect test "$(changed)" = false
expect_nothing_left
