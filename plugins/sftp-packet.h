/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packets of SFTP, version 3 (draft-ietf-secsh-filexfer-02), as far as one
 * file is read: requests are written into a buffer, and replies are read from
 * a stream of bytes that comes in pieces of any length.
 */

#ifndef V2V_SFTP_PACKET_H
#define V2V_SFTP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sftp_type {
  SFTP_INIT = 1,
  SFTP_VERSION = 2,
  SFTP_OPEN = 3,
  SFTP_READ = 5,
  SFTP_FSTAT = 8,
  SFTP_STAT = 17,
  SFTP_STATUS = 101,
  SFTP_HANDLE = 102,
  SFTP_DATA = 103,
  SFTP_ATTRS = 105,
};

#define SFTP_EOF 1              /* of a status */

/* What one reply may carry: OpenSSH's servers send 255 KiB at most. */
#define SFTP_DATA_MAX (UINT32_C (255) << 10)
/* The draft's own limit. */
#define SFTP_HANDLE_MAX 256
/* Of replies other than data. */
#define SFTP_BODY_MAX 34000


/*--- Requests. ---*/

/* Bytes to be sent; zero it first. */
struct sftp_out {
  uint8_t *ptr;
  size_t len, cap;
  bool failed;                  /* no memory: what is there is of no use */
};

extern void sftp_out_reset (struct sftp_out *);
/* LEN bytes at the beginning have been sent. */
extern void sftp_out_sent (struct sftp_out *, size_t len);

extern void sftp_put_init (struct sftp_out *);
/* TYPE is SFTP_STAT, or SFTP_OPEN to read. */
extern void sftp_put_path (struct sftp_out *, enum sftp_type type,
                           uint32_t id, const char *path);
struct sftp_handle {
  uint8_t bytes[SFTP_HANDLE_MAX];
  uint32_t len;
};
extern void sftp_put_fstat (struct sftp_out *, uint32_t id,
                            const struct sftp_handle *);
extern void sftp_put_read (struct sftp_out *, uint32_t id,
                           const struct sftp_handle *, uint64_t offset,
                           uint32_t len);


/*--- Replies. ---*/

/* A whole one.  Its bytes are the reader's. */
struct sftp_reply {
  uint8_t type;                 /* enum sftp_type, or what the server sent */
  uint32_t id;                  /* of a version: its number */
  const uint8_t *body;          /* behind the ID; NULL for data, which have */
  uint32_t len;                 /* been stored */
};

/* Who gets the replies. */
struct sftp_sink {
  /* Where LEN bytes go, with which request ID is answered.  NULL: there is no
   * such request, or it asked for less.
   */
  void *(*place) (void *opaque, uint32_t id, uint32_t len);
  /* False: the reply makes no sense. */
  bool (*reply) (void *opaque, const struct sftp_reply *);
  void *opaque;
};

/* Between two calls; zero it first. */
struct sftp_reader {
  const struct sftp_sink *sink;
  uint8_t head[13];             /* length, type, ID, and the length of data */
  uint32_t head_len;
  uint8_t *body;
  uint8_t *place;               /* where the next byte goes */
  uint32_t missing;             /* bytes of it */
  uint8_t own[SFTP_BODY_MAX];
};

/* Read LEN bytes.  False: they are no SFTP, or not what was asked for, and
 * nothing that comes later can be understood.
 */
extern bool sftp_read (struct sftp_reader *, const void *data, size_t len);

/* What a reply says.  False: it is cut short, or too long. */
struct sftp_status {
  uint32_t code;
  const char *text;             /* the server's, or else the code's name */
  uint32_t text_len;
};
extern bool sftp_get_status (const struct sftp_reply *, struct sftp_status *);
extern bool sftp_get_handle (const struct sftp_reply *, struct sftp_handle *);

struct sftp_attrs {
  bool has_size;
  uint64_t size;
  uint32_t mode;                /* 0: not known */
  bool has_mtime;
  uint32_t mtime;               /* when it was written to, in seconds */
  bool of_handle;               /* the server does not tell it by the path */
};
/* Of the mode: as in POSIX, on whichever system. */
#define SFTP_MODE_TYPE 0170000
#define SFTP_MODE_REGULAR 0100000
#define SFTP_MODE_BLOCK 0060000
extern bool sftp_get_attrs (const struct sftp_reply *, struct sftp_attrs *);

#endif /* V2V_SFTP_PACKET_H */
