#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an FTP server says when it refuses: curl, and so nbdkit, calls 421 a
# timeout, and leaves out that TLS is wanted.
. ./functions.sh

requires_root
requires_plugin curl
requires_program python3
vsftpd_program=$(PATH=$PATH:/usr/sbin type -P vsftpd) ||
    skip "vsftpd is not installed"
make_ca
mkdir "$tmpdir/www" "$tmpdir/empty"
make_disk "$tmpdir/www/disk" 2M
chmod 0755 "$tmpdir"
chmod 0555 "$tmpdir/www"
cat "$tmpdir/tls/tls.key" "$tmpdir/tls/tls.crt" >"$tmpdir/tls/both"
echo wrong-3f19 >"$tmpdir/password"

launch_vsftpd ()
{
    printf '%s\n' listen=YES listen_address=127.0.0.1 "listen_port=$port" \
        background=NO anonymous_enable=YES local_enable=YES \
        "anon_root=$tmpdir/www" "secure_chroot_dir=$tmpdir/empty" \
        seccomp_sandbox=NO "${settings[@]}" >"$tmpdir/vsftpd.conf"
    start_server vsftpd "$vsftpd_program" "$tmpdir/vsftpd.conf"
}

settings=(max_clients=1)
start_on_port vsftpd launch_vsftpd
vsftpd_pid=$server_pid
start_server holder python3 -c 'import socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.recv(100); open(sys.argv[2], "w"); time.sleep(60)' \
    "$port" "$tmpdir/held"
wait_for test -e "$tmpdir/held"
run_expecting 4:session-limit:true v2v-nbdkit-launch -o null \
    "ftp://127.0.0.1:$port/disk"
expect_error '421 '
stop_pid "$server_pid"
stop_pid "$vsftpd_pid"

settings=(ssl_enable=YES allow_anon_ssl=YES force_anon_logins_ssl=YES
    "rsa_cert_file=$tmpdir/tls/both")
start_on_port vsftpd launch_vsftpd
run_expecting 4:tls:false v2v-nbdkit-launch -o null \
    "ftp://127.0.0.1:$port/disk"
expect_error '530 .*encryption'
expect_hint 'AUTH TLS'
run_expecting 4:tls:false v2v-nbdkit-launch --check -o null \
    "ftp://127.0.0.1:$port/disk"
stop_pid "$server_pid"

settings=()
start_on_port vsftpd launch_vsftpd
run_expecting 4:not-found:false v2v-nbdkit-launch -o null \
    "ftp://127.0.0.1:$port/none"
expect_error '550 '
run_expecting 4:auth:false v2v-nbdkit-launch -ip "$tmpdir/password" -o null \
    "ftp://joe@127.0.0.1:$port/disk"
expect_error '530'
expect_nowhere wrong-3f19
if ftp_crashes "ftp://127.0.0.1:$port/disk"; then
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
        "ftp://127.0.0.1:$port/disk"
    expect_error 'curl plugin crashes'
    expect_hint 'download the file first'
else
    run_expecting 0 v2v-nbdkit-launch -o null "ftp://127.0.0.1:$port/disk"
fi
expect test ! -s "$out"
expect_nothing_left
