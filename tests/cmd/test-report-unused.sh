#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page of --report tells what the guest does not use from zeroes, and still
# does after --verify; without --skip-unused there is no word of it.
. ./functions.sh
PATH=$PATH:/usr/sbin:/sbin

requires_program python3 mke2fs qemu-io jq
requires_plugin file
page=$tmpdir/page.html
data=$tmpdir/page.json
mkdir "$tmpdir/out"
# A disk full of what was deleted.
random_bytes disk | head -c 32M >"$tmpdir/disk"
mke2fs -q -t ext4 -b 1024 -E nodiscard "$tmpdir/disk"

# copy OPTION...
copy ()
{
    run_expecting 0 v2v-nbdkit-launch --report "$page" -o disk \
        -os "$tmpdir/out" --machine-readable="file:$tmpdir/lines" \
        --result-file "$tmpdir/result" \
        --convert 'qemu-io -f qcow2 -c "write -P 3 20M 1M" "$V2V_OVERLAY_0"' \
        "$@" "$tmpdir/disk"
    python3 "$abs_srcdir/check-page" "$page" >"$data"
}

# sum_of NUMBER: what all cells of the map have in that place.
sum_of ()
{
    jq "[.maps[\"0\"].cells[][$1]] | add" "$data"
}

copy --skip-unused on --verify
expect test "$(sum_of 1)" = 1048576
unused=$(jq '.disks[0].bytes_unused' "$tmpdir/result")
expect test "$unused" -gt $((20 << 20))
expect test "$(sum_of 3)" = "$unused"
expect test "$(jq '.samples[-1].unused' "$data")" = "$unused"
expect jq -es 'map (select (.type == "progress" and .phase == "copy" and
                            .disk == null))
               | .[-1] | .done == .total and .bytes_unused > 0 and
                         .read + .zero + .bytes_unused >= .done' \
    "$tmpdir/lines" >&2
expect grep -q 'free in the guest.s file systems, not copied' "$err"

copy --skip-unused off --verify
expect test "$(sum_of 1)" = 1048576
expect test "$(sum_of 3)" = 0
expect test "$(jq '.disks[0].bytes_unused' "$tmpdir/result")" = 0
expect_not grep -q 'free in the guest' "$err"

# The browser's part.
browser=$(type -P chromium || type -P chromium-browser) || exit 0
draw ()
{
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
        --user-data-dir="$tmpdir/browser" --dump-dom "file://$page" \
        >"$tmpdir/dom.html"
    python3 "$abs_srcdir/check-page" "$tmpdir/dom.html" drawn >/dev/null
}

draw
expect_not grep -q '<rect class="unused"' "$tmpdir/dom.html"
expect grep -q 'id="unused" hidden=""' "$tmpdir/dom.html"
copy --skip-unused on
draw
expect grep -q '<rect class="unused"' "$tmpdir/dom.html"
expect grep -q '<span class="key" id="unused">' "$tmpdir/dom.html"
expect grep -q '<span>free in the guest, not read</span>' "$tmpdir/dom.html"
expect grep -q ' [KM]*i*B free</title>' "$tmpdir/dom.html"
