# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of -o libvirt: a libvirtd of our own, with nothing of this host's.
# Sourced after functions.sh.

requires_root
requires_program libvirtd virsh unshare qemu-system-x86_64 jq
grep -q 'HAVE_LIBVIRT 1' "$abs_top_builddir/config.h" ||
    skip 'built without libvirt'

libvirt_dir=$tmpdir/libvirt
libvirt_uri="qemu+unix:///system?socket=$libvirt_dir/run/libvirt-sock"
pool=$tmpdir/pool

# start_libvirtd: with the pool "default" in $pool.
start_libvirtd ()
{
    mkdir -p "$libvirt_dir/run" "$libvirt_dir/etc" "$libvirt_dir/lib" "$pool"
    cat >"$libvirt_dir/libvirtd.conf" <<END
unix_sock_dir = "$libvirt_dir/run"
auth_unix_ro = "none"
auth_unix_rw = "none"
END
    cp "$abs_srcdir/data/qemu.conf" "$libvirt_dir/etc"
    # libvirt 9 wants the user to exist even if another one is configured.
    cp /etc/passwd /etc/group "$libvirt_dir"
    echo 'libvirt-qemu:x:0:0:::/bin/sh' >>"$libvirt_dir/passwd"
    echo 'libvirt-qemu:x:0:' >>"$libvirt_dir/group"
    # shellcheck disable=SC2016
    start_server libvirtd unshare -m bash -c '
        set -e
        for dir in /run /var/cache; do mount -t tmpfs none $dir; done
        mount --bind "$1/lib" /var/lib
        mkdir -p /etc/libvirt
        mount --bind "$1/etc" /etc/libvirt
        mount --bind "$1/passwd" /etc/passwd
        mount --bind "$1/group" /etc/group
        exec libvirtd --config "$1/libvirtd.conf" --pid-file "$1/pid"
        ' bash "$libvirt_dir"
    libvirtd_pid=$server_pid
    for ((i = 0; i < 200; i++)); do
        [ ! -S "$libvirt_dir/run/libvirt-sock" ] || break
        is_running "$libvirtd_pid" || break
        sleep 0.1
    done
    virsh_does version >/dev/null 2>&1 ||
        skip "libvirt's qemu driver does not start here"
    virsh_does domcapabilities --virttype kvm >/dev/null 2>&1 ||
        skip 'libvirt cannot use KVM here'
    [ -n "$(virsh_does pool-list --all --name | xargs)" ] ||
        virsh_does pool-define-as default dir --target "$pool" >/dev/null
    virsh_does pool-start default >/dev/null 2>&1 || :
}

virsh_does ()
{
    timeout 60 virsh -q -c "$libvirt_uri" "$@" </dev/null
}

# expect_guests NAME...: these are all that libvirt has.
expect_guests ()
{
    local found

    found=$(virsh_does list --all --name | sort | xargs)
    [ "$found" = "$*" ] || fail "libvirt has the guests '$found', not '$*'"
}

# expect_pool NAME...: these are all files in the pool's directory.
expect_pool ()
{
    local found

    found=$(ls "$pool" | xargs)
    [ "$found" = "$*" ] || fail "in the pool are '$found', not '$*'"
}

# copy_to_libvirt STATUS ARGUMENT...: the guest "guest", with $tmpdir/disk.
copy_to_libvirt ()
{
    run_expecting "$1" v2v-nbdkit-launch -o libvirt -oc "$libvirt_uri" \
        -on guest "${@:2}" "$tmpdir/disk"
}
