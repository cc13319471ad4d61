#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# qemu-img (7.2.*) compresses each cluster of a qcow2 image on its own, 64 KiB
# as a rule, but with a window of 4 KiB: what is repeated at a greater distance
# is stored again.  It also inflates with a window of 4 KiB, which looks as if
# an image by a better compressor could not be read.  It can: zlib looks at the
# window only for what is no longer in the output buffer, and qemu inflates a
# cluster in one call.  So a writer can use all 32 KiB of Deflate, and
# libraries that know no other window.  7-Zip (26.02) and libqcow (20201213)
# read such images, too; qemu 5.2, 10.0 and 11.1 do as 7.2.
#
# The disk is one cluster: 20,000 random bytes three times, then zeroes.
#
# Expected output (bytes of the compressed cluster, in sectors):
#     qemu-img: 60416
#     32 KiB window: 20480
#     read by qemu-img, 7zz, pyqcow
#
# Needs python3 and apt-get of Debian 12, whose libraries the programs use.
# Status 0: it is so; 1: it has changed; 77: it cannot be tried.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -q qemu-utils 7zip python3-libqcow libqcow1 >/dev/null 2>&1 ||
    exit 77
for package in *.deb; do
    dpkg-deb -x "$package" root
done
PATH=$dir/root/usr/bin:$PATH
export PYTHONPATH=$dir/root/usr/lib/python3/dist-packages
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
case $(qemu-img --version) in
    "qemu-img version 7.2."*) ;;
    *) exit 77 ;;
esac
7zz | grep -q '^7-Zip (z) 26\.02 ' || exit 77
[ "$(python3 -c 'import pyqcow; print(pyqcow.get_version())')" = 20201213 ] ||
    exit 77

cat >image.py <<'END'
import random, struct, sys, zlib

cluster = 65536

def make(name):
    part = random.Random(1).randbytes(20000)
    disk = (part * 3).ljust(cluster, b'\0')
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflate.compress(disk) + deflate.flush()
    sectors = (len(data) + 511) // 512
    image = bytearray(6 * cluster)

    def put(at, form, *values):
        struct.pack_into('>' + form, image, at, *values)

    # Header, refcount table and block, L1 table, L2 table, data.
    put(0, '4sIQIIQIIQQIIQQQQII', b'QFI\xfb', 3, 0, 0, 16, cluster, 0, 1,
        3 * cluster, cluster, 1, 0, 0, 0, 0, 0, 4, 104)
    put(cluster, 'Q', 2 * cluster)
    put(2 * cluster, '6H', *[1] * 6)
    put(3 * cluster, 'Q', 1 << 63 | 4 * cluster)
    put(4 * cluster, 'Q', 1 << 62 | sectors - 1 << 54 | 5 * cluster)
    image[5 * cluster:5 * cluster + len(data)] = data
    with open(name, 'wb') as f:
        f.write(image)
    with open('disk', 'wb') as f:
        f.write(disk)

# The length of the first cluster's data, of which the L2 entry counts the
# sectors that follow the one where it begins.
def length(name):
    with open(name, 'rb') as f:
        image = f.read()
    l1, = struct.unpack_from('>Q', image, 40)
    l2, = struct.unpack_from('>Q', image, l1)
    entry, = struct.unpack_from('>Q', image, l2 & (1 << 56) - 512)
    assert entry >> 62 == 1, 'not compressed'
    return ((entry >> 54 & 255) + 1) * 512

def read(name):
    import pyqcow

    image = pyqcow.file()
    image.open(name)
    sys.stdout.buffer.write(image.read_buffer(cluster))

print_length = lambda name: print(length(name))
{'make': make, 'length': print_length, 'read': read}[sys.argv[1]](sys.argv[2])
END

python3 image.py make long.qcow2
qemu-img check -q long.qcow2
qemu-img convert -c -f raw -O qcow2 disk qemu.qcow2
qemu-img convert -O raw long.qcow2 by-qemu
7zz e -so -tqcow long.qcow2 >by-7zz 2>/dev/null
python3 image.py read long.qcow2 >by-pyqcow
for copy in by-*; do
    cmp disk "$copy" || exit 1
done
{
    echo "qemu-img: $(python3 image.py length qemu.qcow2)"
    echo "32 KiB window: $(python3 image.py length long.qcow2)"
    echo 'read by qemu-img, 7zz, pyqcow'
} | tee said
diff - said <<'END'
qemu-img: 60416
32 KiB window: 20480
read by qemu-img, 7zz, pyqcow
END
