#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: a record that this release cannot finish is never ignored.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/a" 1M
start_nbdkit export file "$tmpdir/a"
in_place=(v2v-nbdkit-launch --in-place --convert "touch '$tmpdir/converted'")

# refused TEXT SOURCE
refused ()
{
    remember "$record" "$tmpdir/a"
    run_expecting 1:target-changed:false "${in_place[@]}" "$2"
    expect_error "$1"
    run_expecting 1:target-changed:false "${in_place[@]}" --check "$2"
    run_expecting 1:target-changed:false v2v-nbdkit-launch -o null "$2"
    expect_error "$1"
    expect_untouched
    expect test ! -e "$tmpdir/converted"
}

# old NAME: write a record as the first release did.
old ()
{
    cat >"$record" <<END
{ "version": 1, "id": "0123456789abcdef0123456789abcdef",
  "command": "00", "overlays": "$tmpdir/tmp/v2v.abcdef",
  "disks": [ { "disk": "$1", "format": "raw",
               "record": "$record",
               "overlay": "sda.qcow2", "size": 1048576 } ] }
END
}
record=$tmpdir/a.v2v-in-place
old "$tmpdir/a"
refused 'earlier release' "$tmpdir/a"
rm "$record"
record=$tmpdir/tmp/v2v-in-place-$(printf %s "$nbdkit_uri" | sha256sum |
                                      cut -c1-32)
old "$nbdkit_uri"
refused 'earlier release' "$nbdkit_uri"
rm "$record"

# A later release.
mkdir -p -m 700 "$tmpdir/state"
record=$tmpdir/state/0123.in-place
cat >"$record" <<END
{ "version": 99, "disks": [ { "kind": "nbd", "disk": "$nbdkit_uri",
                              "identity": "nbd size=1048576" } ] }
END
refused 'another release' "$nbdkit_uri"
# It is of other disks.
run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/a"

echo '{ "version": 2 }' >"$record"
refused 'damaged' "$nbdkit_uri"
expect_hint 'remove'
rm "$record"
run_expecting 0 "${in_place[@]}" "$nbdkit_uri"
expect_nothing_left
