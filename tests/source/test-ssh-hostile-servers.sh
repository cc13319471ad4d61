#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SFTP servers that answer with nonsense: each read fails, after a few tries,
# and nothing is taken for data.
. ./functions.sh

requires_ssh_plugin
requires_program nbdcopy nbdinfo
make_disk "$tmpdir/disk" 3M

for wrong in id twice long length type empty cut; do
    start_peculiar_sshd "wrong=$wrong"
    SECONDS=0
    run_expecting 1 timeout 60 nbdkit -U - "$ssh_plugin" host=127.0.0.1 \
        port="$sshd_port" user="$ssh_user" identity="$ssh_identity" \
        known-hosts="$ssh_known_hosts" connections=2 path="$tmpdir/disk" \
        --run "nbdcopy \"\$uri\" \"$tmpdir/copy\""
    if [ "$wrong" = cut ]; then
        expect_stderr 'error: read failed: '
    else
        expect_stderr 'SFTP server: it sends what was not asked for'
    fi
    expect_seconds 20
    stop_pid "$server_pid"
    rm -r "$tmpdir/ssh"
done

# A file that becomes shorter does not end in zeroes, or in anything else.
start_sshd
cp "$tmpdir/disk" "$tmpdir/shrinking"
run_expecting 1 timeout 60 nbdkit -U - "$ssh_plugin" host=127.0.0.1 \
    port="$sshd_port" user="$ssh_user" identity="$ssh_identity" \
    known-hosts="$ssh_known_hosts" path="$tmpdir/shrinking" \
    --run "nbdinfo --size \"\$uri\"; truncate -s 2M \"$tmpdir/shrinking\";
           nbdcopy \"\$uri\" \"$tmpdir/copy\""
expect_stderr 'error: read failed: SFTP server: End of file'
stop_pid "$server_pid"
rm -r "$tmpdir/ssh"

# A server that cannot read a part: that is told, and not tried again.
start_peculiar_sshd fails=1000000
run_expecting 4:read:true v2v-nbdkit-launch -o null --retries 0 \
    "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
expect_detail 'read failed: SFTP server: sorry'
expect_nothing_left
