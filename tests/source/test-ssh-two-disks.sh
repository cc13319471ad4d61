#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks over ssh that are copied at once arrive whole, with names of all kinds,
# with a conversion and without, and over no more than 8 connections each.
. ./functions.sh

requires_ssh_plugin
requires_program jq qemu-io
first="$tmpdir/a b'c\"d ÄÖ €.img"
second="$tmpdir/-x%20;\$(id)&|*.img"
make_disk "$first" 70M
make_disk "$second" 33M
truncate -s +1536 "$second"
mkdir "$tmpdir/out"
start_sshd
uri_of ()
{
    printf 'ssh://%s@127.0.0.1:%s%s' "$ssh_user" "$sshd_port" \
        "$(jq -rn --arg path "$1" '$path | @uri' | sed 's,%2F,/,g')"
}

run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --verify "${ssh_options[@]}" "$(uri_of "$first")" "$(uri_of "$second")"
expect_same "$first" "$tmpdir/out/guest-sda"
expect_same "$second" "$tmpdir/out/guest-sdb"
# The verification is done by the nbdkits that are there.
expect test "$(grep -c 'Accepted publickey' "$tmpdir/logs/sshd")" -le 16
expect_nothing_left

run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on converted \
    --convert 'qemu-io -f qcow2 -c "write -P 0x41 0 1M" "$V2V_OVERLAY_0"' \
    "${ssh_options[@]}" "$(uri_of "$first")"
cp "$first" "$tmpdir/expected"
head -c 1M /dev/zero | tr '\0' A |
    dd of="$tmpdir/expected" conv=notrunc status=none
expect_same "$tmpdir/expected" "$tmpdir/out/converted-sda"
expect_nothing_left
