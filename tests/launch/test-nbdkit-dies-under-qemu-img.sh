#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit that dies while qemu-img looks at the image is told as that, and not
# as what qemu-img says about it: trying again may help.
. ./functions.sh

requires_plugin file
requires_program qemu-img
qemu-img create -q -f qcow2 "$tmpdir/disk" 1M
mkdir "$tmpdir/bin" "$tmpdir/out"
qemu_img=$(type -P qemu-img)
cat >"$tmpdir/bin/qemu-img" <<EOT
#!/bin/bash
line=\$*
case \$line in
    info\ *'"type":"unix","path":"'*)
        socket=\${line#*'"type":"unix","path":"'}
        kill -KILL "\$(cat "\${socket%%\"*}.pid")" ;;
esac
exec "$qemu_img" "\$@"
EOT
chmod +x "$tmpdir/bin/qemu-img"
PATH=$tmpdir/bin:$PATH
# The real qemu-img would be kept from that.
run_expecting 4:nbdkit-crash:true v2v-nbdkit-launch --confine off \
    -os "$tmpdir/out" -on guest "$tmpdir/disk"
expect_error 'nbdkit was killed by signal 9'
expect_detail 'qemu-img'
expect_nothing_left
