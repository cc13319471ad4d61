#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a disk is, is found out wherever it is: images are read as such, what is
# no disk is refused, and only the user's word makes a raw disk of either.
. ./functions.sh

requires_plugin file
requires_program qemu-img gzip tar
mkdir "$tmpdir/out" "$tmpdir/www"
chmod 0755 "$tmpdir"
cd "$tmpdir/www"
make_disk raw 3M
for format in qcow2 vdi vhdx vmdk vpc; do
    qemu-img convert -f raw -O $format raw disk.$format
done
qemu-img convert -f raw -O vmdk -o subformat=streamOptimized raw stream
gzip -k raw
echo "guestOS = \"other\"" >vmx
cp "$abs_srcdir/data/ovf/two-disks.ovf" ovf
tar -cf ova --transform 's/^ovf/g.ovf/' ovf stream
: >empty

# Look at all files, where "at FILE" says that they are.
look_at ()
{
    local file

    for file in disk.* stream; do
        at "$file"
        run_expecting 0 v2v-nbdkit-launch "${place[@]}" -os ../out -on g
        expect_same_image raw raw raw ../out/g-sda
    done
    for file in raw.gz vmx ovf ova empty; do
        at $file
        rm -f ../out/*
        run_expecting 4:unsupported:false v2v-nbdkit-launch "${place[@]}" \
            -os ../out -on g
        expect_error 'not a disk|a size of 0 bytes'
        expect test -z "$(ls -A ../out)"
    done
    run_expecting 4:unsupported:false v2v-nbdkit-launch --check "${place[@]}"
    at stream
    run_expecting 0 v2v-nbdkit-launch -if raw "${place[@]}" -os ../out -on g
    expect cmp stream ../out/g-sda
}

at () { place=("./$1"); }
look_at
start_nginx
at () { place=("$http_url/$1"); }
look_at
start_sshd
at ()
{
    place=("${ssh_options[@]}"
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/www/$1")
}
look_at
at ()
{
    [ -S "$tmpdir/$1.sock" ] || start_nbdkit "$1" file "$tmpdir/www/$1"
    place=("nbd+unix:///?socket=$tmpdir/$1.sock")
}
look_at

vsftpd_program=$(PATH=$PATH:/usr/sbin type -P vsftpd) || vsftpd_program=
if [ -n "$vsftpd_program" ] && [ "$(id -u)" = 0 ]; then
    mkdir "$tmpdir/none"
    chmod 0555 "$tmpdir/www"
    launch_vsftpd ()
    {
        printf '%s\n' listen=YES listen_address=127.0.0.1 \
            "listen_port=$port" background=NO anonymous_enable=YES \
            "anon_root=$tmpdir/www" "secure_chroot_dir=$tmpdir/none" \
            seccomp_sandbox=NO >"$tmpdir/vsftpd.conf"
        start_server vsftpd "$vsftpd_program" "$tmpdir/vsftpd.conf"
    }
    start_on_port vsftpd launch_vsftpd
    at () { place=("ftp://127.0.0.1:$port/$1"); }
    ftp_crashes "ftp://127.0.0.1:$port/raw" || look_at
fi
expect_nothing_left
