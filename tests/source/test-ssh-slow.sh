#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ssh server that takes connections, but needs more than 5 seconds for its
# first answer, is waited for.
. ./functions.sh

requires_program socat
make_disk "$tmpdir/disk" 2M
start_sshd

# The first connection is slow, those of the copy are not.
cat >"$tmpdir/slowly" <<END
#!/bin/sh
if [ -e "$tmpdir/slow" ]; then
    sleep 6.5
    rm -f "$tmpdir/slow"
fi
exec socat - TCP:127.0.0.1:$sshd_port
END
chmod +x "$tmpdir/slowly"
: >"$tmpdir/slow"
launch_slow_server ()
{
    start_server slow socat \
        "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork,backlog=64" \
        "EXEC:$tmpdir/slowly"
}
start_on_port socat launch_slow_server
printf '[127.0.0.1]:%s %s\n' "$port" "$(cat "$tmpdir/ssh/host_key.pub")" \
    >>"$ssh_known_hosts"

mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$port$tmpdir/disk"
expect_stderr 'warning: .*127\.0\.0\.1 takes the connection but has not'
expect test ! -e "$tmpdir/slow"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"

# libssh itself waits for 10 seconds, or as long as the user wants.
run_expecting 0 v2v-nbdkit-launch --dry-run --startup-timeout 60 \
    ssh://root@example.com/disk.img
expect_stdout ' timeout=60( |$)'
expect_nothing_left
