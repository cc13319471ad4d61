#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An image that qemu has encrypted is refused at once, with the command that
# decrypts it, wherever it is; a raw disk that LUKS has is copied, and said to
# be so.
. ./functions.sh

requires_plugin file
requires_program qemu-img
mkdir "$tmpdir/out" "$tmpdir/www"
cd "$tmpdir/www"
make_disk ../raw 1M
printf sesame-3e1 >../passphrase
for format in qcow qcow2; do
    qemu-img convert -O $format --object secret,id=k,file=../passphrase \
        -o encrypt.format=aes,encrypt.key-secret=k ../raw aes.$format
done
# As LUKS is written there; making one takes seconds.
cp aes.qcow2 luks.qcow2
printf '\0\0\0\2' | dd of=luks.qcow2 bs=1 seek=32 conv=notrunc status=none
make_disk luks 1M
printf 'LUKS\272\276\0\2' | dd of=luks conv=notrunc status=none
start_nginx
start_sshd
ssh_url=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/www

for image in aes.qcow aes.qcow2 luks.qcow2; do
    for place in "$tmpdir/www" "$http_url" "$ssh_url"; do
        run_expecting 4:unsupported:false v2v-nbdkit-launch \
            "${ssh_options[@]}" "$place/$image" -os "$tmpdir/out" -on g
        expect_error "$image is encrypted"
        expect_hint "qemu-img convert .*driver=${image#*.},"
        expect test -z "$(ls -A "$tmpdir/out")"
    done
    run_expecting 4:unsupported:false v2v-nbdkit-launch --check $image
    expect_stdout "^error .*$image is encrypted"
done
# What the hint says.
for format in qcow qcow2; do
    run_expecting 4 v2v-nbdkit-launch aes.$format -o null
    command=$(sed -n 's/.*: \(qemu-img convert .*DECRYPTED\).*/\1/p' "$err")
    command=${command//PASSPHRASE/../passphrase}
    command=${command//IMAGE/aes.$format}
    $command
    run_expecting 0 v2v-nbdkit-launch DECRYPTED -os "$tmpdir/out" -on g
    expect_same ../raw "$tmpdir/out/g-sda"
    rm DECRYPTED "$tmpdir/out/"*
done

for place in "$tmpdir/www" "$http_url"; do
    run_expecting 0 v2v-nbdkit-launch "$place/luks" -os "$tmpdir/out" -on g
    expect_stderr 'warning: .*luks is encrypted \(LUKS\)'
    expect_same luks "$tmpdir/out/g-sda"
    rm "$tmpdir/out/"*
done
run_expecting 0 v2v-nbdkit-launch --check luks
expect_stdout '^warning .*image: a raw disk \(LUKS\), encrypted'
for mode in '-o null' --check; do
    # shellcheck disable=SC2086
    run_expecting 4:unsupported:false v2v-nbdkit-launch $mode -if luks luks
done
run_expecting 4:unsupported:false v2v-nbdkit-launch -if LUKS luks -o null
expect_error 'luks is encrypted'
expect_hint 'driver=luks,key-secret=key,'
run_expecting 0 v2v-nbdkit-launch -if raw luks -o null
expect_no_stderr warning
expect_nothing_left
