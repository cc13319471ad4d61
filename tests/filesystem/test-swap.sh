#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Of swap space only the first page is in use, whatever the size of pages and
# the byte order; all of it when it holds a hibernated system's memory, or when
# its header is odd.
. ./functions.sh
. "$abs_srcdir/filesystem/volumes.sh"

size=67108864
disks=()
for page in 4096 8192 16384 32768 65536; do
    new_disk
    make_swap --pagesize $page -L here "$disk" >&2
    expect_found --ranges <<EOF
0 sda swap $size $((size - page))
0 $page $((size - page))
EOF
done

# A header for fewer pages than there are.
new_disk
truncate --size=1M "$disk"
make_swap "$disk" >&2
truncate --size=2M "$disk"
expect_found --ranges <<'EOF'
0 sda swap 2097152 1044480
0 4096 1044480
EOF

# From a machine of the other byte order.
poke 1024 '\0\0\0\001\0\0\0\377'
expect_found <<'EOF'
0 sda swap 2097152 1044480
EOF

new_disk
make_swap "$disk" >&2
cp "$disk" "$tmpdir/swap"
odd=()
while IFS='|' read -r offset bytes want; do
    cp "$tmpdir/swap" "$disk"
    poke "$offset" "$bytes"
    mv "$disk" "$tmpdir/odd-${#odd[@]}"
    odd+=("${#odd[@]} ${want/ / $size 0 }")
done <<'EOF'
4086|S1SUSPEND\0|swsuspend it holds the memory of a hibernated system
4086|S2SUSPEND\0|swsuspend it holds the memory of a hibernated system
4086|ULSUSPEND\0|swsuspend it holds the memory of a hibernated system
4086|LINHIB0001|swsuspend it holds the memory of a hibernated system
8182|SWAPSPACE2|swap the version of its header is not known
1100|x|swap the version of its header is not known
1032|\001|swap it has bad pages
1028|\377\377\377\377|swap it is larger than its partition or volume
1028|\000\100\000\000|swap it is larger than its partition or volume
EOF
printf '%s\n' "${odd[@]}" >"$tmpdir/expected"
for n in "${!odd[@]}"; do
    disks+=("$tmpdir/odd-$n")
done
run_expecting 0 "$list_filesystems" --ranges "${disks[@]}"
cut -d ' ' -f 1,3- "$out" >"$tmpdir/found"
expect diff -u "$tmpdir/expected" "$tmpdir/found" >&2
