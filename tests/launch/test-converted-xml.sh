#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What virt-v2v-in-place -O writes to V2V_CONVERTED_XML is in the guest's XML,
# where the source does not say it.
. ./functions.sh

requires_plugin file
requires_filter rate
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
# As version 2.10 writes it; $1 is the firmware, $2 the architecture.
cat >"$tmpdir/inspect" <<'END'
cat >"$V2V_CONVERTED_XML" <<EOF
<?xml version='1.0' encoding='utf-8'?>
<v2v-inspection>
  <program>virt-v2v-inspector</program><version>2.10.0</version>
  <disks><disk index='0'><virtual-size>4194304</virtual-size></disk></disks>
  <firmware type='$1'/>
  <operatingsystem><name>linux</name><arch>$2</arch></operatingsystem>
</v2v-inspection>
EOF
END
copy=(v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" -on guest)

run_expecting 0 "${copy[@]}" --convert "sh '$tmpdir/inspect' uefi aarch64" \
    "$tmpdir/disk"
expect grep -q '<os firmware="efi">' "$tmpdir/out/guest.xml"
expect grep -q 'arch="aarch64"' "$tmpdir/out/guest.xml"
expect_nothing_left
# It is no other source than before.
run_expecting 0 "${copy[@]}" --convert "sh '$tmpdir/inspect' uefi aarch64" \
    "$tmpdir/disk" --resume
expect grep -q '"changed":false' "$tmpdir/logs/result"

# What the source says is right.
cat >"$tmpdir/guest.xml" <<EOF
<domain type='kvm'><name>g</name><memory>1048576</memory>
<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os><devices>
<disk type='file' device='disk'><source file='$tmpdir/disk'/>
<target dev='sda' bus='sata'/></disk></devices></domain>
EOF
run_expecting 0 "${copy[@]}" -i libvirtxml "$tmpdir/guest.xml" \
    --convert "sh '$tmpdir/inspect' bios aarch64"
expect grep -q '<os firmware="efi">' "$tmpdir/out/guest.xml"
expect grep -q 'arch="x86_64"' "$tmpdir/out/guest.xml"
expect_nothing_left

# A file that is none is said, and not used.
for text in 'this is no XML' '' "<v2v-inspection><firmware type='uefi'/>"; do
    run_expecting 0 "${copy[@]}" --convert \
        "printf %s \"$text\" >\"\$V2V_CONVERTED_XML\"" "$tmpdir/disk"
    expect_stderr 'warning: .*converted.xml'
    expect_not grep -q '<os firmware' "$tmpdir/out/guest.xml"
done

# A run that goes on after the conversion knows it, too.
rm -r "$tmpdir/out"
mkdir "$tmpdir/out"
truncate -s 100M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 104857600
run_in_background "${copy[@]}" --bandwidth 200M \
    --convert "sh '$tmpdir/inspect' uefi x86_64" "$tmpdir/disk"
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
run_expecting 0 "${copy[@]}" --resume \
    --convert "sh '$tmpdir/inspect' uefi x86_64" "$tmpdir/disk"
expect grep -q '<os firmware="efi">' "$tmpdir/out/guest.xml"
expect_nothing_left
