#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clients/v2v_nbdkit_launch.mjs: results, errors, password, and ending a run.
. ./functions.sh
. "$abs_srcdir/clients.sh"

requires_plugin file
requires_program node
cat >"$tmpdir/program.mjs" <<EOF
import { readFileSync } from 'node:fs'
import { run, LaunchError } from '$abs_top_srcdir/clients/v2v_nbdkit_launch.mjs'
EOF
cat >>"$tmpdir/program.mjs" <<'EOF'
const { V2V_PASSWORD, V2V_PROGRAM, V2V_STOP } = process.env
const stop = new AbortController()

try {
  const result = await run(process.argv.slice(2), {
    password: V2V_PASSWORD && readFileSync(V2V_PASSWORD, 'utf8').trim(),
    program: V2V_PROGRAM,
    signal: stop.signal,
    onEvent (event) {
      console.log(event.type)
      if (V2V_STOP && event.phase === 'convert') stop.abort()
    }
  })
  for (const disk of result.disks ?? []) console.log('made', disk.target)
} catch (error) {
  if (!(error instanceof LaunchError)) throw error
  if (stop.signal.aborted) process.exit(4)
  console.log('failed', error.reason, error.retryable)
  process.exit(3)
}
EOF
try_client node "$tmpdir/program.mjs"
