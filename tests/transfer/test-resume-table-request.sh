#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is asked for is compared when a copy is resumed: with another format,
# allocation, way of zeroing or conversion it is refused, and nothing is
# written; asked for the same again, it is completed.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 140M "$tmpdir/disk" "$tmpdir/target"
write_random "$tmpdir/disk" 0 $((140 << 20))
mkdir "$tmpdir/out" "$tmpdir/overlays"
disk=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
      --overlay-dir "$tmpdir/overlays" "$tmpdir/disk")
device=(v2v-nbdkit-launch -o device -oo path="$tmpdir/target"
        "$tmpdir/disk")

# refused FACT COMMAND...
refused ()
{
    local fact=$1

    shift
    run_expecting 4:source-changed:false "$@" --resume
    expect_error "cannot resume: $fact.* changed from '.*' to '"
    expect_stderr 'hint: .*begin again, remove the journal'
    expect_untouched
    expect_nothing_left
}

convert='qemu-io -f qcow2 -c "write -P 1 0 64k" "$V2V_OVERLAY_0"'
run_in_background "${disk[@]}" --convert "$convert" --bandwidth 200M
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
remember "$tmpdir/out/guest.part/journal" "$tmpdir/out/guest.part/sda" \
    "$tmpdir"/overlays/*/*
refused 'the --convert command' "${disk[@]}"
refused 'the --convert command' "${disk[@]}" --convert "$convert "
refused 'the format of the output' "${disk[@]}" --convert "$convert" \
    -of qcow2
refused 'the format of the output' "${disk[@]}" --convert "$convert" \
    -of qcow2 -oo compressed
refused 'the format of the output' "${disk[@]}" --convert "$convert" \
    -oa preallocated
run_expecting 0 "${disk[@]}" --convert "$convert" --resume
cp "$tmpdir/disk" "$tmpdir/want"
qemu-io -f raw -c "write -P 1 0 64k" "$tmpdir/want" >&2
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect test ! -e "$tmpdir/out/guest.part/journal"

run_in_background "${device[@]}" --bandwidth 200M
wait_for sh -c "ls '$state_dir'/*.journal"
kill -KILL "$tool_pid"
wait_expecting 137
remember "$state_dir"/*.journal "$tmpdir/target"
refused 'the format of the output' "${device[@]}" -oo zero=write
refused 'the --convert command' "${device[@]}" --convert true
run_expecting 0 "${device[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/target"
expect_nothing_left
