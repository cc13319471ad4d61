#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The progress of a copy beside a conversion, and that of the conversion; the
# page counts what was copied over once.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_plugin file
requires_program jq
make_ahead disk
start_nbdkit source --readonly file "$tmpdir/disk"
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
      --convert "sleep 2; $(conversion_of disk)" "$nbdkit_uri")
run_expecting 0 "${copy[@]}" --machine-readable --report "$tmpdir/page.html"
cp "$out" "$tmpdir/lines"

# phase NAME: the last progress of the whole run in this phase.
phase ()
{
    jq -s "map(select(.type == \"progress\" and .phase == \"$1\" and
                      .disk == null)) | last" "$tmpdir/lines"
}
expect test "$(phase copy-ahead | jq .done)" = 157286400
expect test "$(phase copy-ahead | jq .total)" = 157286400
# The conversion goes on when that is complete.
expect test "$(jq -rs 'map(select(.type == "progress").phase) |
                       index("copy-ahead") < rindex("convert")' \
                  "$tmpdir/lines")" = true
done=$(phase copy | jq .done)
expect test "$done" = "$(phase copy | jq .total)"
expect test "$done" -gt 0
expect test "$done" -lt 157286400
expect test "$(jq -s 'map(select(.type == "disk")) | length' \
                  "$tmpdir/lines")" = 1

sed -n '/<script type="application\/json"/,/<\/script>/p' \
    "$tmpdir/page.html" | sed '1d;$d' >"$tmpdir/page.json"
expect test "$(jq '.maps["0"].cells | map(.[0] + .[1] + .[2] + .[3]) | add' \
                  "$tmpdir/page.json")" = 157286400
expect test "$(jq '.maps["0"].cells | map(.[1]) | add' \
                  "$tmpdir/page.json")" -gt 0
expect test "$(jq '.samples | length' "$tmpdir/page.json")" -gt 2
expect test "$(jq '[.samples[].read] | . == sort' "$tmpdir/page.json")" = true

# Lines of percents are for all of it.
run_expecting 0 "${copy[@]}" --progress=5 5>"$tmpdir/percents"
expect test "$(tail -n 1 "$tmpdir/percents")" = 100/100
expect test "$(sort -nu "$tmpdir/percents")" = "$(cat "$tmpdir/percents")"
expect_nothing_left
