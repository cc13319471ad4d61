# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks that have lived, for the tests of --skip-unused: all that ext4 does not
# use holds deleted data.  After functions.sh.

for program in mke2fs dumpe2fs debugfs; do
    requires_program $program
done

# make_lived_in FILE MIB [OFFSET]: make a disk with an ext4 of MIB MiB from
# OFFSET on, in files of random data, and deleted data everywhere else.
make_lived_in ()
{
    local offset=${3-0} i

    rm -rf "$tmpdir/files"
    mkdir "$tmpdir/files"
    for i in 1 2 3 4 5 6; do
        : >"$tmpdir/files/$i"
        truncate -s $((i * $2 * 6000)) "$tmpdir/files/$i"
        write_random "$tmpdir/files/$i" 0 $((i * $2 * 6000))
    done
    # Two blocks each; deleted, they are holes that are read with the rest.
    for i in {1..40}; do
        head -c 6000 <(random_bytes "small $i") >"$tmpdir/files/small-$i"
    done
    yes 'deleted data' | write_from_all "$1" $((offset + ($2 << 20)))
    mke2fs -q -F -t ext4 -b 4096 -E "nodiscard,lazy_itable_init=0,\
lazy_journal_init=0,offset=$offset" -d "$tmpdir/files" "$1" $(($2 * 256)) \
        2>/dev/null
    # Holes among what is in use.
    rm "$tmpdir/files/4" "$tmpdir"/files/small-*[02468]
    {
        echo rm /4
        printf 'rm /small-%s\n' {2..40..2}
    } | debugfs -w -f /dev/stdin "$1?offset=$offset" >/dev/null 2>&1
}

# write_from_all FILE SIZE: from standard input.
write_from_all ()
{
    head -c "$2" >"$1"
}

# free_runs FILE [OFFSET]: print where runs of blocks are that are free in the
# file system at OFFSET: bytes from the beginning of FILE, and length.
free_runs ()
{
    # dumpe2fs 1.47.2 takes no ?offset=; the others of e2fsprogs do.
    tail -c +$((${2-0} + 1)) "$1" >"$tmpdir/ext"
    dumpe2fs "$tmpdir/ext" 2>/dev/null |
        awk -v offset="${2-0}" '
            function run (first, last, len) {
                printf "%d %d\n", offset + first * size,
                    (last - first + 1) * size
            }
            /^Block size:/ { size = $3 }
            /^  Free blocks: ./ {
                n = split (substr ($0, 16), runs, ", ")
                for (i = 1; i <= n; i++) {
                    split (runs[i], ends, "-")
                    if (ends[2] == "")
                        ends[2] = ends[1]
                    # A run may go on in the next group.
                    if (last != "" && ends[1] == last + 1) {
                        last = ends[2]
                        continue
                    }
                    if (last != "")
                        run(first, last)
                    first = ends[1]
                    last = ends[2]
                }
            }
            END { if (last != "") run(first, last) }'
}

# zero_runs FILE < RUNS: these parts of FILE are zeroes.
zero_runs ()
{
    local offset length

    while read -r offset length; do
        write_zeroes "$1" "$offset" "$length"
    done
}

# count_runs < RUNS: print how many bytes those have that are not read: shorter
# ones are, and thrown away.
count_runs ()
{
    awk '$2 >= 16384 { sum += $2 } END { printf "%d\n", sum }'
}

# expect_files FILE [OFFSET]: the file system there is clean, and has all of
# the files.
expect_files ()
{
    expect e2fsck -fn "$1?offset=${2-0}"
    rm -rf "$tmpdir/found"
    mkdir "$tmpdir/found"
    debugfs -R "rdump / $tmpdir/found" "$1?offset=${2-0}" 2>/dev/null
    rm -rf "$tmpdir/found/lost+found"
    expect diff -r "$tmpdir/files" "$tmpdir/found"
}

# make_conversion FILE DISK: make a script for --convert of DISK: it deletes
# file 5 of the file system in the overlay, makes "new", and writes a pattern
# to 64 KiB that stay free.  It writes only what it changes, as a guest would,
# and adds a line to $tmpdir/converted.
make_conversion ()
{
    local pattern_at

    pattern_at=$(free_runs "$2" | awk '
        END { printf "%d", int (($1 + $2 / 2) / 65536) * 65536 }')
    head -c 3M <(random_bytes new) >"$tmpdir/new"
    cat >"$tmpdir/changed-blocks" <<'END'
import sys
before, after, part = sys.argv[1:]
with open(before, "rb") as a, open(after, "rb") as b:
    offset = 0
    while True:
        # A cluster of the overlay: it gets all of it in any case.
        old, new = a.read(65536), b.read(65536)
        if not new:
            break
        if old != new:
            with open(f"{part}-{offset}", "wb") as file:
                file.write(new)
            print(f"write -s {part}-{offset} {offset} {len(new)}")
        offset += len(new)
END
    cat >"$1" <<END
set -e
echo once >>"$tmpdir/converted"
cd "$tmpdir"
rm -rf parts
mkdir parts
qemu-img convert -f qcow2 -O raw "\$V2V_OVERLAY_0" before
cp before after
debugfs -w -f /dev/stdin after <<COMMANDS 2>/dev/null
write $tmpdir/new new
rm /5
COMMANDS
python3 changed-blocks before after parts/part >parts/commands
echo "write -P 0x77 $pattern_at 64k" >>parts/commands
qemu-io -f qcow2 "\$V2V_OVERLAY_0" <parts/commands
END
}

# expect_converted FILE: FILE is what a copy makes after this conversion.
expect_converted ()
{
    local want=$tmpdir/converted-disk

    cp "$tmpdir/after" "$want"
    free_runs "$want" >"$tmpdir/runs"
    zero_runs "$want" <"$tmpdir/runs"
    (cd "$tmpdir" && qemu-io -f raw "$want" <parts/commands >/dev/null)
    expect_same "$want" "$1"
    rm -f "$tmpdir/files/5"
    cp "$tmpdir/new" "$tmpdir/files/new"
    expect_files "$1"
}
