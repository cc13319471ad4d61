#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real guest boots from a copy that --skip-unused has made, and finds all of
# its files as they were.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-3600}
. ./functions.sh
. "$abs_srcdir/filesystem/lived-in.sh"
run_timeout=600

[ -n "${V2V_TEST_LONG-}" ] || skip 'V2V_TEST_LONG is not set'
[ "$(id -u)" = 0 ] || skip 'needs root'
requires_program debootstrap sfdisk mke2fs qemu-system-x86_64
guest=$tmpdir/guest
TMPDIR=$tmpdir "$abs_srcdir/make-guest" "$guest" >"$tmpdir/logs/make-guest" \
    2>&1 || fail "$(tail -n 3 "$tmpdir/logs/make-guest")"

copy_from http "$guest"
unused=$(jq '.disks[0].bytes_unused' "$result_file")
expect test "$unused" -gt $((1 << 30))
timeout 1200 python3 "$abs_srcdir/boot.py" "$tmpdir/out/guest.xml" \
    "$tmpdir/serial" </dev/null
expect grep -q '^guest: whole' "$tmpdir/serial"
expect_nothing_left
