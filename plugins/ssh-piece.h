/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A read is cut into pieces, each as long as one reply can be, and done when
 * all of them are.  Looking at the file again is a piece, too.
 */

#ifndef V2V_SSH_PIECE_H
#define V2V_SSH_PIECE_H

#include <stdint.h>

struct read_request;
struct sftp_attrs;

struct piece {
  struct piece *next;           /* in whichever list it is */
  struct read_request *request; /* the owner's */
  uint8_t *buf;
  uint64_t offset;
  uint32_t len;
  uint32_t done;                /* bytes that have come */
  unsigned losses;              /* of connections that had it */
  struct sftp_attrs *attrs;     /* NULL: it is read.  If not, LEN is 0, and what
                                   the path leads to now is put here. */
};

/* FIFO; zero it first. */
struct pieces {
  struct piece *first, *last;
};

extern void pieces_add (struct pieces *, struct piece *);
extern struct piece *pieces_take (struct pieces *); /* NULL: there is none */
/* All of FROM go to the end of TO. */
extern void pieces_move (struct pieces *from, struct pieces *to);

#endif /* V2V_SSH_PIECE_H */
