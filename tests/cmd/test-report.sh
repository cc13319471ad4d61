#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --report is a page that needs nothing else, and that names cannot break.
. ./functions.sh

requires_program python3 qemu-io
requires_plugin file
disk=$tmpdir/'<script>alert("x")<!-- & disk'
make_disk "$disk" 8M
mkdir "$tmpdir/out"
page=$tmpdir/page.html

expect_sound_page ()
{
    python3 "$abs_srcdir/check-page" "$page" >&2 ||
        fail "the page is not well-formed"
    # Neither programs nor anything from elsewhere.
    expect_not grep -Ei '<script|<link|<img|<iframe|@import|url *\(|(src|href)=' \
        "$page"
    expect_not grep -E 'https?://' "$page"
}

run_expecting 0 v2v-nbdkit-launch --report "$page" -o disk \
    -os "$tmpdir/out" -on '<b>&"' \
    --convert 'qemu-io -f qcow2 -c "write -P 3 5M 1M" "$V2V_OVERLAY_0"' \
    "$disk"
expect_sound_page
expect grep -q 'The disks are copied' "$page"
expect grep -q 'class="overlay"' "$page"
expect grep -q 'class="zero"' "$page"
expect grep -q 'readahead: ' "$page"
expect grep -q 'class="curve read"' "$page"
expect grep -q '&lt;b&gt;&amp;&quot;-sda' "$page"

run_expecting 4 v2v-nbdkit-launch --report "$page" -o null "$disk>none"
expect_sound_page
expect grep -q 'The run failed' "$page"
expect grep -q 'not-found' "$page"

start_at copying --report "$page"
sleep 0.7
kill -TERM "$tool_pid"
wait_expecting 143
expect_sound_page
expect grep -q 'class="missing"' "$page"
expect grep -q 'interrupted' "$page"
