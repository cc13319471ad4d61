#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Standard descriptors that are closed when the run begins: no file of the run
# takes their places, so that no message is written to a disk.
. ./functions.sh
. "$abs_srcdir/container.sh"

requires_plugin curl
requires_program jq
make_disk "$disk" 4M
start_nginx
container
inner=("${tool[@]:2}")

# closing DESCRIPTORS: each copy as it is with all of them.
closing ()
{
    tool=("$abs_srcdir/contain" "$tmpdir" sh -c "exec \"\$@\" $1" sh
          "${inner[@]}")
    run_expecting 0 v2v-nbdkit-launch -v -os "$volume/out" -on guest \
        --verify "$http_url/disk" \
        --convert 'echo said; echo told >&2; cat; ls /proc/self/fd >/dev/null'
    expect_same "$disk" "$volume/out/guest-sda"
    expect test "$(jq -r .status "$volume/result")" = ok
    run_expecting 0 v2v-nbdkit-launch -v -os "$volume/out" -on guest \
        -of qcow2 "$disk"
    expect_same_image raw "$disk" qcow2 "$volume/out/guest-sda"
    # What fails is told by the status, at least.
    run_expecting 4:not-found:false v2v-nbdkit-launch -o null "$http_url/none"
    expect test "$(jq -r .reason "$volume/result")" = not-found
    run_expecting 7 v2v-nbdkit-launch --run 'exit 7' "$disk"
    expect_nothing_left
}

for fds in '<&-' '>&-' '2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
    closing "$fds"
done
