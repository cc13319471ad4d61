#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Differencing VHDs and VHDXs: refused, with the parent's name, and with what
# to do.
. ./functions.sh

requires_program qemu-img
cd "$tmpdir"
qemu-img create -q -f vpc -o force_size=on disk.vhd 4M
qemu-img create -q -f vhdx disk.vhdx 4M
qemu-io -f vpc -c 'write -P 7 0 64k' disk.vhd
qemu-io -f vhdx -c 'write -P 7 0 64k' disk.vhdx
cp disk.vhd end.vhd
cp disk.vhd control.vhd
cp disk.vhd relative.vhd
"$abs_srcdir/edit-vhd" disk.vhd type=4 parent='C:\VMs\größe.vhd'
"$abs_srcdir/edit-vhd" disk.vhdx parent='C:\VMs\größe.vhdx'

for image in disk.vhd disk.vhdx; do
    for format in '' "-if ${image##*.}" "-if a${image##*.}"; do
        for how in '-o null' "-o disk -os $tmpdir --check"; do
            # shellcheck disable=SC2086
            run_expecting 4:snapshot:false v2v-nbdkit-launch $format \
                "$tmpdir/$image" $how
            expect_error "differs from its parent, C:\\\\VMs\\\\größe.vhd"
            expect_hint 'Merge-VHD'
        done
    done
done

"$abs_srcdir/edit-vhd" relative.vhd type=4 relative='.\base.vhd'
run_expecting 4:snapshot:false v2v-nbdkit-launch "$tmpdir/relative.vhd" -o null
expect_error 'its parent, .\\base.vhd'

# Only one of its two footers says so.
"$abs_srcdir/edit-vhd" end.vhd last-type=4
run_expecting 4:unsupported:false v2v-nbdkit-launch "$tmpdir/end.vhd" -o null
expect_error 'disagree'

# A name cannot do anything to the terminal that it is shown on.
"$abs_srcdir/edit-vhd" control.vhd type=4 parent=$'a\e[2Jb\xe2\x80\xaec'
run_expecting 4:snapshot:false v2v-nbdkit-launch "$tmpdir/control.vhd" -o null
expect_error 'its parent, a\?\[2Jb\?c$'
expect_nothing_left
