#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGKILL of the tool while space is allocated for the target: nothing left.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out" "$tmpdir/bin"
cat >"$tmpdir/bin/qemu-img" <<END
#!/bin/sh
case " \$* " in
*" create "*guest-sda.part*)
    touch "$tmpdir/reached"
    sleep 1000 ;;
esac
exec "$(type -P qemu-img)" "\$@"
END
chmod +x "$tmpdir/bin/qemu-img"
PATH=$tmpdir/bin:$PATH
# This qemu-img touches what the real one has no business with.
run_in_background v2v-nbdkit-launch --confine off -o disk -os "$tmpdir/out" -on guest \
    -of qcow2 -oa preallocated "$tmpdir/disk"
wait_for test -e "$tmpdir/reached"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
expect test -z "$(ls -A "$tmpdir/out")"
