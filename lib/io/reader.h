/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Random access to something that is read, wherever it is: inputs read
 * metadata through it and need not know of nbdkit or of files.
 */

#ifndef V2V_READER_H
#define V2V_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct error;
struct local_file;
struct nbd_handle;
struct ranges;
struct supervisor;

struct reader {
  uint64_t size;                /* bytes */
  bool remote;                  /* each read costs a round trip */
  int pause_ms;                 /* of readers of NBD: before each read */
  /* Read exactly LEN bytes at OFFSET, all of them below size. */
  int (*pread) (struct reader *, void *buf, size_t len, uint64_t offset,
                struct error *err);
  /* NULL: it would not help.  See reader_prefetch. */
  int (*prefetch) (struct reader *, const struct ranges *, struct error *err);
  void (*free) (struct reader *);
};

/* A local file.  Anything but a regular file or block device is refused,
 * so that a FIFO cannot hang the run.
 */
extern struct reader *reader_file_new (const char *path, struct error *err);
/* A file that is open, of the size that it had then.  The reader has a
 * descriptor of its own.
 */
extern struct reader *reader_file_of (const struct local_file *,
                                      struct error *err);
/* The same of FD, which is open on a regular file or block device; messages
 * call it PATH.
 */
extern struct reader *reader_fd_new (int fd, const char *path,
                                     struct error *err);

/* The content of the NBD server at URI.  Connecting and each read may take
 * TIMEOUT_S seconds, and end when SUPERVISOR sees a signal.
 */
extern struct reader *reader_nbd_new (const char *uri, unsigned timeout_s,
                                      struct supervisor *,
                                      struct error *err);

/* The same through a connection that is there, and that is the reader's from
 * now on, even when it cannot be made.  A read ends, too, when GIVE_UP, which
 * is called with DATA, says that there is no use in waiting any longer; it may
 * be NULL.
 */
extern struct reader *reader_nbd_take (struct nbd_handle *nbd,
                                       unsigned timeout_s,
                                       struct supervisor *,
                                       bool (*give_up) (void *data),
                                       void *data, struct error *err);

/* The first LEN bytes of such a reader are those of START, which must live
 * longer: they are not asked for.
 */
extern void reader_nbd_start (struct reader *, const char *start, size_t len);
/* The last LEN bytes were asked for on the connection, and will be in END,
 * which must live as long: COOKIE is what libnbd calls this read.
 */
extern void reader_nbd_end (struct reader *, const char *end, size_t len,
                            int64_t cookie);

/* LENGTH bytes of PARENT from OFFSET on, all of them below its size.  The
 * parent must live longer.
 */
extern struct reader *reader_part_new (struct reader *parent,
                                       uint64_t offset, uint64_t length,
                                       struct error *err);

/* Read as the reader's pread does; asking for more than there is, which
 * what was read before may lead to, is an error too.
 */
extern int reader_pread (struct reader *, void *buf, size_t len,
                         uint64_t offset, struct error *err);

/* These bytes, all of them below its size, will be read next: a reader that
 * can get them with many requests at once, instead of one after the other,
 * keeps them until the next call, at most READER_PREFETCH_MAX bytes in all.
 */
#define READER_PREFETCH_MAX (UINT64_C (32) << 20)
extern int reader_prefetch (struct reader *, const struct ranges *,
                            struct error *err);

/* The whole of it, at most MAX bytes, ended by a NUL byte that LEN does not
 * count.  The caller frees it.
 */
extern char *reader_slurp (struct reader *, size_t max, size_t *len,
                           struct error *err);
extern void reader_free (struct reader *); /* NULL is fine */

V2V_DEFINE_CLEANUP (cleanup_reader, struct reader *, reader_free);
#define CLEANUP_READER __attribute__ ((cleanup (cleanup_reader)))

#endif /* V2V_READER_H */
