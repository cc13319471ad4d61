#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --copy-while-converting on where that cannot be done is an error that says
# why; auto does without.
. ./functions.sh

requires_plugin file
requires_filter gzip
make_disk "$tmpdir/disk" 4M
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
gzip -c "$tmpdir/disk" >"$tmpdir/disk.gz"
start_nbdkit raw --readonly file "$tmpdir/disk"
raw=$nbdkit_uri
start_nbdkit qcow2 --readonly file "$tmpdir/disk.qcow2"
qcow2=$nbdkit_uri
mkdir "$tmpdir/out"
new=(-o disk -os "$tmpdir/out" -on guest)

# refused WHY ARGUMENT...
refused ()
{
    run_expecting 2:usage:false v2v-nbdkit-launch \
        --copy-while-converting on "${@:2}"
    expect_error "--copy-while-converting on is not possible: $1"
    expect_hint 'leave it out, or give --copy-while-converting off'
    expect test -z "$(ls -A "$tmpdir/out")"
    expect_nothing_left
}

# checked STATUS WHAT ARGUMENT...: --check says WHAT.
checked ()
{
    run_expecting "$1" v2v-nbdkit-launch --check "${@:3}"
    expect grep -q "convert.*$2" "$out"
    expect test -z "$(ls -A "$tmpdir/out")"
    expect_nothing_left
}

# Also with auto, which does without, and says so with -v.
cannot ()
{
    refused "$@"
    checked 2:usage:false "$1" --copy-while-converting on "${@:2}"
    checked 0 "copied when it has been converted: $1" "${@:2}"
    run_expecting 0 v2v-nbdkit-launch "${@:2}" -v
    expect_no_stderr 'Copying the source meanwhile'
    expect_stderr "the source is not copied while it is converted: $1"
    rm "$tmpdir/out"/*
    expect_nothing_left
}

refused '--run copies nothing' --run true "$raw"
refused 'there is no --convert' "${new[@]}" "$raw"
refused '--in-place copies nothing' --in-place --convert true "$tmpdir/disk"
echo '[]' >"$tmpdir/extents"
refused 'with --changed-extents' -o device -oo path="$tmpdir/disk" \
    --changed-extents "$tmpdir/extents" --convert true "$raw"
refused '-o null stores nothing' -o null --convert true "$raw"
truncate -s 8M "$tmpdir/device"
refused 'qcow2 images on devices' -o device -oo path="$tmpdir/device" \
    -of qcow2 --convert true "$raw"
cannot 'compressed qcow2' "${new[@]}" -of qcow2 -oo compressed \
    --convert true "$raw"
cannot 'what --skip-unused' "${new[@]}" --skip-unused on --convert true "$raw"
cannot 'a disk is an image' "${new[@]}" --convert true "$qcow2"
cannot 'a disk is an image' "${new[@]}" --convert true "$raw" "$qcow2"
# One client at a time.
qemu-nbd --help | grep -q -- --shared
start_server single qemu-nbd --persistent --shared=1 --read-only -f raw \
    --socket="$tmpdir/single.sock" "$tmpdir/disk"
wait_for test -S "$tmpdir/single.sock"
cannot 'the source takes one reader' "${new[@]}" --convert true \
    "nbd+unix:///?socket=$tmpdir/single.sock"

checked 0 'the source is copied while it is converted' "${new[@]}" \
    --convert true "$raw"
checked 0 'the source is copied when it has been converted$' "${new[@]}" \
    --copy-while-converting off --convert true "$raw"
checked 0 'the source is copied when it has been converted$' "${new[@]}" \
    --convert true "$tmpdir/disk"

# A word that is none of the three.
run_expecting 2:usage:false v2v-nbdkit-launch --copy-while-converting maybe \
    "${new[@]}" --convert true "$raw"
expect_error 'maybe'
# What auto does not do needs no reason.
run_expecting 0 v2v-nbdkit-launch "${new[@]}" -v --convert true "$tmpdir/disk"
expect_no_stderr 'Copying the source meanwhile'
