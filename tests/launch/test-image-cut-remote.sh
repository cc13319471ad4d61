#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Half of an image on a web server, behind ssh and NBD is refused as a local
# one is, by --check too.
. ./functions.sh

requires_plugin file
requires_program qemu-img
random_bytes disk | head -c 4M >"$tmpdir/disk"
mkdir "$tmpdir/www"
qemu-img convert -O qcow2 "$tmpdir/disk" "$tmpdir/www/disk.qcow2"
truncate -s 2M "$tmpdir/www/disk.qcow2"

expect_refused ()
{
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null "$@"
    expect_error 'is incomplete: at least [0-9]{7} bytes are missing'
    expect_hint 'interrupted'
    run_expecting 4:unsupported:false v2v-nbdkit-launch --check "$@"
    expect_stdout '^error .* is incomplete'
}

start_nginx
expect_refused "$http_url/disk.qcow2"
start_nbdkit half file "$tmpdir/www/disk.qcow2"
expect_refused "$nbdkit_uri"
start_sshd
expect_refused "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/www/disk.qcow2"
expect_nothing_left
