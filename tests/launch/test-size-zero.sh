#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk of size 0 is an error of the source, wherever it is read from, and
# there is no target.
. ./functions.sh

for plugin in file nbd curl null; do
    requires_plugin "$plugin"
done
mkdir "$tmpdir/out"

# expect_refused WHAT ARGUMENT...: WHAT is named as what is empty.
expect_refused ()
{
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o disk \
        -os "$tmpdir/out" -on guest "${@:2}"
    expect_error "$1: the disk has a size of 0 bytes"
    expect test -z "$(ls -A "$tmpdir/out")"
}

: >"$tmpdir/disk.img"
expect_refused "$tmpdir/disk.img" "$tmpdir/disk.img"
expect_refused "$tmpdir/disk.img" -if raw "$tmpdir/disk.img"
make_disk "$tmpdir/good.img" 1M
expect_refused "$tmpdir/disk.img" "$tmpdir/good.img" "$tmpdir/disk.img"
qemu-img create -q -f qcow2 "$tmpdir/disk.qcow2" 0
expect_refused "$tmpdir/disk.qcow2" "$tmpdir/disk.qcow2"

start_nbdkit empty null
expect_refused empty.sock "$nbdkit_uri"
start_nginx
: >"$tmpdir/www/disk.img"
expect_refused "$http_url/disk.img" "$http_url/disk.img"
expect_refused 'nbdkit null' -i nbdkit null

run_expecting 4:unsupported:false v2v-nbdkit-launch --check -o null \
    "$tmpdir/disk.img"
run_expecting 4:unsupported:false v2v-nbdkit-launch --run true \
    "$tmpdir/disk.img"
run_expecting 4:unsupported:false v2v-nbdkit-launch --in-place \
    --convert true "$tmpdir/disk.img"
expect_nothing_left
