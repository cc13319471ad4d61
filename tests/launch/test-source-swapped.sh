#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What gets the name of a local disk after it was looked at is not read:
# between the look and each nbdkit, also for a moment, and while --convert
# runs; a link, another file, another directory; for .vmx files, OVA folders,
# chunks, split disks, and images that qemu reads.
. ./functions.sh

requires_plugin file
requires_plugin split
requires_plugin nbd
requires_filter delay
requires_program qemu-img
requires_program qemu-nbd
requires_program jq
mkdir "$tmpdir/out" "$tmpdir/bin"
nbdkit=$(type -P nbdkit)
good=$tmpdir/good secret=$tmpdir/secret
make_disk "$good" 3M
yes HOST-FILE-4711 | head -c 3M >"$secret"
qemu-img convert -q -O qcow2 "$good" "$good.qcow2"
qemu-img convert -q -O qcow2 "$secret" "$secret.qcow2"

# ovf HREF [ATTRIBUTE...]: a package whose disk this is.
ovf ()
{
    mkdir "$dir"
    cat >"$dir/x.ovf" <<END
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
<References><File ovf:id="f" ovf:href="$1" ${*:2}/></References>
<DiskSection><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="3145728"/></DiskSection>
<VirtualSystem ovf:id="x"><Name>n</Name><VirtualHardwareSection>
<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>17</rasd:ResourceType>
<rasd:HostResource>ovf:/disk/d</rasd:HostResource></Item>
</VirtualHardwareSection></VirtualSystem></Envelope>
END
}

# Each kind makes $dir, and sets SOURCE (the arguments), SWAPPED (the file that
# is read) and BY (what a link in its place leads to).
kind_vmx ()
{
    make_vmx "$dir"
    cp "$good" "$dir/disk 1-flat.vmdk"
    sed -i 's/RW 10240/RW 6144/' "$dir/disk 1.vmdk"
    source=(-i vmx "$dir/vm.vmx") swapped="$dir/disk 1-flat.vmdk" by=$secret
}

kind_folder ()
{
    ovf 'd.img'
    cp "$good" "$dir/d.img"
    source=(-i ova "$dir") swapped=$dir/d.img by=$secret
}

kind_packed ()
{
    ovf 'd.img'
    cp "$good" "$dir/d.img"
    tar -cf "$dir/p.ova" -C "$dir" x.ovf d.img
    cp "$secret" "$dir/d.img"
    tar -cf "$tmpdir/p.ova" -C "$dir" x.ovf d.img
    source=(-i ova "$dir/p.ova") swapped=$dir/p.ova by=$tmpdir/p.ova
}

kind_gzip ()
{
    ovf 'd.img' ovf:compression=\"gzip\"
    gzip <"$good" >"$dir/d.img"
    gzip <"$secret" >"$tmpdir/d.gz"
    source=(-i ova "$dir") swapped=$dir/d.img by=$tmpdir/d.gz
}

kind_image ()
{
    ovf 'd.qcow2'
    cp "$good.qcow2" "$dir/d.qcow2"
    source=(-i ova "$dir/x.ovf") swapped=$dir/d.qcow2 by=$secret.qcow2
}

kind_chunks ()
{
    ovf 'd.img' ovf:chunkSize=\"1048576\"
    split -b 1M -a 9 -d "$good" "$dir/d.img."
    source=(-i ova "$dir") swapped=$dir/d.img.000000001
    head -c 1M "$secret" >"$tmpdir/chunk"
    by=$tmpdir/chunk
}

kind_split ()
{
    make_vmx "$dir"
    rm "$dir/disk 1-flat.vmdk"
    head -c 1M "$good" >"$dir/a"
    tail -c 2M "$good" >"$dir/b"
    sed -i -e 's/^RW.*/RW 2048 FLAT "a" 0\nRW 4096 FLAT "b" 0/' \
        -e 's/"vmfs"/"twoGbMaxExtentFlat"/' "$dir/disk 1.vmdk"
    source=(-i vmx "$dir/vm.vmx") swapped=$dir/b by=$secret
}

kind_disk ()
{
    mkdir "$dir"
    cp "$good.qcow2" "$dir/d"
    source=("$dir/d") swapped=$dir/d by=$secret.qcow2
}

# How the file is exchanged, in shell.
file_by_link () { echo "mv '$swapped' '$swapped.old'; ln -s '$by' '$swapped'"; }
file_by_file () { echo "cp '$by' '$swapped.new'; mv '$swapped.new' '$swapped'"; }
folder ()
{
    echo "cp -r '$dir' '$dir.new'; ln -sf '$by' '$dir.new/${swapped##*/}'
mv '$dir' '$dir.old'; mv '$dir.new' '$dir'"
}

# before COMMAND: an nbdkit before whose start COMMAND is run, once.
before ()
{
    printf '%s\n' '#!/usr/bin/env bash' \
        'case "$*" in (*--unix*'"$1"'*) mkdir '"'$tmpdir/once'"' && {' \
        "$2" '} >&2 ;; esac' "exec '$nbdkit' \"\$@\"" >"$tmpdir/bin/nbdkit"
    chmod +x "$tmpdir/bin/nbdkit"
}

# attempt KIND HOW WHEN
attempt ()
{
    local status=0 command

    echo "== $*"
    dir=$tmpdir/src
    rm -rf "$dir" "$dir.old" "$dir.new" "$tmpdir/once" "$tmpdir/out"/*
    "kind_$1"
    command=$("$2")
    case $3 in
        convert) options=(--convert "$command") ;;
        unconfined) options=(--convert "$command" --confine off) ;;
        # The script could not do it if it were confined.
        *) before "$3" "$command"
           options=(--convert true --nbdkit "$tmpdir/bin/nbdkit"
               --confine off) ;;
    esac
    v2v-nbdkit-launch "${source[@]}" -o disk -os "$tmpdir/out" -on g \
        --result-file "$tmpdir/result" "${options[@]}" \
        >"$out" 2>"$err" || status=$?
    expect_not grep -raq HOST-FILE-4711 "$tmpdir/out"
    expect test "$status" != 0
    expect test "$(jq -r .reason "$tmpdir/result")" = source-changed
    expect_nothing_left
}

# What has the name until nbdkit has opened it, before it is read.
there_and_back ()
{
    echo "$(file_by_link)
set -- --filter=delay \"\$@\" rdelay=500ms
while kill -0 \$\$ && ! ls -l /proc/\$\$/fd | grep -q ' $by\$'; do
    sleep 0.01
done 2>/dev/null && mv '$swapped.old' '$swapped' &"
}

for kind in vmx folder image chunks split disk; do
    attempt $kind file_by_link convert
    attempt $kind file_by_link in0
done
attempt packed file_by_link in0
attempt gzip file_by_link convert
attempt disk file_by_file unconfined
attempt chunks file_by_link unconfined
attempt image file_by_file in0
attempt split folder in0
attempt folder folder convert
# nbdkit 1.34 gets the open file.
nbdkit_at_least 34 || attempt vmx there_and_back in0
