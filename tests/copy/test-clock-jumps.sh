#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The wall clock jumps by months all the time: nothing times out, nothing
# waits, and the seconds in the result are those that went by.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program jq
shim=$abs_builddir/shims/clock-jumps.so
[ -e "$shim" ] || skip "the shim is not built"
! sanitized || skip "a sanitizer wants to be loaded first"
random_bytes disk | head -c 24M >"$tmpdir/disk"
mkdir "$tmpdir/out"
SECONDS=0
run_expecting 0 env LD_PRELOAD="$shim" "${tool[@]}" -o disk \
    -os "$tmpdir/out" -on guest --bandwidth 64M --stall-timeout 5 \
    --startup-timeout 5 --verify --convert true \
    --result-file "$tmpdir/result" "$tmpdir/disk"
expect_seconds 20
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect jq -e '.seconds >= 0 and .seconds < 60 and
              .disks[0].seconds >= 0 and .disks[0].seconds < 60 and
              .disks[0].retries == 0' "$tmpdir/result"
expect_nothing_left
