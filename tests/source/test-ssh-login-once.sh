#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whoever is refused by an ssh server does not try with each of the connections
# that the copy would have; a key of the agent's logs in, and so does a server that
# drops connections while two log in.
. ./functions.sh

requires_ssh_plugin
requires_program ssh-agent ssh-add
make_disk "$tmpdir/disk" 30M
mkdir "$tmpdir/out"

start_sshd 'LogLevel VERBOSE' 'MaxStartups 2:50:4'
url=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk
ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f "$tmpdir/other"
run_expecting 4:auth:false v2v-nbdkit-launch -o null \
    -io ssh-identity="$tmpdir/other" \
    -io ssh-known-hosts="$ssh_known_hosts" "$url"
# First with that key only, and then with all that there is.
expect test "$(grep 'Failed publickey' "$tmpdir/logs/sshd" |
                   grep -o ' port [0-9]*' | sort -u | wc -l)" = 2
expect_nothing_left

eval "$(ssh-agent -s)" >/dev/null
cleanup_fn kill "$SSH_AGENT_PID"
ssh-add -q "$ssh_identity"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    -io ssh-known-hosts="$ssh_known_hosts" "$url"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
kill "$SSH_AGENT_PID"
expect_nothing_left
