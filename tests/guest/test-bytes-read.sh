#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is fetched of a whole guest to convert and copy it is not more than
# virt-v2v reads of it.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-7200}
. ./functions.sh
. "$abs_srcdir/guest/guest.sh"

requires_program virt-v2v
requires_filter log
make_guest
use_libguestfs
start_nginx
ln -s "$guest" "$tmpdir/www/disk"
mkdir "$tmpdir/bin" "$tmpdir/out"
remember "$guest"

# A copy beside the conversion reads what that has not read yet.
run_expecting 0 v2v-nbdkit-launch "$http_url/disk" -o disk \
    --copy-while-converting off -os "$tmpdir/out" -on ours \
    --convert 'virt-v2v-in-place -i libvirtxml "$V2V_XML"'
ours=$(awk '/"GET / { sum += $10 } END { printf "%d", sum }' \
    "$tmpdir/logs/nginx-access")
expect_nothing_left
rm "$tmpdir/out"/*

# Between the plugin that reads the guest and virt-v2v's filters is one that
# logs.
nbdkit=$(type -P nbdkit)
cat >"$tmpdir/bin/nbdkit" <<EOF
#!/bin/bash
[[ " \$* " = *' file=$guest '* ]] || exec '$nbdkit' "\$@"
for word; do
    [ "\$word" != file ] || words+=(--filter=log)
    words+=("\$word")
done
exec '$nbdkit' "\${words[@]}" logfile='$tmpdir/reads'
EOF
chmod +x "$tmpdir/bin/nbdkit"
PATH=$tmpdir/bin:$PATH expect virt-v2v -i disk "$guest" \
    -o local -os "$tmpdir/out" -on theirs >"$tmpdir/logs/virt-v2v" 2>&1
theirs=$(python3 - "$tmpdir/reads" <<'EOF'
import re, sys
print(sum(int(size, 16) for size in
          re.findall(r" Read id=.* count=(0x[0-9a-f]+)",
                     open(sys.argv[1]).read())))
EOF
)
expect_untouched
[ -z "${V2V_TEST_COUNTS-}" ] || echo "virt-v2v $theirs, ours $ours" >&2
# More than the conversion alone needs.
expect test "$ours" -gt $((400 << 20))
expect test "$ours" -le "$theirs"
