# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Sourced by the scripts in this directory.  Installs missing packages on
# Debian and Fedora.

# A|B is the first of these that the release has, A| none where it lacks A.

# Needed to build the program.
debian_build='autoconf automake make gcc libc6-dev pkg-config perl gettext
    libnbd-dev libxml2-dev libjson-c-dev libcurl4-gnutls-dev
    libselinux-dev|libselinux1-dev libvirt-dev libarchive-dev libgnutls28-dev
    libssh-dev libxxhash-dev zlib1g-dev libdeflate-dev libzstd-dev
    libblkid-dev libext2fs-dev ntfs-3g-dev nbdkit-plugin-dev'
fedora_build='autoconf automake make gcc pkgconf-pkg-config perl-podlators
    gettext libnbd-devel libxml2-devel json-c-devel libcurl-devel
    libselinux-devel libvirt-devel libarchive-devel libssh-devel zlib-devel
    gnutls-devel xxhash-devel libdeflate-devel libzstd-devel libblkid-devel
    e2fsprogs-devel ntfs-3g-devel nbdkit-devel'
# Needed to run the program, or used by both the demo and the tests.
debian_run='nbdkit libnbd-bin qemu-utils curl nginx-light openssl procps
    e2fsprogs gdisk'
fedora_run='nbdkit nbdkit-server nbdkit-basic-plugins nbdkit-basic-filters
    nbdkit-curl-plugin nbdkit-ssh-plugin nbdkit-nbd-plugin libnbd qemu-img
    curl nginx openssl procps-ng e2fsprogs gdisk'
debian_test='clang valgrind openssh-server openssh-client socat time jq
    strace libxml2-utils libvirt-clients xz-utils bzip2 zip unzip mtools
    python3 python3-yaml locales qemu-system-x86 libvirt-daemon
    libvirt-daemon-driver-qemu
    libvirt-daemon-driver-storage|libvirt-daemon ovmf nbd-server gnutls-bin
    virt-v2v| vsftpd acl bindfs bsdutils e2fsprogs xfsprogs ntfs-3g lvm2
    fdisk'
fedora_test='clang valgrind libasan libubsan openssh-server
    openssh-clients socat time jq strace libxml2 libvirt-client xz bzip2 zip
    unzip tar gzip mtools python3 python3-pyyaml perl-Pod-Checker nbd
    gnutls-utils
    glibc-locale-source glibc-gconv-extra qemu-system-x86-core
    libvirt-daemon libvirt-daemon-driver-qemu
    libvirt-daemon-driver-storage-core edk2-ovmf gawk diffutils findutils
    util-linux
    /usr/bin/script virt-v2v vsftpd acl bindfs e2fsprogs xfsprogs
    ntfsprogs ntfs-3g lvm2'
# Needed to build and to examine packages.
debian_package='build-essential debhelper lintian'
# For scripts/in-release.
debian_matrix='iproute2 mmdebstrap'
# Other programs that use ours, or that ours has something for; without them
# some tests are skipped.  CI has them (V2V_TEST_MORE=1).
debian_more='ansible-core ansible-lint btrfs-progs catatonit chromium fish
    golang-go nodejs parallel podman python3-kubernetes python3-voluptuous runc
    systemd zsh'
fedora_more='ansible-core btrfs-progs catatonit chromium fish golang nodejs
    parallel podman python3-kubernetes runc systemd zsh'
# To make whole guests, and to convert them (V2V_TEST_MORE=1, V2V_TEST_LONG=1).
debian_guests='debootstrap guestfish|libguestfs-tools
    guestfs-tools|libguestfs-tools supermin virt-v2v|'
fedora_guests='debootstrap guestfs-tools libguestfs supermin virt-v2v'

as_root ()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif type -P sudo >/dev/null; then
        sudo "$@"
    else
        echo "needs root, or sudo, for: $*" >&2
        return 1
    fi
}

has_package_debian ()
{
    apt-cache policy "$1" 2>/dev/null | grep -q '^ *Candidate: [0-9]'
}

has_package_fedora () { false; }

is_installed_debian ()
{
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" \
        = installed ]
}

is_installed_fedora ()
{
    rpm -q --whatprovides "$1" >/dev/null 2>&1
}

install_debian ()
{
    local -a apt=(env DEBIAN_FRONTEND=noninteractive apt-get
                  -o DPkg::Lock::Timeout=600 -q -y)

    # The package lists of a new host are missing or outdated.
    as_root "${apt[@]}" update
    as_root "${apt[@]}" install --no-install-recommends "$@"
}

install_fedora ()
{
    as_root dnf -q -y install --setopt=install_weak_deps=False "$@"
}

# first_of SYSTEM A|B...: print the first of these packages that there is, or
# else the last, which may be none.
first_of ()
{
    local name names

    IFS='|' read -ra names <<<"$2"
    for name in "${names[@]}"; do
        [ "$name" != "$2" ] && "has_package_$1" "$name" || continue
        echo "$name"
        return
    done
    echo "${2##*|}"
}

# install_missing GROUP...: install the missing packages of each GROUP, which
# is build, run, test, package, matrix, guests or more.
install_missing ()
{
    local group list package system missing=()

    if type -P apt-get >/dev/null; then
        system=debian
    elif type -P dnf >/dev/null; then
        system=fedora
    else
        echo 'neither apt-get nor dnf: nothing is installed' >&2
        return 0
    fi
    # Without its lists apt does not know which packages there are.
    [ "$system" != debian ] || ls /var/lib/apt/lists/*_Packages* \
        >/dev/null 2>&1 || as_root apt-get -q update || :
    for group; do
        list=${system}_$group
        for package in ${!list-}; do
            package=$(first_of "$system" "$package")
            [ -z "$package" ] || "is_installed_$system" "$package" ||
                missing+=("$package")
        done
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "installing: ${missing[*]}"
    "install_$system" "${missing[@]}" </dev/null
}
