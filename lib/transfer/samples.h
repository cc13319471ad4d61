/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whether a disk holds what it held, where its server or the kernel does not
 * tell when it was written to: devices and NBD exports.  All of it cannot be
 * read again.  What is kept is a digest of some blocks that are spread over
 * it, chosen anew each time, and of a local device also how much was written
 * to it since the host was started, so that before the next start a difference
 * is certainly seen.
 */

#ifndef V2V_SAMPLES_H
#define V2V_SAMPLES_H

struct error;
struct local_file;
struct nbd_handle;
struct supervisor;

struct samples_of {
  const struct local_file *file; /* a local one that is open; or NULL: */
  const char *path;             /* of a local file or device; or NULL: */
  const char *uri;              /* of an NBD export, */
  struct nbd_handle **nbd;      /* an idle connection to it, if there is one:
                                   closed when it fails, */
  unsigned timeout_s;           /* and how long it may take */
};

/* A text for samples_same; the caller frees it. */
extern char *samples_take (const struct samples_of *, struct supervisor *,
                           struct error *err);
/* Read the same blocks again, which BEFORE tells.  1: they are as they were;
 * 0: they are not.
 */
extern int samples_same (const struct samples_of *, const char *before,
                         struct supervisor *, struct error *err);

#endif /* V2V_SAMPLES_H */
