#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A web server's image names a file of this host from the K-th read of its
# header on: that file is never read, and an image that was examined before is
# copied as it was then.  Each format that can name files.
. ./functions.sh
. "$abs_srcdir/changing.sh"

requires_plugin curl
requires_program python3 qemu-img
mkdir "$tmpdir/www"
make_secret
make_disk_for_changing
for kind in "${changing_kinds[@]}"; do
    make_changing "$kind" "$tmpdir/www/$kind"
done

launch_changing ()
{
    start_server changing python3 "$abs_srcdir/servers/changing-http.py" \
        "$port" "$tmpdir/www"
}
start_on_port changing launch_changing

# It is read once when nbdkit is tried, twice when the image is examined, and
# then by each qemu.
numbers=(2 3 4 6)
[ -z "${V2V_TEST_LONG-}" ] || numbers=({1..20})
for kind in "${changing_kinds[@]}"; do
    copied=0
    for k in "${numbers[@]}"; do
        mkdir "$tmpdir/out"
        if v2v-nbdkit-launch -q -if "${kind%-*}" \
            "http://127.0.0.1:$port/$kind.$k" -os "$tmpdir/out" -on guest \
            >"$out" 2>"$err"; then
            expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
            copied=$((copied + 1))
        fi
        expect_no_secret "$tmpdir/out" "$TMPDIR"
        rm -r "$tmpdir/out"
    done
    # Not all of them end with an error.
    expect test "$copied" -ge 2
done
expect_nothing_left
