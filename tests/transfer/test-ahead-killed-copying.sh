#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run that is killed while it copies what the conversion wrote over the
# source's copy is resumed with its overlays; without them nothing is believed
# that it has written.
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
cat >"$tmpdir/convert" <<END
echo once >>"$tmpdir/converted"
qemu-io -f raw "\$V2V_OVERLAY_URI_0" >/dev/null \
    <"$tmpdir/changes-\$(wc -l <"$tmpdir/converted")"
while [ -e "$tmpdir/wait" ]; do sleep 0.05; done
END
start_nbdkit source --readonly file "$tmpdir/disk"
source=$nbdkit_uri
# Writes to the target become slow when the source is copied.
echo 10G >"$tmpdir/rate"
start_nbdkit target --filter rate memory 150M rate-file="$tmpdir/rate"
target=$nbdkit_uri
mkdir "$tmpdir/overlays"
copy=(v2v-nbdkit-launch -o nbd -oo uri="$target" --verify
      --overlay-dir "$tmpdir/overlays" --copy-while-converting on
      --convert "sh '$tmpdir/convert'" "$source")

is_copied_ahead () { grep -q '"phase":"copy-ahead","done":157286400' "$1"; }

for signal in TERM KILL; do
    for gone in no yes; do
        rm -f "$tmpdir/converted" "$tmpdir/lines"
        touch "$tmpdir/wait"
        run_in_background "${copy[@]}" \
            --machine-readable=file:"$tmpdir/lines"
        wait_for is_copied_ahead "$tmpdir/lines"
        echo 20M >"$tmpdir/rate"
        # The filter looks at the file now and then.
        sleep 1
        rm "$tmpdir/wait"
        wait_for grep -q '"phase":"copy","done":[1-9]' "$tmpdir/lines"
        kill -$signal "$tool_pid"
        wait_expecting '143:interrupted:false:true|137'
        expect_nothing_left
        times=1
        if [ $gone = yes ]; then
            rm -r "$tmpdir"/overlays/*
            times=2
        fi
        echo 10G >"$tmpdir/rate"
        sleep 1
        run_expecting 0 "${copy[@]}" --resume
        expect test "$(wc -l <"$tmpdir/converted")" = $times
        qemu-img convert -f raw -O raw "$target" "$tmpdir/got"
        expect_same "$tmpdir/want-$times" "$tmpdir/got"
        expect test -z "$(ls -A "$tmpdir/overlays")"
        expect_nothing_left
    done
done
