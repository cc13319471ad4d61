#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A journal of a copy beside a conversion that cannot be written any more when
# this has ended: the run goes on, and leaves none that would be believed.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_plugin file
requires_plugin memory
requires_filter rate
make_ahead disk
for times in 1 2; do
    make_changes "$tmpdir/changes-$times" 157286400
    make_want disk $times
done
# It has another name, so that it is not written to, and cannot be replaced.
cat >"$tmpdir/convert" <<END
until grep -q '"phase":"copy-ahead","done":157286400' "$tmpdir/lines"; do
    sleep 0.1
done
journal=\$(echo "$tmpdir/state"/*.journal)
if [ "\$1" = gone ]; then rm "\$journal"; else ln "\$journal" "\$journal.other"; fi
mkdir "\$journal.tmp"
echo once >>"$tmpdir/converted"
qemu-io -f raw "\$V2V_OVERLAY_URI_0" >/dev/null \
    <"$tmpdir/changes-\$(wc -l <"$tmpdir/converted")"
echo "\$2" >"$tmpdir/rate"
sleep 1
END
start_nbdkit source --readonly file "$tmpdir/disk"
source=$nbdkit_uri
echo 10G >"$tmpdir/rate"
start_nbdkit target --filter rate memory 150M rate-file="$tmpdir/rate"
target=$nbdkit_uri

# new_state: no run has left anything.
new_state ()
{
    rm -rf "$tmpdir/state" "$tmpdir/converted" "$tmpdir/lines"
    mkdir "$tmpdir/state"
    copy=(v2v-nbdkit-launch -o nbd -oo uri="$target" --verify -v
          --state-dir "$tmpdir/state" --copy-while-converting on
          --machine-readable=file:"$tmpdir/lines")
}

expect_target ()
{
    qemu-img convert -f raw -O raw "$target" "$tmpdir/got"
    expect_same "$1" "$tmpdir/got"
}

for what in gone there; do
    new_state
    run_expecting 0 "${copy[@]}" \
        --convert "sh '$tmpdir/convert' $what 10G" "$source"
    expect_stderr 'the copy cannot be resumed for now: '
    expect_target "$tmpdir/want-1"
    expect_nothing_left
done

# Killed while it copies what the conversion wrote.
new_state
run_in_background "${copy[@]}" \
    --convert "sh '$tmpdir/convert' there 20M" "$source"
wait_for grep -q '"phase":"copy","done":[1-9]' "$tmpdir/lines"
kill -KILL "$tool_pid"
wait_expecting 137
echo 10G >"$tmpdir/rate"
expect test ! -e "$(echo "$tmpdir"/state/*.journal)"
rmdir "$tmpdir"/state/*.tmp
rm "$tmpdir"/state/*.other "$tmpdir/lines"
run_expecting 0 "${copy[@]}" --resume \
    --convert "sh '$tmpdir/convert' there 10G" "$source"
expect_target "$tmpdir/want-2"
expect_nothing_left
