#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM for process 1 of a container, before there is anything to copy:
# status 143 within 10 seconds, and nothing is left.
. ./functions.sh
. "$abs_srcdir/container.sh"

requires_plugin curl
requires_plugin nbd
requires_plugin ssh
make_disk "$disk" 1M
start_nginx
url=$http_url/disk
start_silent_server
silent=127.0.0.1:$silent_port
container

# While the command line is read, nothing but the signal itself ends it.
mkfifo "$tmpdir/fifo"
chmod 0666 "$tmpdir/fifo"
run_in_background v2v-nbdkit-launch -ip "$tmpdir/fifo" -o null "$url"
wait_for has_child v2v-nbdkit-laun
sleep 0.3
ends 143

# stopped ARGUMENT...: while it waits for a server, for 5 seconds or more.
stopped ()
{
    run_in_background v2v-nbdkit-launch "$@"
    wait_for has_child v2v-nbdkit-laun
    sleep 1
    ends 143:interrupted:true
}

stopped -os "$volume/out" -on guest "nbd://$silent"
stopped -os "$volume/out" -on guest "ssh://root@$silent/disk"
stopped -os "$volume/out" --check "http://$silent/disk"
stopped -i ova -o null "https://$silent/guest.ova"
stopped -i vmx -it ssh -o null "ssh://root@$silent/vm/vm.vmx"
stopped --in-place --convert true "nbd://$silent"
stopped -o nbd -oo uri="nbd://$silent" "$url"
if grep -q 'HAVE_LIBVIRT 1' "$abs_top_builddir/config.h"; then
    stopped -i libvirt -o null guest \
        -ic "qemu+tcp://$silent/system"
fi

# In the queue; and --run, whose command does not want to end.
limit=(--source-limit 1 --limit-dir "$volume/limit")
mkdir "$volume/limit"
chmod 0775 "$volume/limit"
run_in_background v2v-nbdkit-launch "${limit[@]}" "$url" --run \
    "trap '' TERM; touch '$volume/reached'; sleep 1000"
wait_for test -e "$volume/reached"
first=$tool_pid
run_in_background v2v-nbdkit-launch "${limit[@]}" -o null "$url" \
    --status-file "$volume/status"
wait_for grep -q waiting "$volume/status"
SECONDS=0
kill -TERM "$(container_pid)"
wait_expecting 143:interrupted:true
tool_pid=$first
ends 143
