#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A browser draws the page of --report, light and dark, and names stay text.
. ./functions.sh

requires_program python3 qemu-io
requires_plugin file
requires_filter rate
browser=$(type -P chromium || type -P chromium-browser) ||
    skip "chromium is not installed"
mkdir "$tmpdir/out" "$tmpdir/dir<"
disk=$tmpdir/'dir</script><script>document.title = "broken"<!-- disk'
make_disk "$disk" 8M

# browse OPTION...: the page, in the browser.
browse ()
{
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
        --user-data-dir="$tmpdir/browser" --window-size=900,1400 \
        "$@" "file://$tmpdir/page.html"
}

# What the page has become when its script has run: $dom.
dom=$tmpdir/dom.html
draw ()
{
    browse --dump-dom >"$dom"
    python3 "$abs_srcdir/check-page" "$dom" drawn >/dev/null ||
        fail "what is drawn is not well-formed"
    # Its script came to its end.
    expect grep -q '<pre>.* nbdkit --readonly' "$dom"
    expect grep -q '<title>v2v-nbdkit-launch</title>' "$dom"
}

run_expecting 0 v2v-nbdkit-launch --report "$tmpdir/page.html" -o disk \
    -os "$tmpdir/out" -on '<b>&"' --bandwidth 40M \
    --convert 'qemu-io -f qcow2 -c "write -P 3 5M 1M" "$V2V_OVERLAY_0"' \
    "$disk"
draw
for class in overlay zero data; do
    expect grep -q "<rect class=\"$class\"" "$dom"
done
expect grep -Eq 'class="curve read" d="M[0-9.]+ [0-9.]+L' "$dom"
expect grep -Eq 'class="curve written" d="M[0-9.]+ [0-9.]+L' "$dom"
expect grep -q 'class="part"' "$dom"
expect grep -q 'readahead: ' "$dom"
expect grep -q '&lt;b&gt;&amp;"-sda' "$dom"
expect grep -q '&lt;/script&gt;&lt;script&gt;' "$dom"
expect grep -q '<span>average read rate</span>' "$dom"

# screenshot FILE OPTION...
screenshot ()
{
    requires browse --screenshot="$1" "${@:2}"
    expect test "$(stat -c %s "$1")" -gt 20000
}

screenshot "$tmpdir/light.png" --blink-settings=preferredColorScheme=1
screenshot "$tmpdir/dark.png" --blink-settings=preferredColorScheme=0
expect_not cmp -s "$tmpdir/light.png" "$tmpdir/dark.png"

run_expecting 4:unreachable:true v2v-nbdkit-launch \
    --report "$tmpdir/page.html" -o null "ssh://127.0.0.1:1/disk"
draw
expect grep -q 'The run failed' "$dom"
expect grep -q 'class="part"' "$dom"

start_at copying --report "$tmpdir/page.html"
sleep 0.7
kill -TERM "$tool_pid"
wait_expecting 143:interrupted:true
draw
expect grep -q '<rect class="missing"' "$dom"
