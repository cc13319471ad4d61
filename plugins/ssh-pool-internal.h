/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the connections of a pool share: ssh-pool.c is called by nbdkit's
 * threads, and ssh-members.c decides which connections there are, and who
 * reads what.
 */

#ifndef V2V_SSH_POOL_INTERNAL_H
#define V2V_SSH_POOL_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "ssh-connection.h"
#include "ssh-pool.h"

/* A whole read, on the stack of whom it is for. */
struct read_request {
  pthread_cond_t done;
  unsigned missing;             /* pieces */
  struct trouble trouble;       /* the first */
  uint64_t end;                 /* where the file ended, for TROUBLE_EOF */
};

/* Does the server let us in?  One connection finds out. */
enum verdict { NOT_ASKED, ASKED, LET_IN, REFUSED };

enum state { FREE, LOGGING_IN, OPENING, READY, LOST };

/* One that has just been lost may not have ended when another takes its turn.
 */
#define PLACES (SSH_POOL_MAX + 1)

struct member {
  struct connection *connection;
  enum state state;
  bool ended;                   /* its thread does nothing more */
  uint64_t load;                /* bytes that are asked of it */
  int64_t begun_ms;             /* until it has reached the host */
};

struct pool {
  struct connection_shared shared;
  unsigned max, ahead;          /* connections */

  pthread_mutex_t lock;         /* of everything below */
  pthread_cond_t changed;       /* the state of a member */
  struct member members[PLACES];
  uint64_t load;                /* of all, and of those that wait: */
  struct pieces orphans;        /* for a connection */
  enum verdict verdict;
  const struct connection *asking; /* while it is ASKED */
  unsigned failures;            /* connections that never opened the file */
  struct trouble trouble;       /* of the last of them */
  bool is_far;                  /* round trips are long */
  bool opened;                  /* the file, once */
  struct pool_file file;        /* and what it was */
  const char *change;           /* the last one; NULL: none */
  unsigned clients;
  bool spoiled;                 /* what they have read may be a mixture */
  int64_t seen_ms;              /* then */
  int64_t pause_until_ms;
  int pause_ms;
  bool stopping;
};


/*--- ssh-members.c; all of these are called under the lock. ---*/

extern unsigned members_count (const struct pool *, enum state);
/* Those that log in, or open the file. */
extern unsigned members_beginning (const struct pool *);
/* There must be one, or one that begins.  Who was refused may try again when
 * somebody asks again.
 */
extern void members_need_one (struct pool *);
/* As many as there is work for; where there are none, and none can be had, all
 * that wait have failed.
 */
extern void members_have (struct pool *);
/* The path leads to this now. */
extern void members_saw (struct pool *, const struct sftp_attrs *);
/* Have some member read the piece, or let it wait for one. */
extern void members_dispatch (struct pool *, struct piece *);

#endif /* V2V_SSH_POOL_INTERNAL_H */
