#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --check sees what an interrupted copy has left: it is in the way of another
# one, and with --resume it is compared as the run would, and stays as it is.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program jq
truncate -s 100M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 104857600
mkdir "$tmpdir/out"
part=$tmpdir/out/guest.part
copy=(v2v-nbdkit-launch -os "$tmpdir/out" -on guest)
run_in_background "${copy[@]}" --bandwidth 20M "$tmpdir/disk"
wait_for test -e "$part/journal"
run_expecting 1:target-busy:true "${copy[@]}" --check "$tmpdir/disk"
expect_stdout '^error +target: .*another run'
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left

# checked STATUS ARGUMENT...: --check and the run agree, and the former leaves
# everything where it is.
checked ()
{
    local files

    files=$(cd "$part" && sha256sum -- *)
    run_expecting "$1" "${copy[@]}" --check "${@:2}"
    expect test "$(cd "$part" && sha256sum -- *)" = "$files"
    run_expecting "$1" "${copy[@]}" "${@:2}"
}

checked 1:target-busy:false:true "$tmpdir/disk"
checked 4:source-changed:false --resume -of qcow2 "$tmpdir/disk"
cp "$tmpdir/disk" "$tmpdir/other"
checked 4:source-changed:false --resume "$tmpdir/other"
write_random "$part/sda" 0 104857600
checked 6:target-changed:false --resume "$tmpdir/disk"
# The file is gone: the copy begins again, and not just in --check.
rm "$part/sda"
checked 0 --resume "$tmpdir/disk"
expect_stderr 'the copy begins again'
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"

# There is nothing left to do; then the target is another one.
run_expecting 0 "${copy[@]}" --check --machine-readable --resume \
    "$tmpdir/disk"
expect test "$(jq -r 'select (.item == "resume") | .status' "$out")" = ok
expect test "$(jq -s 'map (select (.type == "progress")) | length' \
    "$out")" = 0
touch "$tmpdir/out/guest-sda"
run_expecting 1:target-changed:false "${copy[@]}" --check --resume \
    "$tmpdir/disk"
expect_stdout '^error +(sda )?resume: '
expect_nothing_left
