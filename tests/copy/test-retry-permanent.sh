#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What waiting cannot cure ends at once, whatever --retries says: a target, or
# a source, that refuses, and a qemu-nbd that does not start.
. ./functions.sh

requires_plugin file
requires_plugin eval
requires_filter error
make_disk "$tmpdir/disk" 8M
truncate -s 8M "$tmpdir/target"
mkdir "$tmpdir/out" "$tmpdir/bin"

# retries: how often something was tried again, in the log.
retries () { grep -cE 'trying again|the copy continues' "$tmpdir/log" || :; }

# run_refused REGEX COMMAND...: it fails without a second attempt.
run_refused ()
{
    rm -f "$tmpdir/log"
    SECONDS=0
    run_expecting 6 "${@:2}" --retries 100 --log "$tmpdir/log"
    expect_error "$1"
    expect_seconds 8
    expect_nothing_left
}

for error in EINVAL EPERM; do
    start_nbdkit target-$error --filter error file "$tmpdir/target" \
        error-pwrite=$error error-pwrite-rate=100% error-zero=EINVAL \
        error-zero-rate=100%
    run_refused 'cannot write' v2v-nbdkit-launch \
        -o nbd -oo uri="$nbdkit_uri" "$tmpdir/disk"
    expect test "$(retries)" = 0
done

# A smaller request might be allowed; nothing else can help.
start_nbdkit source eval get_size='echo 8M' thread_model='echo parallel' \
    pread='[ $(($4 + $3)) -lt 4000000 ] || [ $4 -gt 8000000 ] || { echo EPERM no >&2; exit 1; }
           dd if=/dev/zero bs=$3 count=1 status=none'
run_refused 'cannot read' v2v-nbdkit-launch -o disk \
    -os "$tmpdir/out" -on guest "$nbdkit_uri"
# In the message, or in the details below nbdkit's last words.
expect_stderr 'Operation not permitted'
expect test "$(retries)" -le 16

cat >"$tmpdir/bin/qemu-nbd" <<END
#!/bin/sh
case "\$*" in
    *driver=qcow2*) echo 'qemu-nbd: no such option' >&2; exit 1 ;;
esac
exec '$(type -P qemu-nbd)' "\$@"
END
chmod +x "$tmpdir/bin/qemu-nbd"
PATH=$tmpdir/bin:$PATH
run_refused 'no such option' v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -of qcow2 -oa preallocated -on guest "$tmpdir/disk"
expect test "$(retries)" -le 1
