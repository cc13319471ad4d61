#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is said of a VMDK descriptor that is given as a disk, and of a piece of
# a disk; with -io allow-backing=true the disk is read, from any directory.
. ./functions.sh

requires_plugin nbd
requires_program qemu-img
requires_program qemu-nbd
make_disk "$tmpdir/raw" 3M
mkdir "$tmpdir/vm" "$tmpdir/out" "$tmpdir/www"
for type in twoGbMaxExtentSparse twoGbMaxExtentFlat monolithicFlat; do
    qemu-img convert -f raw -O vmdk -o subformat=$type "$tmpdir/raw" \
        "$tmpdir/vm/$type.vmdk"
done
cp "$tmpdir/vm/"* "$tmpdir/www"
cd /
for type in twoGbMaxExtentSparse twoGbMaxExtentFlat monolithicFlat; do
    image=$tmpdir/vm/$type.vmdk
    run_expecting 4:untrusted-image:false v2v-nbdkit-launch -o null "$image"
    expect_error 'is a VMDK descriptor: the disk itself is in '
    expect_hint 'allow-backing=true; or give the VM.s .vmx file'
    expect_not grep -q 'qemu-img convert' "$err"
    case $type in
        *Flat) expect_hint "or give the disk itself, .*, with -if raw" ;;
        *) expect_not grep -q -e '-if raw' "$err" ;;
    esac
    for format in "" "-if vmdk"; do
        # shellcheck disable=SC2086
        run_expecting 0 v2v-nbdkit-launch $format -io allow-backing=true \
            -o disk -os "$tmpdir/out" -on guest "$image"
        expect_same "$tmpdir/raw" "$tmpdir/out/guest-sda"
    done
    run_expecting 0 v2v-nbdkit-launch -io allow-backing=true --dry-run "$image"
    case $type in
        # Since nbdkit 1.34 it is opened for it.
        *Flat) expect_stdout "( file=|<)$tmpdir/vm/$type-f[^ ]*.vmdk" ;;
        *) expect_stdout "^qemu-nbd .*$image &\$" ;;
    esac
done
cat >"$tmpdir/guest.xml" <<END
<domain type="kvm"><name>guest</name><memory>65536</memory>
<devices><disk type="file" device="disk"><driver name="qemu" type="vmdk"/>
<source file="$tmpdir/vm/twoGbMaxExtentSparse.vmdk"/>
<target dev="sda" bus="scsi"/></disk></devices></domain>
END
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -i libvirtxml \
    -o null "$tmpdir/guest.xml"
run_expecting 0 v2v-nbdkit-launch -i libvirtxml -io allow-backing=true \
    -o disk -os "$tmpdir/out" "$tmpdir/guest.xml"
expect_same "$tmpdir/raw" "$tmpdir/out/guest-sda"
rm "$tmpdir/vm/monolithicFlat-flat.vmdk"
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -o null \
    "$tmpdir/vm/monolithicFlat.vmdk"
expect_not grep -q -e '-if raw' "$err"
expect_hint "$tmpdir/vm/monolithicFlat-flat.vmdk does not exist"

# A piece.
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
    "$tmpdir/vm/twoGbMaxExtentSparse-s001.vmdk"
expect_error 'is one piece of a split disk'
expect_hint "$tmpdir/vm/twoGbMaxExtentSparse.vmdk, with -io allow-backing"
for n in 1 2; do
    head -c 1M "$tmpdir/raw" >"$tmpdir/vm/two-f00$n.vmdk"
done
sed -e 's/^RW .*/RW 2048 FLAT "two-f001.vmdk" 0/;t1;b;:1' \
    -e 'a RW 2048 FLAT "two-f002.vmdk" 0' \
    "$tmpdir/vm/twoGbMaxExtentFlat.vmdk" >"$tmpdir/vm/two.vmdk"
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
    "$tmpdir/vm/two-f002.vmdk"
expect_error 'is one piece of a split disk; its descriptor is .*/two.vmdk'
run_expecting 0 v2v-nbdkit-launch -if raw -o null "$tmpdir/vm/two-f002.vmdk"

# Its files are beside it on the server, where nothing reads them.
requires_plugin curl
start_nginx
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null -if vmdk \
    -io allow-backing=true "$http_url/twoGbMaxExtentSparse.vmdk"
expect_error 'is a VMDK descriptor'
expect_hint 'copy the descriptor and its files'
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
    "$http_url/twoGbMaxExtentSparse-s001.vmdk"
expect_error 'is one piece of a split disk'
expect_hint 'copy the descriptor and its files'
expect_not grep -q allow-backing "$err"
# Allowing it would not help.
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -o null \
    "$http_url/monolithicFlat.vmdk"
expect_error 'is a VMDK descriptor: the disk itself is in monolithicFlat-flat'
expect_hint 'copy the descriptor.*or give the disk itself, .*, with -if raw'
expect_not grep -q allow-backing "$err"
expect_nothing_left
