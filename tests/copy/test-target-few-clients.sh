#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD targets that promise multi-conn but refuse a further connection, or
# accept it and are silent: the copy goes on with those that are open.  Without
# multi-conn there is one connection only.
. ./functions.sh

requires_plugin file
requires_filter limit
requires_filter log
requires_filter multi-conn
truncate -s 64M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 67108864

# copy: to the server at $uri, whose file is $tmpdir/target.
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -if raw -o nbd -oo uri="$uri" \
        --connections 8 --result-file "$tmpdir/result" "$tmpdir/disk"
    expect_same "$tmpdir/disk" "$tmpdir/target"
    expect test "$(jq '.disks[0].bytes_written' "$tmpdir/result")" = 67108864
    expect_nothing_left
}

new_target ()
{
    rm -f "$tmpdir/target"
    truncate -s 64M "$tmpdir/target"
}

for clients in 1 2; do
    new_target
    start_nbdkit "limit$clients" --filter limit file "$tmpdir/target" \
        limit=$clients
    uri=$nbdkit_uri
    copy
done
new_target
start_server few qemu-nbd --persistent --shared=2 --format=raw \
    --socket="$tmpdir/few.sock" "$tmpdir/target"
uri="nbd+unix:///?socket=$tmpdir/few.sock"
wait_for test -S "$tmpdir/few.sock"
expect nbdinfo --can multi-conn "$uri"
SECONDS=0
copy
expect_seconds 30

new_target
start_nbdkit single --filter multi-conn --filter log file "$tmpdir/target" \
    multi-conn-mode=disable logfile="$tmpdir/logs/connections"
uri=$nbdkit_uri
copy
awk '/ Connect / { n++; if (n > max) max = n }
     / Disconnect / { n-- }
     END { exit max == 1 ? 0 : 1 }' "$tmpdir/logs/connections" ||
    fail "there were two connections at once"
