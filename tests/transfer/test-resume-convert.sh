#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A copy that was interrupted after the conversion uses its overlays again and
# does not convert twice; if the overlays are gone the run begins again.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 157286400
cat >"$tmpdir/convert" <<END
echo once >>"$tmpdir/converted"
qemu-io -f qcow2 -c "write -P 6\$(wc -l <"$tmpdir/converted") 1M 1M" \
    -c "write -P 0x33 120M 64k" "\$V2V_OVERLAY_0" >/dev/null
END
# No conversion writes what another one did.
for times in 1 2; do
    cp "$tmpdir/disk" "$tmpdir/want-$times"
    qemu-io -f raw -c "write -P 6$times 1M 1M" -c "write -P 0x33 120M 64k" \
        "$tmpdir/want-$times" >/dev/null
done
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
mkdir "$tmpdir/overlays"
start_nbdkit raw --readonly file "$tmpdir/disk"
start_nbdkit qcow2 --readonly file "$tmpdir/disk.qcow2"
for source in "$tmpdir/disk" "$tmpdir/disk.qcow2" \
    "nbd+unix:///?socket=$tmpdir/raw.sock" \
    "nbd+unix:///?socket=$tmpdir/qcow2.sock"; do
    for gone in no yes; do
        case $source$gone in nbd*yes) continue ;; esac
        mkdir "$tmpdir/out"
        rm -f "$tmpdir/converted"
        copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
              --overlay-dir "$tmpdir/overlays"
              --convert "sh '$tmpdir/convert'" "$source")
        run_in_background "${copy[@]}" --bandwidth 200M
        wait_for test -e "$tmpdir/out/guest.part/journal"
        kill -KILL "$tool_pid"
        wait_expecting 137
        expect_nothing_left
        times=1
        if [ $gone = yes ]; then
            rm -r "$tmpdir"/overlays/*
            times=2
        fi
        run_expecting 0 "${copy[@]}" --resume
        expect_same "$tmpdir/want-$times" "$tmpdir/out/guest-sda"
        expect test "$(wc -l <"$tmpdir/converted")" = $times
        expect test -z "$(ls -A "$tmpdir/overlays")"
        expect_nothing_left
        rm -r "$tmpdir/out"
    done
done
