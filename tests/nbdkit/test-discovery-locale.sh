#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit is asked, and speaks, in the C locale.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in 1.32 retry
cat >"$tmpdir/nbdkit-locale" <<END
#!/bin/sh
echo "\$LANG \${LC_ALL-} \${LANGUAGE-}" >>"$tmpdir/logs/locale"
exec "$V2V_NBDKIT" "\$@"
END
chmod +x "$tmpdir/nbdkit-locale"
run_expecting 0 env LANG=de_DE.UTF-8 LC_ALL=de_DE.UTF-8 LANGUAGE=de \
    "${tool[@]}" --nbdkit "$tmpdir/nbdkit-locale" --dry-run "$tmpdir/disk"
expect test -s "$tmpdir/logs/locale"
# LC_ALL and LANGUAGE would win over LANG.
expect_not grep -q de "$tmpdir/logs/locale"
