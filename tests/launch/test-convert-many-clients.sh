#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The overlay that is served takes any number of clients at once.
. ./functions.sh

requires_program qemu-io
make_disk "$tmpdir/src" 4M
cat >"$tmpdir/clients" <<'END'
# A client that is not let in waits for ever.
for ((i = 0; i < 40; i++)); do
    {
        echo 'read 1M 64k'
        # Until the last one has read.
        while [ ! -e "$V2VDIR/all" ]; do sleep 0.1; done
    } | qemu-io -f raw "$V2V_OVERLAY_URI_0" >"$V2VDIR/client$i" &
done
while [ "$(grep -ls 'read 65536/65536' "$V2VDIR"/client* | wc -l)" != 40 ]; do
    sleep 0.1
done
touch "$V2VDIR/all"
wait
END
run_expecting 0 v2v-nbdkit-launch "$tmpdir/src" -o null \
    --convert "bash '$tmpdir/clients'"
expect_nothing_left
