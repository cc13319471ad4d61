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
  unsigned generation;          /* grows when the size has changed */
};

/* Wait for a connection that has opened the file, and say what it is now. */
extern bool pool_open (struct pool *, struct pool_file *, struct trouble *);
/* Look at it again, if nobody has done so for a second. */
extern bool pool_refresh (struct pool *, struct pool_file *, struct trouble *);
/* As far as is known the file is still of that size. */
extern bool pool_is_same (struct pool *, const struct pool_file *);

/* Read, from any thread.  False: *why is set, and *got (may be NULL) is how
 * many bytes there were before the file ended, for TROUBLE_EOF.
 */
extern bool pool_read (struct pool *, void *buf, uint32_t count,
                       uint64_t offset, uint32_t *got, struct trouble *why);

#endif /* V2V_SSH_POOL_H */
