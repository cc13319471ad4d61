/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the program waits, whatever it waits for: while it does, what
 * nbdkit prints is read, connections are noticed and signals obeyed.
 * Only the main thread uses it.
 */

#ifndef V2V_SUPERVISOR_H
#define V2V_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct supervisor;

/* Block SIGINT, SIGTERM, SIGHUP and SIGQUIT (those that are not ignored) and
 * receive them here.  There is one supervisor in a process.
 */
extern struct supervisor *supervisor_new (struct error *err);
extern void supervisor_free (struct supervisor *);

/* Call FN whenever EVENTS (as in poll) happen on FD.  FN may remove any
 * watch, its own too.  Adding a watch for FD again replaces it.
 */
typedef void (*supervisor_fn) (void *data, short revents);
extern int supervisor_watch (struct supervisor *, int fd, short events,
                             supervisor_fn fn, void *data,
                             struct error *err);
extern void supervisor_unwatch (struct supervisor *, int fd);

#define SUPERVISOR_FOREVER INT64_MAX

/* Wait until DONE says so (it is asked first, and after each event).
 *   0  it is done
 *   1  DEADLINE_MS (on clock_ms's clock) has come
 *  -1  a signal arrived (REASON_INTERRUPTED) or another error
 * Once a signal has arrived each wait fails at once, unless signals are
 * held back by supervisor_hold_signals.
 */
typedef bool (*supervisor_done_fn) (void *data);
extern int supervisor_wait (struct supervisor *, supervisor_done_fn done,
                            void *data, int64_t deadline_ms,
                            struct error *err);

/* Wait MS milliseconds.  -1 as supervisor_wait. */
extern int supervisor_pause (struct supervisor *, int ms, struct error *err);

/* The signal that has arrived, or 0.  Asks the kernel, does not wait. */
extern int supervisor_signal (struct supervisor *);

/* While cleaning up: a first signal no longer ends waits.  A second one
 * ends the process at once; the guard cleans up behind it.
 */
extern void supervisor_hold_signals (struct supervisor *);

#endif /* V2V_SUPERVISOR_H */
