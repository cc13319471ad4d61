#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All processes of a run fit into 128 MiB.  There may be no cgroup to be had
# here: their memory is added up while they run.  (Limits of a process are for
# its addresses; nbdkit reserves more than 128 MiB of these to say its version.)
. ./functions.sh
. "$abs_srcdir/container.sh"

requires_plugin curl
requires_filter rate
requires_program qemu-io
requires grep -q ^Pss_Anon: /proc/self/smaps_rollup
! sanitized || skip 'sanitizers take memory of their own'
limit_kib=$((128 * 1024))
make_disk "$disk" 256M
write_random "$disk" 0 $((64 << 20))
start_nginx
start_sshd
install -o 54321 -m 0600 "$ssh_identity" "$volume/id"
chmod 0755 "$tmpdir/ssh"
ssh_options=(-io ssh-identity="$volume/id"
             -io ssh-known-hosts="$ssh_known_hosts")
container

# add_up: print how many KiB the processes of the run have now, of what cannot
# be read again from files; what several have in common is counted once.
add_up ()
{
    marked_processes "$tool_mark" |
        sed 's,.*,/proc/&/smaps_rollup,' | xargs -r cat 2>/dev/null |
        awk '/^Pss_(Anon|Shmem):/ { sum += $2 } END { print sum + 0 }'
}

# fits ARGUMENT...
fits ()
{
    local now most=0

    rm -f "$volume/out"/*
    run_in_background v2v-nbdkit-launch -os "$volume/out" -on guest "$@"
    while is_running "$tool_pid"; do
        now=$(add_up || :)
        [ "$now" -le "$most" ] || most=$now
        sleep 0.05
    done
    wait_expecting 0
    echo "$((most >> 10)) MiB: $*" | tee -a "$tmpdir/logs/memory" >&2
    expect test "$most" -gt 2000 -a "$most" -lt $limit_kib
}

url=$http_url/disk
slow=(--bandwidth 400M)         # so that it is seen
compressed=(--connections 8)
# Where the plugin is parallel each connection has 16 threads, and a buffer for
# each of them.
if nbdkit curl --dump-plugin | grep -qx thread_model=parallel; then
    slow+=(--connections 2 --request-size 1M) compressed=()
fi
fits "${slow[@]}" "$url"
fits "${slow[@]}" "$url" --verify --checksum -of qcow2
# Fewer connections need less: each compresses by itself.
fits "${slow[@]}" "$url" -of qcow2 -oo compressed "${compressed[@]}"
fits "${slow[@]}" "$url" --convert \
    "qemu-io -f raw -c 'write -P 7 1M 32M' \"\$V2V_OVERLAY_URI_0\""
fits "${slow[@]}" "$disk"
fits "${slow[@]}" "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$disk"
expect_same "$disk" "$volume/out/guest-sda"
expect_nothing_left
