#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# qemu lets whoever opens a qcow2 image put another node in the place of its
# backing file ("backing": {...}), which is documented to override what the
# image says.  It works with any node for an image that names no backing file.
# For one that does, qemu (7.2; the same in 5.2 and 11.1) still adds the name
# in the image to the options of the node, unless that has a "file.filename":
# a format on a file works, and all others are refused in words about a name
# that nobody gave (here null-co; NBD servers and a format in a format, too).
# Put an empty qcow2 image between them.
#
# Expected output:
#     plain: read
#     named: The only allowed filename for this driver is 'null-co://'
#     named, empty image between: read
#
# Needs apt-get of Debian 12, whose libraries qemu uses.  Status 0: it is so;
# 1: it has changed; 77: it cannot be tried.
set -eu
version=7.2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
(cd "$dir" && apt-get download -q qemu-utils >/dev/null 2>&1) || exit 77
dpkg-deb -x "$dir"/qemu-utils_*.deb "$dir/root"
PATH=$dir/root/usr/bin:$PATH
case $(qemu-io --version 2>/dev/null) in
    "qemu-io version $version."*) ;;
    *) exit 77 ;;
esac

cd "$dir"
truncate -s 1M base
qemu-img create -q -f qcow2 plain.qcow2 1M
qemu-img create -q -f qcow2 -F raw -b base named.qcow2

node='{"driver":"raw","file":{"driver":"null-co","size":1048576}}'

# opened NAME BACKING: what qemu says of this image over that node.
opened ()
{
    local file

    file='{"driver":"file","filename":"'$1'.qcow2"}'
    qemu-io -r 'json:{"driver":"qcow2","file":'"$file"',"backing":'"$2"'}' \
        -c 'read -q 0 512' 2>&1 | sed 's/.*backing file: //' >said
    if [ -s said ]; then
        cat said
    else
        echo read
    fi
}

between='{"driver":"qcow2","file":{"driver":"file","filename":"plain.qcow2"},
    "backing":'$node'}'
between=${between//$'\n    '/}
{
    echo "plain: $(opened plain "$node")"
    echo "named: $(opened named "$node")"
    echo "named, empty image between: $(opened named "$between")"
} | tee all
diff - all <<'END'
plain: read
named: The only allowed filename for this driver is 'null-co://'
named, empty image between: read
END
