#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit and qemu get none of the caller's descriptors, none of the variables
# that are meant for another nbdkit, qemu or service, and leave no core files;
# --convert gets what the caller gave, but for the password's descriptor.
. ./functions.sh

make_disk "$tmpdir/src" 8M
echo swordfish >"$tmpdir/password"
echo list >"$tmpdir/list"
export LISTEN_FDS=1 LISTEN_PID=1 NBDKIT_TEST=x QEMU_AUDIO_DRV=x
ulimit -c 4096 2>/dev/null || :

# The command looks at each child of its own parent.
cat >"$tmpdir/look" <<'SH'
for pid in $(cat /proc/$PPID/task/$PPID/children); do
    [ "$(cat /proc/$pid/comm)" != sh ] || continue
    echo "$pid $(cat /proc/$pid/comm)"
    ls -l /proc/$pid/fd | grep -e "$1/password" -e "$1/list"
    # The guard is no other program, only a fork.
    [ "$(cat /proc/$pid/comm)" != v2v-guard ] || continue
    tr '\0' '\n' </proc/$pid/environ | grep -e ^LISTEN_PID=1$ -e ^NBDKIT_ \
        -e ^QEMU_
    grep 'Max core file size' /proc/$pid/limits | grep -v ' 0 * 0 '
done
echo "own: $(cat <&7) $LISTEN_FDS $NBDKIT_TEST $QEMU_AUDIO_DRV"
! ls -l /proc/self/fd | grep "$1/password"
SH

for way in fd:8 /dev/fd/8; do
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/src" -o null -ip "$way" \
        --convert "exec sh '$tmpdir/look' '$tmpdir' >'$tmpdir/seen'" \
        7<"$tmpdir/list" 8<"$tmpdir/password"
    expect grep -q nbdkit "$tmpdir/seen"
    expect test "$(grep -v '^[0-9]* [a-z0-9-]*$' "$tmpdir/seen")" = \
        'own: list 1 x x'
done
expect_nothing_left
