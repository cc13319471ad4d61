/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads one file through as many SSH connections as there are reads for, and
 * does without those that the server refuses or that are lost.
 */

#ifndef V2V_SSH_POOL_H
#define V2V_SSH_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "sftp-packet.h"
#include "ssh-login.h"
#include "ssh-trouble.h"

#define SSH_POOL_MAX 16         /* connections */

struct pool;

/* At most MAX connections, AHEAD of them as soon as one is wanted.  NULL: no
 * memory.
 */
extern struct pool *pool_new (const struct ssh_params *, unsigned max,
                              unsigned ahead);
extern void pool_free (struct pool *); /* nobody reads; NULL is fine */

struct pool_file {
  struct sftp_attrs attrs;
  unsigned generation;          /* grows when it has changed */
};

/* Wait for a connection that has opened the file, and say what it is now.  A
 * file of the same size that has changed does not open again if somebody had
 * it open when that was seen: he would go on with it.
 */
extern bool pool_open (struct pool *, struct pool_file *, struct trouble *);
/* After each success of pool_open. */
extern void pool_close (struct pool *);
/* Look at it again, if nobody has done so for a second. */
extern bool pool_refresh (struct pool *, struct pool_file *, struct trouble *);
/* What is known to have changed of it since, or NULL. */
extern const char *pool_change (struct pool *, const struct pool_file *);

/* Read, from any thread.  False: *why is set, and *got (may be NULL) is how
 * many bytes there were before the file ended, for TROUBLE_EOF.
 */
extern bool pool_read (struct pool *, void *buf, uint32_t count,
                       uint64_t offset, uint32_t *got, struct trouble *why);
/* The same for what ends with the file: meanwhile it is looked at again, if
 * nobody has done so for a second.
 */
extern bool pool_read_end (struct pool *, void *buf, uint32_t count,
                           uint64_t offset, struct trouble *why);

#endif /* V2V_SSH_POOL_H */
