#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A target that a qemu has open for writing: "target-busy" before anything is
# done, for each kind of run that would write to it.
. ./functions.sh

requires_plugin file
mkdir "$tmpdir/out"
make_disk "$tmpdir/disk" 4M
echo '[{"start":0,"length":65536}]' >"$tmpdir/extents"

# busy COMMAND...: neither a conversion nor a write, in a run or a check.
busy ()
{
    local check

    for check in "" --check; do
        run_expecting 1:target-busy:true v2v-nbdkit-launch $check \
            "$@"
        expect_error 'qemu-nbd, PID [0-9]+'
        expect_nothing_left
    done
    expect_untouched
    expect test ! -e "$tmpdir/converted"
}

for format in raw qcow2; do
    image=$tmpdir/out/guest-sda
    qemu-img convert -O $format "$tmpdir/disk" "$image"
    start_qemu_nbd $format -f $format "$image"
    remember "$image"
    convert="touch '$tmpdir/converted'"
    busy --in-place -if $format --convert "$convert" "$image"
    busy -o disk -os "$tmpdir/out" -on guest -of $format \
        --changed-extents "$tmpdir/extents" "$tmpdir/disk"
    busy -o disk -os "$tmpdir/out" -on guest -of $format \
        --changed-extents "$tmpdir/extents" --in-place --convert "$convert" \
        "$tmpdir/disk"
    # A guest of that name is running.
    busy -o disk -os "$tmpdir/out" -on guest -of $format \
        --convert "$convert" "$tmpdir/disk"
    busy -o device -oo path="$image" -of $format --convert "$convert" \
        "$tmpdir/disk"
    stop_pid "$qemu_nbd_pid"
    run_expecting 0 v2v-nbdkit-launch --in-place -if $format \
        --convert "$convert" "$image"
    rm "$tmpdir/converted"
done
