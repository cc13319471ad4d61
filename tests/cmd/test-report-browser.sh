#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A browser shows the page of --report, light and dark.
. ./functions.sh

requires_plugin file
requires_filter rate
browser=$(type -P chromium || type -P chromium-browser) ||
    skip "chromium is not installed"
make_disk "$tmpdir/disk" 8M
run_expecting 0 v2v-nbdkit-launch --report "$tmpdir/page.html" -o null \
    --bandwidth 40M "$tmpdir/disk"

# screenshot FILE OPTION...
screenshot ()
{
    requires timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
        --user-data-dir="$tmpdir/browser" --window-size=900,1400 \
        --screenshot="$1" "${@:2}" "file://$tmpdir/page.html"
    expect test "$(stat -c %s "$1")" -gt 20000
}

screenshot "$tmpdir/light.png" --blink-settings=preferredColorScheme=1
screenshot "$tmpdir/dark.png" --blink-settings=preferredColorScheme=0
expect_not cmp -s "$tmpdir/light.png" "$tmpdir/dark.png"
