#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two disks are copied while they are converted, one after the other and at
# once; and local disks, devices and NBD exports, if the user wants it.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_plugin file
requires_filter rate
requires_plugin memory
make_ahead one two
start_nbdkit one --readonly file "$tmpdir/one"
one=$nbdkit_uri
start_nbdkit two --readonly file "$tmpdir/two"
two=$nbdkit_uri
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch --convert "$(conversion_of one two)")
for options in '' '--parallel 2 --bandwidth 800M'; do
    # shellcheck disable=SC2086
    run_expecting 0 "${copy[@]}" -o disk -os "$tmpdir/out" -on guest $options \
        --verify "$one" "$two"
    expect_stderr 'Copying the source meanwhile'
    expect_same "$tmpdir/want-one" "$tmpdir/out/guest-sda"
    expect_same "$tmpdir/want-two" "$tmpdir/out/guest-sdb"
done

# auto does not do it.
run_expecting 0 "${copy[@]}" -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/one" "$two"
expect_no_stderr 'Copying the source meanwhile'
expect_same "$tmpdir/want-one" "$tmpdir/out/guest-sda"
run_expecting 0 "${copy[@]}" -o disk -os "$tmpdir/out" -on guest \
    --copy-while-converting on "$tmpdir/one" "$tmpdir/two"
expect_stderr 'Copying the source meanwhile'
expect_same "$tmpdir/want-one" "$tmpdir/out/guest-sda"
expect_same "$tmpdir/want-two" "$tmpdir/out/guest-sdb"

start_nbdkit target memory 150M
target=$nbdkit_uri
copy=(v2v-nbdkit-launch --convert "$(conversion_of one)" -o nbd
      -oo uri="$target" --verify "$one")
run_expecting 0 "${copy[@]}"
expect_no_stderr 'Copying the source meanwhile'
# What the target promises to have is there no more when the source is.
run_expecting 0 "${copy[@]}" --copy-while-converting on -oo zero=auto
expect_stderr 'Copying the source meanwhile'
qemu-img convert -f raw -O raw "$target" "$tmpdir/got"
expect_same "$tmpdir/want-one" "$tmpdir/got"
start_nbdkit empty memory 150M
run_expecting 0 v2v-nbdkit-launch --convert "$(conversion_of one)" -o nbd \
    -oo uri="$nbdkit_uri" -oo zero=skip --verify \
    --copy-while-converting on "$one"
expect_stderr 'Copying the source meanwhile'
expect_nothing_left
