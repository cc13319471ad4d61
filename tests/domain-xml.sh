# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Does libvirt take the domain XML that the tool writes?  functions.sh sources
# this file and asks about each NAME.xml that run_expecting sees.

# A test may have another PATH.
virsh=$(type -P virsh || :)
virsh_path=$PATH
driver_dir=$tmpdir/libvirt-driver
# What libvirt has found out of this host's qemu, which takes it a second:
# tests share it.  It is libvirt that decides whether it is still true.
driver_cache=$abs_builddir/libvirt-cache
declare -A driver_took=()

# plain_virsh ARGUMENT...: virsh, without what the test prepares for the tool.
plain_virsh ()
{
    timeout 100 env -i PATH="$virsh_path" HOME="$tmpdir/home" LC_ALL=C \
        V2V_TEST_MARK="$V2V_TEST_MARK" "${virsh_in[@]}" "$virsh" -q "$@" \
        </dev/null
}
virsh_in=()

# start_qemu_driver: can libvirt's qemu driver run here, in virsh itself, with
# nothing of this host's?  libvirt 9 wants the user to exist even if another
# one is configured, and waits for ever where process 1 does not reap.
start_qemu_driver ()
{
    [ ! -e "$driver_dir" ] || return "$driver_status"
    driver_status=1
    mkdir -p "$driver_dir/root/etc"
    [ -n "$virsh" ] && [ "$(id -u)" = 0 ] || return 1
    cp "$abs_srcdir/data/qemu.conf" "$driver_dir/root/etc"
    cp /etc/passwd /etc/group "$driver_dir"
    echo 'libvirt-qemu:x:0:0:::/bin/sh' >>"$driver_dir/passwd"
    echo 'libvirt-qemu:x:0:' >>"$driver_dir/group"
    cp -r "$driver_cache" "$driver_dir/root/cache" 2>/dev/null || :
    embedded_virsh nodeinfo >"$tmpdir/logs/libvirt" 2>&1 || return 1
    driver_status=0
}

# embedded_virsh COMMANDS: run commands of virsh with this driver.
embedded_virsh ()
{
    # shellcheck disable=SC2016
    local virsh_in=(unshare -m -p -f --mount-proc --kill-child bash -c '
        for file in passwd group; do
            grep -q ^libvirt-qemu: /etc/$file ||
                mount --bind "$0/$file" /etc/$file || exit 1
        done
        "$@"
        exit $?' "$driver_dir")

    plain_virsh -c "qemu:///embed?root=$driver_dir/root" "$1"
}

# share_qemu_capabilities: for the tests that follow.
share_qemu_capabilities ()
{
    [ ! -e "$driver_cache" ] || return 0
    cp -r "$driver_dir/root/cache" "$driver_cache.$$"
    # Another test may have been faster.
    mv -nT "$driver_cache.$$" "$driver_cache" || :
    rm -rf "$driver_cache.$$"
}

# expect_libvirt_takes FILE: the domain XML in FILE is as libvirt's schema says,
# and libvirt defines the guest: its test driver and, where it can be started,
# its qemu driver, which knows what a guest can have.  (test-xml-starts.sh
# starts them.)
expect_libvirt_takes ()
{
    local text arch define=$tmpdir/logs/define.xml validate=--validate tpm=''

    [ -n "$virsh" ] || return 0
    text=$(<"$1")
    [ -z "${driver_took[$text]-}" ] || return 0
    # The schema has no paths with newlines; libvirt has.
    [[ $text != *'&#10;'* ]] || validate=
    # That of libvirt before 8.6 knows no more of UEFI than that there is one.
    [[ $text != *' firmware="efi"'* ]] ||
        grep -qs stateless /usr/share/libvirt/schemas/domaincommon.rng ||
        validate=
    echo '<node/>' >"$tmpdir/logs/node.xml"
    sed '1,2s/type="kvm"/type="test"/' "$1" >"$define"
    plain_virsh -c "test://$tmpdir/logs/node.xml" define $validate "$define" \
        >>"$tmpdir/logs/virsh" 2>&1 || fail "libvirt does not take $1: $text"
    arch=$(sed -n 's/.*<type arch="\([^"]*\)".*/\1/p' "$1")
    if PATH=$virsh_path type -P "qemu-system-$arch" >/dev/null &&
        start_qemu_driver; then
        PATH=$virsh_path type -P swtpm >/dev/null || tpm='/<tpm /,/<.tpm>/d'
        # The driver names a file by the guest.
        sed -e '1,2s/type="kvm"/type="qemu"/' -e "$tpm" \
            -e 's/<name>.*</<name>guest</' "$1" >"$define"
        embedded_virsh "define '$define'" >>"$tmpdir/logs/virsh" 2>&1 ||
            fail "libvirt's qemu driver does not take $1: $text"
        rm -f "$driver_dir"/root/etc/qemu/*.xml
        share_qemu_capabilities
    fi
    driver_took[$text]=yes
}

# expect_written_xml_taken ARGUMENT...: so it is with the domain XML where a run
# of the tool with these arguments was to write it.
expect_written_xml_taken ()
{
    local argument before='' file

    for argument; do
        if [ "$before" = -os ]; then
            for file in "$argument"/*.xml; do
                [ -f "$file" ] || continue
                grep -q '<v2v:written ' "$file" || continue
                expect_libvirt_takes "$file"
            done
        fi
        before=$argument
    done
}
