#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file on an SSH server that is written to, or replaced by another one of its
# size, while it is copied: status 6, and no target, also if nbdkit, which has
# seen it, ends then.
. ./functions.sh

requires_ssh_plugin
start_sshd
mkdir "$tmpdir/out"
for how in write replace end; do
    rm -f "$tmpdir/disk"
    make_disk "$tmpdir/disk" 100M
    touch -d '1 hour ago' "$tmpdir/disk"
    cp -p "$tmpdir/disk" "$tmpdir/another"
    touch "$tmpdir/another"
    run_in_background v2v-nbdkit-launch -v -o disk -os "$tmpdir/out" -on guest \
        "${ssh_options[@]}" --bandwidth 80M --retries 1 \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
    wait_for test -s "$tmpdir/out/guest.part/sda"
    sleep 0.5
    case $how in
        write) printf x | dd of="$tmpdir/disk" conv=notrunc status=none ;;
        replace) mv "$tmpdir/another" "$tmpdir/disk" ;;
        end) mv "$tmpdir/another" "$tmpdir/disk"
             wait_for grep -q 'written to or replaced' "$err"
             pkill -P "$tool_pid" -x nbdkit || : ;;
    esac
    wait_expecting 6:source-changed:false
    expect_error 'the file was written to or replaced'
    expect_hint 'shut down the guest'
    expect test ! -e "$tmpdir/out/guest-sda"
    rm -rf "$tmpdir/out"/*
    expect_nothing_left
done
