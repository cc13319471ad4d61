#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A copy beside a conversion leaves the conversion a connection for each disk:
# those of one host have its limit together.
. ./functions.sh

start_sshd
make_disk "$tmpdir/a" 64M
make_disk "$tmpdir/b" 48M
mkdir "$tmpdir/out"
# most_of N: of a copy that may have N connections.
most_of ()
{
    run_expecting 0 v2v-nbdkit-launch -v -o disk -os "$tmpdir/out" -on guest \
        --connections "$1" --bandwidth 400M --convert 'sleep 0.5' \
        "${ssh_options[@]}" \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/a" \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/b"
    expect cmp "$tmpdir/a" "$tmpdir/out/guest-sda"
    expect cmp "$tmpdir/b" "$tmpdir/out/guest-sdb"
    most=$(sed '1,/Copying the source meanwhile/d; / Copying$/,$d' "$err" |
               sed -n 's/.*copy: \([0-9]*\) connections.*/\1/p' | sort -n |
               tail -n 1)
}
most_of 3
expect test "$most" = 1
most_of 2
expect test "$most" = 1
most_of 5
expect test "$most" = 3
expect_nothing_left
