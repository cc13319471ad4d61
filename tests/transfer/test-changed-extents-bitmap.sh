#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --changed-extents nbd:CONTEXT copies what the source's own dirty bitmap
# says, for each disk; where there is no such bitmap the run says what there
# is, and writes nothing.
. ./functions.sh

requires_plugin file nbd
requires_program jq qemu-img qemu-io qemu-nbd
uris=()
targets=()
lists=()
for i in 0 1; do
    image="$tmpdir/image $i"
    make_disk "$tmpdir/raw$i" 4M
    qemu-img convert -f raw -O qcow2 "$tmpdir/raw$i" "$image"
    cp "$tmpdir/raw$i" "$tmpdir/copy$i"
    qemu-img bitmap --add "$image" unchanged
    qemu-img bitmap --add "$image" "since $i"
    qemu-io -f qcow2 -c "write -P 5 $((i + 1))M 64k" -c 'write -z 3M 64k' \
        "$image" >/dev/null
    qemu-img convert -f qcow2 -O raw "$image" "$tmpdir/raw$i"
    # What is not in the bitmap is not copied.
    write_random "$tmpdir/copy$i" $((2560 << 10)) 65536
    cp "$tmpdir/copy$i" "$tmpdir/expected$i"
    for at in $((i + 1)) 3; do
        dd if="$tmpdir/raw$i" of="$tmpdir/expected$i" bs=64k count=1 \
            skip=$((at * 16)) seek=$((at * 16)) conv=notrunc status=none
    done
    # One client at a time, as qemu-nbd has it by default.
    start_server "bitmap$i" qemu-nbd --persistent --shared=1 --read-only \
        --socket="$tmpdir/nbd$i.sock" --format=qcow2 --export-name="disk $i" \
        --bitmap="since $i" "$image"
    wait_for test -S "$tmpdir/nbd$i.sock"
    uris+=("nbd+unix:///disk%20$i?socket=$tmpdir/nbd$i.sock")
    targets+=(-oo path="$tmpdir/copy$i")
    lists+=(--changed-extents "nbd:qemu:dirty-bitmap:since $i")
done

# bitmaps STATUS ARGUMENT...
bitmaps ()
{
    run_expecting "$1" v2v-nbdkit-launch --result-file "$tmpdir/result" \
        -o device "${@:2}"
}

bitmaps 0 "${targets[@]}" "${lists[@]}" "${uris[@]}" --resume
for i in 0 1; do
    expect_same "$tmpdir/expected$i" "$tmpdir/copy$i"
done
expect test "$(jq .changed "$tmpdir/result")" = true
bitmaps 0 "${targets[@]}" "${lists[@]}" "${uris[@]}" --resume
expect test "$(jq .changed "$tmpdir/result")" = false
bitmaps 0 "${targets[@]}" "${lists[@]}" "${uris[@]}" --check

# A file for one disk, the bitmap for the other; and the description of a
# guest says where its disks are.
echo '[]' >"$tmpdir/nothing"
cp "$tmpdir/raw1" "$tmpdir/copy1"
write_random "$tmpdir/copy1" 3145728 65536
cat >"$tmpdir/guest.xml" <<END
<domain type='kvm'><name>guest</name><memory>1048576</memory>
<os><type>hvm</type></os><devices>
$(for i in 0 1; do
    echo "<disk type='network' device='disk'><driver name='qemu' type='raw'/>
<source protocol='nbd' name='disk $i'>
<host transport='unix' socket='$tmpdir/nbd$i.sock'/></source>
<target dev='vd$(printf %s ab | cut -c$((i + 1)))' bus='virtio'/></disk>"
done)
</devices></domain>
END
bitmaps 0 "${targets[@]}" --changed-extents "$tmpdir/nothing" "${lists[@]:2}" \
    -i libvirtxml "$tmpdir/guest.xml"
expect_same "$tmpdir/raw1" "$tmpdir/copy1"

# refused STATUS WHY HINT CONTEXT SOURCE
refused ()
{
    cp "$tmpdir/copy0" "$tmpdir/before"
    bitmaps "$1" -oo path="$tmpdir/copy0" --changed-extents "nbd:$4" "$5"
    expect_error "$2"
    expect_hint "$3"
    expect_same "$tmpdir/before" "$tmpdir/copy0"
}

bitmap=qemu:dirty-bitmap
refused 4:not-found:false "has no metadata context $bitmap:none" \
    "the server offers: .*$bitmap:since 0" $bitmap:none "${uris[0]}"
refused 4:not-found:false "has no metadata context $bitmap:unchanged" 'with --bitmap=' \
    $bitmap:unchanged "${uris[0]}"
refused 2:usage:false 'not a dirty bitmap' "nbd:$bitmap:NAME" \
    base:allocation "${uris[0]}"
refused 2:usage:false 'not a dirty bitmap' "nbd:$bitmap:NAME" '' "${uris[0]}"
refused 2:usage:false 'from an NBD source' 'qemu-nbd .*--bitmap' \
    "$bitmap:since 0" "$tmpdir/raw0"
refused 4:not-found:false "no export named|Unknown error|No such" 'nbdinfo' \
    "$bitmap:since 0" "nbd+unix:///other?socket=$tmpdir/nbd0.sock"
refused 4:unreachable:true 'refused' 'nbdinfo' "$bitmap:b" nbd://127.0.0.1:1/
start_nbdkit plain file "$tmpdir/raw0"
refused 4:not-found:false 'has no metadata context' \
    'the server offers: base:allocation' "$bitmap:since 0" "$nbdkit_uri"

# The export holds an image: its bytes are not the disk's.
qemu-img create -q -f qcow2 "$tmpdir/inner" 4M
qemu-img create -q -f qcow2 "$tmpdir/outer" 4M
qemu-img bitmap --add "$tmpdir/outer" b
qemu-io -f qcow2 -c "write -s $tmpdir/inner 0 192k" "$tmpdir/outer" >/dev/null
start_qemu_nbd outer --read-only --format=qcow2 --bitmap=b "$tmpdir/outer"
refused 2:usage:false 'the export holds a qcow2 image' 'qemu-nbd .*--format' \
    $bitmap:b "$qemu_nbd_uri"
expect_nothing_left
