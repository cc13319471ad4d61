#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A resumed copy reads an overlay that COMMAND made a complete image whole, as
# the interrupted one did.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 157286400
cat >"$tmpdir/convert" <<END
echo once >>"$tmpdir/converted"
qemu-io -f qcow2 -c "write -z 140M 1M" "\$V2V_OVERLAY_0" >/dev/null &&
    qemu-img convert -f qcow2 -O qcow2 "\$V2V_OVERLAY_0" "$tmpdir/new" &&
    mv "$tmpdir/new" "\$V2V_OVERLAY_0"
END
cp "$tmpdir/disk" "$tmpdir/want"
write_zeroes "$tmpdir/want" $((140 << 20)) $((1 << 20))
# Not raw: the overlay's backing file would have to be named again.
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -if qcow2 -o disk -os "$tmpdir/out" -on guest
      --convert "sh '$tmpdir/convert'" "$tmpdir/disk.qcow2")
PATH=$tmpdir/bin:$PATH
mkdir "$tmpdir/bin"
# The copy reads the overlay from qemu-nbd, which is no faster than this.
cat >"$tmpdir/bin/qemu-nbd" <<END
#!/bin/bash
case "\$*" in
    *sda.qcow2*) ;;
    *) exec "$(type -P qemu-nbd)" "\$@" ;;
esac
exec "$(type -P qemu-nbd)" --image-opts --persistent --shared=65535 --read-only \
    "driver=throttle,throttle-group=g,file.driver=qcow2,file.file.driver=file,\
file.file.filename=sda.qcow2" --object throttle-group,id=g,x-bps-read=25000000
END
chmod +x "$tmpdir/bin/qemu-nbd"
run_in_background "${copy[@]}"
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
rm "$tmpdir/bin/qemu-nbd"
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect test "$(wc -l <"$tmpdir/converted")" = 1
expect_nothing_left
