#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a command line can become: --complete, which all shells ask.
. ./functions.sh

# complete WORD...: without the test's --state-dir: --complete is the first.
complete () { "${tool[@]::${#tool[@]}-2}" --complete "$@"; }

# offers WANTED -- WORD...: these and no others can the last WORD become;
# blanks are between them, except in ":files KEY=".
offers ()
{
    local wanted=$1

    shift 2
    complete "$@" | cut -f 1 | sort >"$tmpdir/got"
    [[ $wanted == :* ]] || wanted=${wanted// /$'\n'}
    sed '/^$/d' <<<"$wanted" | sort >"$tmpdir/wanted"
    expect diff "$tmpdir/wanted" "$tmpdir/got" >&2
}

# All options, each with its help.
{ v2v-nbdkit-launch --long-options; v2v-nbdkit-launch --short-options; } |
    sort >"$tmpdir/options"
offers "$(cat "$tmpdir/options")" -- -
offers '--readahead' -- --reada
offers '--dry-run' -- disk.img --dr
expect test "$(complete --resum)" = \
    $'--resume\tcomplete an interrupted run, or do what is left'

# Values.
inputs=$(v2v-nbdkit-launch --machine-readable | sed -n 's/^input://p')
outputs=$(v2v-nbdkit-launch --machine-readable | sed -n 's/^output://p')
offers "$inputs" -- -i ''
offers "$outputs" -- -o ''
offers 'libvirt libvirtxml' -- -i lib
offers 'raw qcow2' -- disk.img -of ''
offers 'sparse preallocated' -- -oa ''
offers 'nfc ssh vddk' -- -it ''
offers 'parallels qcow qcow2 qed raw vdi vhd vhdx vmdk' -- -if ''
offers 'vdi vhd vhdx vmdk' -- -if v
offers 'esx:// qemu:///session qemu:///system vpx:// xen+ssh://' -- -ic ''
offers 'qemu:///system' -- -ic qemu:///sy
offers 'qemu:///session qemu:///system' -- -oc ''
offers 'auto on off' -- --readahead ''
offers 'on off' -- --selinux o
offers '--selinux=off' -- --selinux=of
offers '--selinux=auto --selinux=on --selinux=off' -- --selinux=
offers '--machine-readable=stream:stdout --machine-readable=stream:stderr' \
    -- --machine-readable=str
offers '--machine-readable=fd: --machine-readable=file:' \
    -- --machine-readable=f
offers '' -- --dry-run=

# Keys, and their values.
offers 'ssh-identity=' -- -io ssh-id
offers 'ovf=' -- -i ova -io ov
offers '' -- -i vmx -io ov
offers 'allow-backing= filter= xz-max-block=' -- -i nbdkit -io ''
offers 'ssh-verify-remote-host=true ssh-verify-remote-host=false' \
    -- -io ssh-verify-remote-host=
offers 'allow-backing=true' -- -io allow-backing=t
offers 'vddk-compression=skipz' -- -io vddk-compression=s
offers ':directories vddk-libdir=' -- -io vddk-libdir=/op
offers '' -- -io ssh-carrot=
for transport in nfc ssh vddk; do
    # As -io '?' lists them.
    keys=$(v2v-nbdkit-launch -i libvirt -it $transport -io '?' |
        sed -n 's/^ *-io \([^ ]*=\)\.\.\.$/\1/p')
    expect grep -q "^$transport-" <<<"$keys"
    offers "$keys" -- -i libvirt -it $transport -io ''
done
offers 'path= zero=' -- -o device -oo ''
offers 'uri= zero=' -- -oo x -o nbd -oo ''
offers 'bus= compressed= compression= file= mode=' -- -o disk -oo ''
offers 'zero=' -- -oo ze
offers 'zero=auto zero=write zero=discard zero=skip' -- -o nbd -oo zero=
offers 'zero=write' -- -oo zero=w
offers 'compressed=true' -- -of qcow2 -oo compressed=t
offers 'compression=zlib compression=zstd' -- -of qcow2 -oo compression=
offers '' -- -o nbd -oo compressed=
offers '' -- -oo carrot=
v2v-nbdkit-launch --machine-readable | sed -n 's/^oo://p' |
    while IFS=: read -r mode key; do
        offers "$key=" -- -o "$mode" -oo "$key"
    done

# nbdkit's filters, and plugins: those that are there; then what is for them to
# read.
nbdkit --dump-config | sed -n 's/^plugindir=//p' >"$tmpdir/dir"
plugins=$(cd "$(cat "$tmpdir/dir")" && printf '%s\n' nbdkit-*-plugin.so |
    sed 's/^nbdkit-//; s/-plugin\.so$//')
offers "$plugins" -- -i nbdkit ''
expect grep -qx file "$tmpdir/got"
filters=$(nbdkit --dump-config | sed -n 's/^filterdir=//p')
filters=$(cd "$filters" && printf '%s\n' nbdkit-*-filter.so |
    sed 's/^nbdkit-/filter=/; s/-filter\.so$//')
offers "$filters" -- -io filter=
expect grep -qx filter=gzip "$tmpdir/got"
offers 'filter=gzip' -- -io filter=gz
offers ':files' -- -i nbdkit ./my
offers ':files file=' -- -i nbdkit file file=/tm
offers '' -- -i nbdkit --nbdkit "$tmpdir/none" fi

# Names that the shell knows.
offers ':files' -- ''
offers ':files' -- disk=1
offers ':files' -- --dry-run -- -
offers ':files' -- -- --read
offers ':files' -- -- -i ''
offers ':directories' -- -os ''
offers '' -- -o libvirt -os ''
offers '' -- -oc qemu:///system -os ''
offers ':files' -- --log disk
offers ':files --log=' -- --log=disk
offers ':files ssh-identity=' -- -io ssh-identity=disk
offers ':files path=' -- -o device -oo path=/dev/
offers ':files' -- --machine-readable disk

# What is for the user to know.
offers '' -- --retries ''
offers '' -- -on gue

# It stands first, or is none.
run_expecting 2 v2v-nbdkit-launch disk --complete ''
