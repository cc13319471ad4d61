#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Passwords, keys and lists may come from FIFOs, process substitutions and
# descriptors.  A signal ends the waiting for a writer, or it has a limit.
. ./functions.sh

start_sshd
make_disk "$tmpdir/disk" 1M
truncate -s 1M "$tmpdir/target"
mkfifo "$tmpdir/fifo"
url=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk
known=(-io ssh-known-hosts="$ssh_known_hosts")

# Each disk needs the key, and so does the copy.
make_disk "$tmpdir/other" 1M
v2v-nbdkit-launch -q -o null "${known[@]}" \
    -io ssh-identity=<(cat "$ssh_identity") "$url" "${url%disk}other"
run_expecting 2:usage:false v2v-nbdkit-launch -o null "${known[@]}" \
    -io ssh-identity="$tmpdir/fifo" "$url"
expect_error 'ssh-identity: .*fifo: timed out waiting for data'

list ()
{
    v2v-nbdkit-launch -q -o device -oo path="$tmpdir/target" \
        --changed-extents "$1" "$tmpdir/disk"
}
areas='[{"start":0,"length":65536}]'
list <(echo "$areas")
echo "$areas" | list -
echo "$areas" | list /dev/stdin
{ sleep 0.3; echo "$areas"; } >"$tmpdir/fifo" &
list "$tmpdir/fifo"

v2v-nbdkit-launch -q -o null -ip <(echo sesame) "$tmpdir/disk"
{ sleep 0.3; echo sesame; } >"$tmpdir/fifo" &
run_expecting 0 v2v-nbdkit-launch -o null -ip "$tmpdir/fifo" "$tmpdir/disk"

# Nobody writes.
reads_fifo () { ls -l "/proc/$tool_pid/fd" | grep -q "$tmpdir/fifo"; }
for arguments in '-o null -ip' \
                 "-o device -oo path=$tmpdir/target --changed-extents"; do
    # shellcheck disable=SC2086
    run_in_background v2v-nbdkit-launch $arguments "$tmpdir/fifo" \
        "$tmpdir/disk"
    wait_for reads_fifo
    kill -TERM "$tool_pid"
    wait_expecting 143
done
run_expecting 2:usage:false v2v-nbdkit-launch -o null \
    --bandwidth-file "$tmpdir/fifo" "$tmpdir/disk"
expect_error 'bandwidth-file: .*not a regular file'
run_expecting 2:usage:false v2v-nbdkit-launch --changed-extents "$tmpdir" \
    -o device -oo path="$tmpdir/target" "$tmpdir/disk"
expect_error 'Is a directory'
expect_nothing_left
