# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests with a whole guest (make-guest), which is booted in emulation.
# Sourced after functions.sh, and after V2V_TEST_TIMEOUT was set.

if [ -z "${V2V_TEST_LONG-}" ]; then
    # The shortest of them is for CI.
    [ "${guest_in_ci-}" = yes ] && [ -n "${V2V_TEST_MORE-}" ] ||
        skip 'takes minutes: V2V_TEST_LONG=1'
fi
requires_program qemu-system-x86_64 python3 jq
run_timeout=3000
PATH=$PATH:/usr/sbin:/sbin
# What the first test that needs it makes is kept until make clean.
made=$abs_builddir/made-guest
guest=${V2V_TEST_MADE_GUEST-$made/disk}

# make_once FILE COMMAND: run COMMAND, which makes FILE, if that is not there.
# Other tests wait as long as that takes.
make_once ()
{
    local lock

    [ ! -e "$1" ] || return 0
    mkdir -p "$made"
    exec {lock}>"$made/lock"
    flock "$lock"
    [ -e "$1" ] || "$2"
    exec {lock}>&-
}

# make_guest: see that there is $guest.  Nobody may write to it.
make_guest ()
{
    [ -z "${V2V_TEST_MADE_GUEST-}" ] || return 0
    requires_root
    requires_program debootstrap sfdisk mke2fs mformat flock
    [ -e "$guest" ] || [ "$(wc -l </proc/net/route)" -gt 1 ] ||
        skip 'debootstrap needs the network'
    make_once "$guest" make_disk_of_guest
}

make_disk_of_guest ()
{
    TMPDIR=$tmpdir "$abs_srcdir/make-guest" "$guest.new" 2G \
        >"$tmpdir/logs/make-guest" 2>&1 ||
        fail "$(tail -n 3 "$tmpdir/logs/make-guest")"
    mv "$guest.new" "$guest"
}

# use_libguestfs: as root, without libvirt and without KVM.
use_libguestfs ()
{
    local kernels=(/boot/vmlinuz-*)

    requires_program virt-v2v-in-place virt-customize
    export LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg
    export LIBGUESTFS_TMPDIR=/tmp LIBGUESTFS_CACHEDIR=/var/tmp
    if [ ! -r "${kernels[0]}" ]; then
        requires_program supermin debugfs unshare
        export LIBGUESTFS_PATH=$made/appliance
        make_once "$LIBGUESTFS_PATH/README.fixed" make_appliance
    fi
}

# make_appliance: of the guest's kernel, where this host has none.  supermin
# wants this host to have a directory of modules, too.
make_appliance ()
{
    local dir=$tmpdir/appliance version parts

    parts=(/usr/lib/*/guestfs/supermin.d /usr/lib64/guestfs/supermin.d)
    [ -d "${parts[0]}" ] || parts=("${parts[1]}")
    requires test -d "${parts[0]}"
    mkdir -p "$dir/above" "$dir/work"
    debugfs -R "rdump /boot /lib/modules $dir" "$guest?offset=1048576" \
        >"$tmpdir/logs/debugfs" 2>&1
    version=$(ls "$dir/modules")
    rm -rf "$LIBGUESTFS_PATH"
    SUPERMIN_KERNEL=$dir/boot/vmlinuz-$version \
    SUPERMIN_KERNEL_VERSION=$version SUPERMIN_MODULES=$dir/modules/$version \
        unshare -m sh -e -c '
            mount -t overlay none /usr/lib \
                -o "lowerdir=/usr/lib,upperdir=$1/above,workdir=$1/work"
            mkdir -p /lib/modules
            exec supermin --build --copy-kernel -f ext2 --host-cpu x86_64 \
                -o "$3" "$2"
        ' sh "$dir" "${parts[0]}" "$LIBGUESTFS_PATH" \
        >"$tmpdir/logs/supermin" 2>&1 ||
        fail 'libguestfs needs a kernel in /boot, and its modules'
    touch "$LIBGUESTFS_PATH/README.fixed"
    rm -rf "$dir"
}

# boots COMMAND [ARGUMENT...]: COMMAND, which runs the guest, ends when that
# has powered itself off; $tmpdir/serial is what its serial port got.
boots ()
{
    timeout 1200 "$@" </dev/null >"$tmpdir/logs/boot" 2>&1 ||
        fail 'the guest does not boot, or does not end'
    expect_booted
}

# expect_booted: it has, and has found its files to be what they were.
expect_booted ()
{
    tr -d '\r' <"$tmpdir/serial" >"$tmpdir/logs/serial"
    says 'guest: whole'
}

# boots_from XML: in QEMU, as NAME.xml says.
boots_from ()
{
    boots python3 "$abs_srcdir/boot.py" "$1" "$tmpdir/serial"
}

# says LINE: this is a line of what the guest has said.
says ()
{
    grep -qxF -- "$1" "$tmpdir/logs/serial" || fail "the guest did not say: $1"
}
