#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A small disk far away: the server is asked for nothing twice, and nothing
# that nobody needs is opened.
. ./functions.sh

requires_plugin nbd
requires_filter log
# Many servers take what has no other type for text.
nginx_types='text/plain plain;' start_nginx
make_disk "$tmpdir/www/disk" 1M
ln "$tmpdir/www/disk" "$tmpdir/www/disk.plain"
mkdir "$tmpdir/out"

# copy URL [ARGUMENT...]: with one connection, so that those are counted that
# are needed for something else.
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -v -x -o disk -os "$tmpdir/out" \
        -on guest --connections 1 "${@:2}" "$1"
}

# The version, the start, the end and the version once more; the data; the
# version twice.  nbdkit asks with HEAD for itself, the lister and the worker.
# Some versions have another one for the copy, which is tried by a read.
for name in disk disk.plain; do
    : >"$tmpdir/logs/nginx-access"
    copy "$http_url/$name"
    expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
    own=$(grep -c 'the copy has an nbdkit of its own' "$err" || :)
    for question in "GET $((7 + own))" "HEAD $((3 + own))"; do
        expect test "$(grep -c "\"${question% *} " \
            "$tmpdir/logs/nginx-access")" -le "${question#* }"
    done
done

# Where nothing is converted nobody reads through the overlay, and a server that
# says that it takes many clients is not tried with a second one: the first
# worker reads through the connection that is there.
start_nbdkit_tcp -r --filter=log --filter=delay file "$tmpdir/www/disk" \
    logfile="$tmpdir/logs/reads" rdelay=200ms
copy "nbd://127.0.0.1:$nbd_port"
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
expect grep -q '/copy0 ' "$err"
expect_not grep -q '/in0 ' "$err"
expect test "$(grep -c ' Connect ' "$tmpdir/logs/reads")" = 1
# The first bytes and the last ones are asked for at once.
expect test "$(grep -m 1 -B 9 '\.\.\.Read' "$tmpdir/logs/reads" |
    grep -c ' Read ')" = 2
# What is a hole is asked for on the connection that is there, and so are the
# samples at the end, all of them before the first has come.
expect_not grep -q 'connection=2 Extents' "$tmpdir/logs/reads"
expect test "$(tail -n 40 "$tmpdir/logs/reads" |
    sed -n 's/.*\(connection=[0-9]*\) Read .*/\1/p' | tail -n 1)" = \
    connection=1

# --bandwidth is a limit of each nbdkit: the copy reads through one.
: >"$tmpdir/logs/reads"
copy "nbd://127.0.0.1:$nbd_port" --bandwidth 1G
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
mapfile -t readers < <(sed -n \
    's/.*\(connection=[0-9]*\) Read .* count=0x[0-9a-f]\{4,\} .*/\1/p' \
    "$tmpdir/logs/reads" | sort -u)
first=$(sed -n 's/.*\(connection=[0-9]*\) Connect .*/\1/p' \
    "$tmpdir/logs/reads" | head -n 1)
expect test "${#readers[@]}" -ge 1
expect_not grep -qx "$first" <(printf '%s\n' "${readers[@]}")

copy "nbd://127.0.0.1:$nbd_port" --convert true
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
expect grep -q '/in0 ' "$err"
expect_nothing_left
