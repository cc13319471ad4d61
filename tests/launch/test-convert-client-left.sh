#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A program that COMMAND leaves behind writes through the overlay's NBD server:
# it is waited for, said after a second, but not longer than --stall-timeout;
# no new client gets in.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
cp "$tmpdir/disk" "$tmpdir/want"
qemu-io -f raw -c "write -P 7 0 1M" "$tmpdir/want" >/dev/null
remember "$tmpdir/disk"
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" -on guest)
# late SECONDS: the command of a client that writes so much later.
late ()
{
    rm -f "$tmpdir/said"
    echo "(echo read 0 512; sleep $1; echo write -P 7 0 1M) |
              qemu-io -f raw \"\$V2V_OVERLAY_URI_0\" >'$tmpdir/said' 2>&1 &
          until grep -q 512/512 '$tmpdir/said'; do sleep 0.1; done"
}

run_expecting 0 "${copy[@]}" --convert "$(late 2)" "$tmpdir/disk"
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect_stderr 'Waiting for a program that the command left running'
rm -r "$tmpdir/out"/*

# It connects at the very end.
run_expecting 0 "${copy[@]}" --convert \
    'qemu-io -f raw -c "write -P 7 0 1M" "$V2V_OVERLAY_URI_0" >/dev/null 2>&1 &' \
    "$tmpdir/disk"
[ ! -e "$tmpdir/out/guest-sda" ] ||
    cmp -s "$tmpdir/disk" "$tmpdir/out/guest-sda" ||
    expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
rm -r "$tmpdir/out"/*

# Whoever comes later is not served.
run_expecting 0 "${copy[@]}" --convert \
    "$(late 2)
     (sleep 1; qemu-io -f raw -c 'write -P 9 2M 1M' \"\$V2V_OVERLAY_URI_0\" \
          >/dev/null 2>&1 || echo refused >'$tmpdir/late') &" "$tmpdir/disk"
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
wait_for test -s "$tmpdir/late"
rm -r "$tmpdir/out"/*

run_expecting 5:convert:false "${copy[@]}" --stall-timeout 1 \
    --convert "$(late 1000)" "$tmpdir/disk"
expect_error 'a program that it left running still uses the overlay'
expect_hint 'guestunmount'
expect test -z "$(ls -A "$tmpdir/out")"

cp "$tmpdir/disk" "$tmpdir/in-place"
run_expecting 0 v2v-nbdkit-launch --in-place -if raw \
    --convert "$(late 1)" "$tmpdir/in-place"
expect_same "$tmpdir/want" "$tmpdir/in-place"
expect_untouched
expect_nothing_left
