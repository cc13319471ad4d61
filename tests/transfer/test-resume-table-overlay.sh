#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A converted overlay that was written or replaced after the copy was
# interrupted is not used again: the run begins again, with another conversion.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 140M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $((140 << 20))
cat >"$tmpdir/convert" <<END
echo once >>"$tmpdir/converted"
qemu-io -f qcow2 -c "write -P 0x5a 1M 1M" "\$V2V_OVERLAY_0" >/dev/null
END
cp "$tmpdir/disk" "$tmpdir/want"
qemu-io -f raw -c "write -P 0x5a 1M 1M" "$tmpdir/want" >/dev/null
mkdir "$tmpdir/overlays"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
      --overlay-dir "$tmpdir/overlays" --convert "sh '$tmpdir/convert'"
      "$tmpdir/disk")
for what in written replaced; do
    mkdir "$tmpdir/out"
    rm -f "$tmpdir/converted"
    run_in_background "${copy[@]}" --bandwidth 200M
    wait_for test -e "$tmpdir/out/guest.part/journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect_nothing_left
    overlay=$(echo "$tmpdir"/overlays/*/sda.qcow2)
    cp -p "$overlay" "$tmpdir/copy"
    case $what in
        # In the last cluster, which holds data: the size stays.
        written)
            printf X | dd of="$overlay" bs=1 conv=notrunc status=none \
                seek=$(($(stat -c %s "$overlay") - 100))
            touch -r "$tmpdir/copy" "$overlay" ;;
        replaced) mv "$tmpdir/copy" "$overlay" ;;
    esac
    run_expecting 0 "${copy[@]}" --resume
    expect_stderr 'converting and copying again from the beginning'
    expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
    expect test "$(wc -l <"$tmpdir/converted")" = 2
    rm -rf "$tmpdir/out" "$tmpdir"/overlays/*
done
