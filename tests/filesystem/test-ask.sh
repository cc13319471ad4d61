#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the process of its own says of disks that NBD servers have is what is
# found in their files: whatever the server's blocks are, however many
# connections it takes.  A server that cannot be read is an error, a process
# that ends is none.
. ./functions.sh
. "$abs_srcdir/filesystem/volumes.sh"
requires_program mke2fs sgdisk
requires_plugin file
requires_plugin eval
requires_filter blocksize-policy

servers=0

# ask NBDKIT-ARGUMENT...: of an nbdkit with these arguments.
ask ()
{
    start_nbdkit "nbdkit$((++servers))" "$@"
    run_expecting 0 "$list_filesystems" --ranges --ask "$connections" \
        "$nbdkit_uri"
}

new_disk 200M
sgdisk -n 1:0:+100M -n 2:0:+8M -n 3:0:+80M "$disk" >&2
put 1048576 100M mke2fs -q -F -t ext4 -b 1024
put_swap $((101 * 1048576)) 8388608
run_expecting 0 "$list_filesystems" --ranges "$disk"
expect test "$(grep -c . "$out")" -ge 5
expect_stdout '^0 sda1 ext4 104857600 [1-9]'
expect_stdout '^0 sda2 swap 8388608 8384512$'
expect_stdout '^0 sda3 - 83886080 0 it has no known signature$'
cp "$out" "$tmpdir/files"

for connections in 1 8; do
    ask file "$disk"
    expect cmp "$out" "$tmpdir/files"
done
ask --filter=blocksize-policy file "$disk" blocksize-minimum=65536 \
    blocksize-preferred=65536 blocksize-maximum=131072 \
    blocksize-error-policy=error
expect cmp "$out" "$tmpdir/files"

# Two disks, one of which cannot be read behind its first 64 KiB.
start_nbdkit good file "$disk"
good=$nbdkit_uri
# shellcheck disable=SC2016
start_nbdkit bad eval get_size='echo 64M' \
    pread='if [ $4 -ge 65536 ]; then echo EIO bad >&2; exit 1; fi; head -c $3 /dev/zero'
run_expecting 1 "$list_filesystems" --ask 4 "$good" "$nbdkit_uri"
expect_stderr '^list-filesystems: read: sdb: the disk cannot be read'
run_expecting 1 "$list_filesystems" --ask 4 "nbd+unix:///?socket=$tmpdir/none"
expect_stderr '^list-filesystems: unreachable: '

# The process is killed while it waits for a server.
# shellcheck disable=SC2016
start_nbdkit slow eval get_size='echo 64M' \
    pread='sleep 1; head -c $3 /dev/zero'
run_in_background "$list_filesystems" --ranges --ask 1 "$good" "$nbdkit_uri"
wait_for pgrep -P "$tool_pid"
kill -KILL "$(pgrep -P "$tool_pid")"
wait_expecting 0
expect_stdout '^0 sda - 0 0 the process that reads its file systems was killed by signal 9'
expect_stdout '^1 sdb - 0 0 the process that reads its file systems was killed by signal 9'
expect test "$(wc -l <"$out")" = 2
