#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A plain user's state and overlay directories on a file system that calls all
# files another user's (as vfat and CIFS do): the records in them are used.
. ./functions.sh

requires_other_user
requires_plugin file
requires_filter error
requires_program bindfs qemu-io
requires test -w /dev/fuse
mkdir "$tmpdir/real" "$tmpdir/fs" "$tmpdir/out"
chown 12345 "$tmpdir/real" "$tmpdir/out"
chmod 1777 "$tmpdir/tmp"
unmount () { ! mountpoint -q "$tmpdir/fs" || umount "$tmpdir/fs"; }
cleanup_fn unmount
bindfs --force-user=54321 --perms=a+rwX --chown-ignore \
    "$tmpdir/real" "$tmpdir/fs" || skip "bindfs cannot mount here"
tool=(setpriv --reuid=12345 --regid=12345 --clear-groups
      "${tool[@]::${#tool[@]}-2}" --state-dir "$tmpdir/fs/state" --resume
      --result-file "$tmpdir/out/result")
requires "${tool[@]}" --version

make_disk "$tmpdir/disk" 1M
for expected in 1 0; do
    run_expecting 0 "${tool[@]}" -os "$tmpdir/out" -on guest "$tmpdir/disk"
    expect_no_stderr 'warning'
    expect test "$(grep -c Copying "$err" || :)" = $expected
done

# A record of --in-place, and the overlay that it names.
make_disk "$tmpdir/b" 4M
start_nbdkit_tcp --filter=error file "$tmpdir/b" \
    error-pwrite-rate=100% error-file="$tmpdir/trigger" error=EIO
convert="qemu-io -f raw -c 'write -P 7 1M 1M' \"\$V2V_OVERLAY_URI_0\""
touch "$tmpdir/trigger"
command=("${tool[@]}" --in-place --retries 0 --overlay-dir "$tmpdir/fs"
         --convert "$convert" "nbd://127.0.0.1:$nbd_port")
run_expecting 6:write:false:true "${command[@]}"
rm "$tmpdir/trigger"
run_expecting 0 "${command[@]}"
expect_stderr 'finishing that run first'
expect cmp -s <(head -c 1M /dev/zero | tr '\0' '\a') \
    <(tail -c +$(((1 << 20) + 1)) "$tmpdir/b" | head -c 1M)
expect_not compgen -G "$tmpdir/fs/v2v.*"
expect_nothing_left
