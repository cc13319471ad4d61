# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Makes of $guest, after guest.sh, a guest of two disks: $tmpdir/root, and
# $tmpdir/data, which it mounts by UUID.  It says that it is whole if it finds
# the file there.

requires_program debugfs mke2fs
make_guest
# Without what is not used: VMDKs take long.
mkdir "$tmpdir/lean"
run_expecting 0 v2v-nbdkit-launch --skip-unused on "$guest" \
    -o disk -os "$tmpdir/lean" -on lean
mv "$tmpdir/lean/lean-sda" "$tmpdir/root"

mkdir "$tmpdir/files"
truncate -s 20M "$tmpdir/files/file"
write_random "$tmpdir/files/file" 0 20971520
truncate -s 64M "$tmpdir/data"
mke2fs -q -t ext4 -d "$tmpdir/files" "$tmpdir/data"
uuid=$(blkid -o value -s UUID "$tmpdir/data")

in_root ()
{
    debugfs -w -f - "$tmpdir/root?offset=1048576" >>"$tmpdir/logs/debugfs" 2>&1
}
in_root <<END2
dump /etc/fstab $tmpdir/fstab
dump /root/digests $tmpdir/digests
END2
echo "UUID=$uuid /data ext4 nofail 0 2" >>"$tmpdir/fstab"
(cd "$tmpdir/files" && sha256sum file) | sed 's,file,/data/&,' \
    >>"$tmpdir/digests"
in_root <<END2
mkdir /data
rm /etc/fstab
rm /root/digests
write $tmpdir/fstab /etc/fstab
write $tmpdir/digests /root/digests
END2
