#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --report is a page that needs nothing else, and that names cannot break.
# test-report-browser.sh looks at what its script draws.
. ./functions.sh

requires_program python3 qemu-io jq
requires_plugin file
# With the "/" of the path its name ends a script.
mkdir "$tmpdir/out" "$tmpdir/dir<"
disk=$tmpdir/'dir</script><script>alert("x")<!-- & '$'\xe2\x80\xa8'disk
make_disk "$disk" 8M
page=$tmpdir/page.html
data=$tmpdir/page.json

expect_sound_page ()
{
    python3 "$abs_srcdir/check-page" "$page" >"$data" ||
        fail "the page is not well-formed"
    # Nothing from elsewhere, and no text that becomes HTML or a program.
    expect_not grep -Ei '<link|<img|<iframe|@import|url *\(|(src|href)=' \
        "$page"
    expect_not grep -E 'https?://' "$page"
    expect_not grep -E 'innerHTML|outerHTML|insertAdjacentHTML|document\.write' \
        "$page"
    expect_not grep -E '\beval\b|Function\(|fetch *\(|XMLHttpRequest|WebSocket|\bimport\b' \
        "$page"
    expect grep -q "default-src 'none'" "$page"
}

# expect_data FILTER: jq's filter is true of the page's data.
expect_data ()
{
    expect jq -e "$1" "$data" >&2
}

run_expecting 0 v2v-nbdkit-launch --report "$page" -o disk \
    -os "$tmpdir/out" -on '<b>&"' \
    --convert 'qemu-io -f qcow2 -c "write -P 3 5M 1M" "$V2V_OVERLAY_0"' \
    "$disk"
expect_sound_page
# What a browser without JavaScript shows.
expect grep -q 'The run succeeded' "$page"
expect grep -q '<b>sda</b>' "$page"
expect grep -q '&lt;b&gt;&amp;&quot;-sda' "$page"
expect grep -q '<b>&lt;b&gt;&amp;&quot;</b>' "$page"
expect grep -q '<code>.*/dir&lt;/script.*disk</code>' "$page"
expect grep -Eq '<br>raw, 8 MiB, [0-9.]+ [KM]iB written</figcaption>' "$page"
# What is drawn.
expect_data '[.maps[].cells[][1]] | add == 1048576'
expect_data 'any (.maps[].cells[]; .[2] > 0)'
expect_data '[.maps[].cells[][]] | add == 8388608'
expect_data '.disks["0"].size == 8388608'
expect_data 'any (.notes[]; .text | test ("readahead: "))'
expect_data '.samples | length >= 2 and .[-1].at > .[0].at and .[-1].read > 0'
expect_data '[.phases[].name] == ["prepare", "open", "overlay", "convert", "copy"]'
expect_data '.seconds > 0 and .retries == 0'
expect_data 'any (.commands[]; contains ("</script><script>alert"))'

# Reading the target back does not hide what the conversion wrote.
rm -f "$tmpdir/out"/*
for format in raw qcow2; do
    run_expecting 0 v2v-nbdkit-launch --report "$page" -o disk \
        -os "$tmpdir/out" -of $format -on guest --verify --checksum \
        --convert 'qemu-io -f qcow2 -c "write -P 3 5M 1M" "$V2V_OVERLAY_0"' \
        "$disk"
    expect_sound_page
    expect_data '[.maps[].cells[][1]] | add == 1048576'
    expect_data '[.phases[].name] | .[-1] == "verify"'
    expect grep -Eq "<br>$format, 8 MiB, .* written, verified,.* blkhash-sha256:" \
        "$page"
done

run_expecting 4:not-found:false v2v-nbdkit-launch --report "$page" -o null \
    "$disk>none"
expect_sound_page
expect grep -q 'The run failed' "$page"
expect grep -q 'not-found' "$page"
expect grep -q '&lt;/script&gt;&lt;script&gt;alert' "$page"

start_at copying --report "$page"
sleep 0.7
kill -TERM "$tool_pid"
wait_expecting 143:interrupted:true
expect_sound_page
expect_data 'any (.maps[].cells[]; add == 0)'
expect grep -q 'interrupted' "$page"
