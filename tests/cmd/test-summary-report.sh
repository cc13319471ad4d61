#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --summary --report: a page that needs nothing else, that names cannot break,
# and that a browser draws, light and dark.
. ./functions.sh

requires_program python3 jq
mkdir "$tmpdir/results"
page=$tmpdir/page.html

# say NAME OBJECT: the last word of a run.
say () { jq -nc "$2" >"$tmpdir/results/$1.json"; }

now=$(date +%s)
for ((i = 0; i < 60; i++)); do
    say "web-$i" "{type: \"result\", timestamp: ($now - 4000 + 60 * $i |
        todate), status: \"ok\", changed: ($i % 7 > 0), seconds: (100 + $i),
        host: \"esx$((i % 3))\", disks: [{virtual_size: 40000000000,
        target: \"/t\", bytes_read: 9000000000, bytes_written: 8e9}]}"
done
say '<b>&"' '{type: "error", timestamp: "2026-01-02T03:04:05Z", seconds: 4,
    reason: "auth", message: "</script><script>document.title=1<!--",
    hint: "<i>", retryable: false}'
say later "{type: \"error\", timestamp: ($now | todate), seconds: 40,
    reason: \"timeout\", message: \"no answer\", retryable: true}"
say now "{type: \"progress\", timestamp: ($now | todate), phase: \"copy\",
    done: 10, total: 100, read: 10, rate: 1000000, eta: 90, host: \"esx1\"}"
echo nothing >"$tmpdir/results/<x>.txt"

run_expecting 0 v2v-nbdkit-launch -q --summary --report "$page" \
    "$tmpdir/results"
python3 "$abs_srcdir/check-page" "$page" >"$tmpdir/data" ||
    fail "the page is not well-formed"
expect jq -e '.guests | length == 63' "$tmpdir/data"
expect_not grep -Ei '<link|<img|<iframe|@import|(src|href)=|https?://' "$page"
# What a browser without JavaScript shows.
expect grep -q '60 of 63 guests are done' "$page"
expect grep -q '<code>auth</code>' "$page"
expect grep -q '&lt;i&gt;' "$page"

run_expecting 1 v2v-nbdkit-launch --summary --report "$tmpdir/none/page" \
    "$tmpdir/results"
expect_no_stdout .

browser=$(type -P chromium || type -P chromium-browser) ||
    skip "chromium is not installed"
browse ()
{
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
        --user-data-dir="$tmpdir/browser" --window-size=900,1400 \
        "$@" "file://$page"
}
browse --dump-dom >"$tmpdir/dom.html"
expect python3 "$abs_srcdir/check-page" "$tmpdir/dom.html" drawn >/dev/null
# Its script came to its end.
expect grep -q '&lt;x&gt;.txt' "$tmpdir/dom.html"
expect grep -q '<title>v2v-nbdkit-launch --summary</title>' "$tmpdir/dom.html"
expect test "$(grep -o '<g class="ok">' "$tmpdir/dom.html" | wc -l)" = 102
expect grep -q '<th>esx2</th>' "$tmpdir/dom.html"
for scheme in 0 1; do
    requires browse --screenshot="$tmpdir/$scheme.png" \
        --blink-settings=preferredColorScheme=$scheme
    expect test "$(stat -c %s "$tmpdir/$scheme.png")" -gt 20000
done
expect_not cmp -s "$tmpdir/0.png" "$tmpdir/1.png"
