#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# COMMAND leaves something that cannot be copied in place of an overlay:
# status 5, and no target.
. ./functions.sh

requires_plugin file
requires_program jq
make_disk "$tmpdir/disk" 4M
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
remember "$tmpdir/disk" "$tmpdir/disk.qcow2"
mkdir "$tmpdir/out" "$tmpdir/work"

# refused REASON MESSAGE COMMAND [FORMAT...]: for sources in these formats.
refused ()
{
    local format

    for format in "${@:4}"; do
        rm -rf "$tmpdir/work"
        mkdir "$tmpdir/work"
        run_expecting 5 v2v-nbdkit-launch -if $format -o disk \
            -os "$tmpdir/out" -on guest --result-file "$tmpdir/result.json" \
            --convert "set -e; exec >/dev/null; cd '$tmpdir/work'
                o=\$V2V_OVERLAY_0
                qemu-io -f qcow2 -c 'write -P 7 0 1M' \"\$o\"; $3" \
            "$tmpdir/disk$([ $format = raw ] || echo .$format)"
        expect_error "$2"
        expect test "$(jq -c '[.reason, .retryable, .disk]' \
            "$tmpdir/result.json")" = "[\"$1\",false,0]"
        expect test -z "$(ls -A "$tmpdir/out")"
        expect_untouched
        expect_nothing_left
    done
}

refused untrusted-image 'another backing file, .*/work/b ' \
    'qemu-img create -f qcow2 b 4M
     qemu-img rebase -u -f qcow2 -F qcow2 -b "$PWD/b" "$o"' raw qcow2
refused untrusted-image 'another backing file' \
    'qemu-img create -f qcow2 -F qcow2 -b "$o" new; mv "$o" old; mv new "$o"' qcow2
refused untrusted-image 'keeps its data in another file' \
    'qemu-img create -f qcow2 -o data_file=data new 4M; mv new "$o"' raw
refused convert 'is no longer a qcow2 image' \
    'qemu-img convert -f qcow2 -O raw "$o" new; mv new "$o"' raw qcow2
refused convert 'has encrypted' \
    'qemu-img create -f qcow2 --object secret,id=s,data=abc \
         -o encrypt.format=aes,encrypt.key-secret=s \
         new 4M
     mv new "$o"' raw
refused convert 'has removed' 'rm "$o"' raw
refused convert 'not a regular file' 'mv "$o" new; ln -s "$PWD/new" "$o"' raw
refused convert 'not a regular file' 'rm "$o"; mkfifo "$o"' raw
refused convert 'has another hard link' 'ln "$o" new' raw
# qemu reads zeroes where the rest of the file was.
refused convert 'is damaged' 'truncate -s 300k "$o"' raw qcow2
refused convert 'is no longer a qcow2 image' ': >"$o"' raw
# A program that was killed while it wrote (lazy refcounts).
refused convert 'has not closed' \
    'printf "\001" | dd of="$o" bs=1 seek=79 conv=notrunc status=none' raw
refused convert 'as corrupt' \
    'printf "\002" | dd of="$o" bs=1 seek=79 conv=notrunc status=none' raw

# It is the second disk's.
run_expecting 5 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
    -on guest --result-file "$tmpdir/result.json" \
    --convert 'rm "$V2V_OVERLAY_1"' "$tmpdir/disk" "$tmpdir/disk"
expect_error 'has removed .*sdb.qcow2'
expect test "$(jq .disk "$tmpdir/result.json")" = 1
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
