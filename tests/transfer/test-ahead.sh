#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A source that is copied while it is converted becomes the same target as one
# that is copied afterwards: what the conversion wrote, zeroed and discarded is
# there, whether that was copied before or not.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_plugin file
requires_filter rate
make_ahead disk
start_nbdkit source --readonly file "$tmpdir/disk"
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
      --convert "$(conversion_of disk)" "$nbdkit_uri")
run_expecting 0 "${copy[@]}" --copy-while-converting off --checksum
expect_same "$tmpdir/want-disk" "$tmpdir/out/guest-sda"
expect_no_stderr 'Copying the source meanwhile'
checksum=$(count_result checksum)

# With a slow link little was copied before.
for rate in 10G 1G 100M 300M; do
    run_expecting 0 "${copy[@]}" --bandwidth $rate --verify --checksum
    expect_stderr 'Copying the source meanwhile'
    expect_same "$tmpdir/want-disk" "$tmpdir/out/guest-sda"
    expect test "$(count_result checksum)" = "$checksum"
    expect test "$(count_result verified)" = true
done
# Holes stay holes.
expect test "$(stat -c %b "$tmpdir/out/guest-sda")" -lt \
    $((140000000 / 512))
for options in '-of qcow2' '-of qcow2 -oa preallocated' '-oa preallocated'; do
    format=raw
    case $options in *qcow2*) format=qcow2 ;; esac
    # shellcheck disable=SC2086
    run_expecting 0 "${copy[@]}" $options --verify
    expect_stderr 'Copying the source meanwhile'
    expect_same_image raw "$tmpdir/want-disk" $format "$tmpdir/out/guest-sda"
    if [ $format = qcow2 ]; then
        expect qemu-img check -q "$tmpdir/out/guest-sda"
    fi
done
expect_nothing_left
