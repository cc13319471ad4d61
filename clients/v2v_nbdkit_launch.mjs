// SPDX-License-Identifier: 0BSD
//
// Run v2v-nbdkit-launch(1) from Node.js 16 or later.
//
//     import { run } from './v2v_nbdkit_launch.mjs'
//
//     const result = await run(
//       ['https://example.com/disk.img', '-o', 'disk', '-os', '/var/tmp'],
//       { onEvent: event => console.log(event.type) })
//
// What is in events and results: v2v-nbdkit-launch-scripting(1).

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

// A run that failed: `event` is the error object, or {} if the run was killed
// and left none.
export class LaunchError extends Error {
  constructor (event, status) {
    super(event.message ?? `exit status ${status}`)
    this.name = 'LaunchError'
    this.event = event
    this.status = status
    this.reason = event.reason ?? 'internal'
    this.hint = event.hint
    this.detail = event.detail ?? []
    this.retryable = event.retryable ?? event.type === undefined
    this.resumable = event.resumable ?? false
  }
}

async function read (stream, onEvent) {
  let last = {}

  for await (const line of createInterface({ input: stream })) {
    const event = JSON.parse(line)

    if (['result', 'source', 'error'].includes(event.type)) last = event
    await onEvent?.(event)
  }
  return last
}

// Run with these arguments, and return the result object, with --print-source
// the source object; {} where there is none (--run).
//
// onEvent is called with each object that is reported, as it comes.  The
// password goes through a pipe.  If onEvent throws, or `signal` (an
// AbortSignal) aborts, the run is ended, and leaves nothing behind.
export async function run (args, {
  onEvent, password, signal, program = 'v2v-nbdkit-launch', stdio = {}, env
} = {}) {
  const login = password === undefined ? [] : ['-ip', 'fd:4']
  const child = spawn(program, ['--machine-readable=fd:3', ...login, ...args], {
    env,
    stdio: ['ignore', stdio.stdout ?? 'inherit', stdio.stderr ?? 'inherit',
      'pipe', password === undefined ? 'ignore' : 'pipe']
  })
  // The run cleans up by itself, and is given the time for it.
  const stop = () => child.kill('SIGTERM')
  const exited = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, name) => resolve(code ?? name))
  })

  exited.catch(() => {})
  if (password !== undefined) {
    child.stdio[4].on('error', () => {}) // it ended before it read
    child.stdio[4].end(`${password}\n`)
  }
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  try {
    const last = await read(child.stdio[3], onEvent)
    const status = await exited

    if (status !== 0) throw new LaunchError(last, status)
    return last
  } catch (error) {
    stop()
    await exited
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
