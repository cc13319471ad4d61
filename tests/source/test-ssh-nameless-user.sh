#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A user without a name, as in containers: ssh:// works with one in the URL,
# and without one says so, and not that a repetition would help.
. ./functions.sh

requires_plugin ssh
requires_other_user
make_disk "$tmpdir/disk" 1M
start_sshd
# As secrets are in containers.
mkdir "$tmpdir/secret"
cp "$ssh_identity" "$tmpdir/secret/id"
cp "$ssh_known_hosts" "$tmpdir/secret/known_hosts"
chown :54321 "$tmpdir/secret/id"
chmod 0440 "$tmpdir/secret/id"
mkdir -m 0700 "$tmpdir/theirs"
chown 12345 "$tmpdir/theirs"
tool=(setpriv --reuid=12345 --regid=0 --groups=54321 -- env HOME=/
      TMPDIR="$tmpdir/theirs" "${tool[@]}")
options=(--result-file "$tmpdir/theirs/result" -o null
         -io ssh-identity="$tmpdir/secret/id"
         -io ssh-known-hosts="$tmpdir/secret/known_hosts")
run_expecting 0 v2v-nbdkit-launch "${options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
run_expecting 4:auth:false v2v-nbdkit-launch "${options[@]}" \
    "ssh://127.0.0.1:$sshd_port$tmpdir/disk"
expect_hint 'give the user, as in ssh://USER@HOST/PATH'
expect_nothing_left
