/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the thread of a connection knows (ssh-connection.c), and what it has
 * asked of the server (ssh-flying.c).
 */

#ifndef V2V_SSH_CONNECTION_INTERNAL_H
#define V2V_SSH_CONNECTION_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>

#include <libssh/callbacks.h>

#include "ssh-connection.h"

/* Reads in flight.  Of 255 KiB they are more than any window. */
#define FLYING_MAX 256

/* IDs of the requests that open the file; reads have others. */
enum { ID_STAT = 1, ID_OPEN, ID_FSTAT, ID_READS };

enum {
  HAS_VERSION = 1, HAS_STAT = 2, HAS_HANDLE = 4, ASKED_FSTAT = 8,
  HAS_FSTAT = 16,
};

struct flying {
  struct piece *piece;          /* NULL: this place is free */
  uint32_t id;
};

struct connection {
  struct connection_shared *shared;
  const struct connection_ops *ops;
  void *owner;
  pthread_t thread;
  int wake_fd;

  pthread_mutex_t lock;         /* of these two */
  struct pieces inbox;
  bool stopping;

  /* The thread's own. */
  ssh_session session;
  ssh_event event;
  ssh_channel channel;
  struct ssh_channel_callbacks_struct callbacks;
  struct sftp_sink sink;
  struct sftp_reader reader;
  struct sftp_out out;
  struct trouble trouble;       /* the first */
  unsigned has;                 /* HAS_... */
  struct sftp_handle handle;
  struct sftp_attrs attrs;
  bool woken;                   /* since it has looked into the inbox */
  struct pieces waiting;        /* for a place among these */
  struct flying flying[FLYING_MAX];
  unsigned n_flying;
  uint32_t next_id;
  uint32_t since_grown;         /* bytes that have come */
  int64_t heard_ms;             /* when something has come, or was asked */
  uint8_t *scratch;             /* WINDOW bytes that nothing is written to */
};

/* The connection is of no use any more.  The first trouble is kept: it is the
 * cause of the others.
 */
extern void connection_fail (struct connection *, enum trouble_kind,
                             const char *what, const char *text);


/*--- ssh-flying.c ---*/

/* Ask for everything that waits, and finds a place. */
extern void flying_ask (struct connection *);
/* All that is in flight waits again: there will be no replies. */
extern void flying_land (struct connection *);

/* For the reader's sink. */
extern void *flying_place (void *connection, uint32_t id, uint32_t len);
extern bool flying_reply (void *connection, const struct sftp_reply *);

#endif /* V2V_SSH_CONNECTION_INTERNAL_H */
