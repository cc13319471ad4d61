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
*" create "*./sda*)
    touch "$tmpdir/reached"
    sleep 1000 ;;
esac
exec "$(type -P qemu-img)" "\$@"
END
chmod +x "$tmpdir/bin/qemu-img"
PATH=$tmpdir/bin:$PATH
run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    -of qcow2 -oa preallocated --confine off "$tmpdir/disk"
wait_for test -e "$tmpdir/reached"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
expect test -z "$(ls -A "$tmpdir/out")"
