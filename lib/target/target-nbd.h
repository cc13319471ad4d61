/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The state of an NBD target, and its connections: what target-nbd.c calls of
 * target-nbd-connect.c, target-nbd-command.c and target-nbd-blocks.c, and
 * these of each other.
 */

#ifndef V2V_TARGET_NBD_H
#define V2V_TARGET_NBD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "io/wake.h"
#include "target/target.h"
#include "target/target-internal.h"

struct error;
struct nbd_handle;

/* Connections, to a server that allows several. */
#define TARGET_NBD_MAX 16

struct target_nbd {
  struct target target;
  char *uri;
  enum target_zero zero;        /* as far as the server can do it */
  bool can_flush;
  atomic_bool can_fast_zero;    /* and has not refused to */
  uint32_t min_block;           /* smaller pieces are refused; 1: none is */
  uint32_t max_write;           /* a multiple of it */
  pthread_mutex_t block_lock;   /* held while a part of a block is changed */
  struct wake stop;             /* woken: give up */
  struct supervisor *supervisor; /* the main thread opens it; or NULL */
  char *file;                   /* what the server writes to, or NULL */
  int file_fd;                  /* open on it, or -1 */
  struct settle settle;         /* of it */
  uint64_t settled_to;          /* guarded by the lock */

  pthread_mutex_t lock;
  pthread_cond_t returned;
  struct nbd_handle *idle[TARGET_NBD_MAX];
  unsigned n_idle, n_open, max_open;
  int connect_ms;               /* how long the first connection took */
};

struct target_nbd_command {
  enum {
    TARGET_NBD_READ, TARGET_NBD_WRITE, TARGET_NBD_ZERO, TARGET_NBD_FLUSH
  } kind;
  void *to;                     /* READ: whose buffer it is */
  const void *buf;              /* WRITE */
  uint32_t len;
  uint64_t offset;
  uint32_t flags;               /* ZERO */
};

/* Run a command, several times if it fails.  1: the server cannot zero like
 * this, or not fast enough.
 */
extern int target_nbd_run (struct target_nbd *,
                           const struct target_nbd_command *,
                           struct error *err);
/* -1 if a connection was lost. */
extern int target_nbd_check_lost (const struct target_nbd *,
                                  struct error *err);

/* Write LEN bytes at OFFSET, in requests that the server takes. */
extern int target_nbd_send (struct target_nbd *, const char *data,
                            uint32_t len, uint64_t offset, struct error *err);

/* What is done for one piece of a range, or all of it; DATA NULL: zeroes. */
typedef int target_nbd_piece (struct target_nbd *, const char *data,
                              uint32_t len, uint64_t offset, struct error *);

/* Let WHOLE do what is to be done for those of LEN bytes at OFFSET that are
 * whole blocks of the server's; parts of blocks are changed to DATA, or to
 * zeroes if DATA is NULL.
 */
extern int target_nbd_in_blocks (struct target_nbd *, const char *data,
                                 uint32_t len, uint64_t offset,
                                 target_nbd_piece *whole, struct error *err);

/* A connection for one command; NULL: none can be opened, and the target is
 * lost.
 */
extern struct nbd_handle *target_nbd_take (struct target_nbd *,
                                           struct error *err);
/* Give it back; one that has died, or NULL, makes the target lost. */
extern void target_nbd_return (struct target_nbd *, struct nbd_handle *);
/* Has a connection died while it was idle?  Then the target is lost. */
extern void target_nbd_notice_losses (struct target_nbd *);

#endif /* V2V_TARGET_NBD_H */
