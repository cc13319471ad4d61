#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The servers of functions.sh serve what their tests rely on.
. ./functions.sh

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 4M

reads_disk ()
{
    nbdkit -U - -r "$@" --run 'nbdcopy "$uri" -' >"$tmpdir/read" \
        2>"$tmpdir/logs/nbdkit" || return 1
    expect_same "$tmpdir/www/disk" "$tmpdir/read"
}

requires_program nbdcopy
start_nbdkit disk -r file "$tmpdir/www/disk"
nbdcopy "$nbdkit_uri" "$tmpdir/read"
expect_same "$tmpdir/www/disk" "$tmpdir/read"

start_qemu_nbd qemu --read-only --format=raw "$tmpdir/www/disk"
nbdcopy "$qemu_nbd_uri" "$tmpdir/read"
expect_same "$tmpdir/www/disk" "$tmpdir/read"

start_nginx
reads_disk curl "$http_url/disk"
reads_disk curl "$http_url/redirect/disk"
reads_disk curl "$https_url/disk" cainfo="$tmpdir/tls/ca.crt"
reads_disk curl "$http_url/auth/disk" user="$http_user" \
    password="$http_password"
for location in auth 401 403 404 500 503 norange; do
    expect_not reads_disk curl "$http_url/$location/disk"
done
expect_not reads_disk curl "$https_url/disk"
curl -s -r 1-1 -o /dev/null -D "$tmpdir/head" "$http_url/lying/disk"
expect grep -q ' 200 ' "$tmpdir/head"
expect grep -q '^Accept-Ranges: bytes' "$tmpdir/head"

start_sshd
reads_disk ssh host=127.0.0.1 port="$sshd_port" config= \
    identity="$ssh_identity" known-hosts="$ssh_known_hosts" \
    path="$tmpdir/www/disk"

start_silent_server
expect is_listening "$silent_port"

# A test's end, by force too, is its servers' end.
pids=("${server_pids[@]}")
cat >"$tmpdir/killed.sh" <<'END'
. ./functions.sh
start_nbdkit null null
start_silent_server
echo "${server_pids[@]}" >"$1/servers"
echo "$tmpdir" >"$1/directory"
sleep 60
END
for signal in TERM KILL; do
    rm -f "$tmpdir/servers" "$tmpdir/directory"
    V2V_TEST_TIMED=yes bash "$tmpdir/killed.sh" "$tmpdir" \
        >"$tmpdir/logs/killed" 2>&1 &
    killed=$!
    wait_for test -s "$tmpdir/directory"
    sleeper=$(cat "/proc/$killed/task/$killed/children")
    kill -"$signal" "$killed"
    # Bash looks at signals when the program that it waits for ends.
    for pid in $sleeper; do
        if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = sleep ]; then
            kill "$pid"
        fi
    done
    wait "$killed" 2>/dev/null || :
    for pid in $(cat "$tmpdir/servers"); do
        wait_for not is_running "$pid"
    done
    [ "$signal" = KILL ] || expect test ! -e "$(cat "$tmpdir/directory")"
    rm -rf -- "$(cat "$tmpdir/directory")"
done
for pid in "${pids[@]}"; do
    expect is_running "$pid"
done
