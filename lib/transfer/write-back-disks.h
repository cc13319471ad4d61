/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which overlay is written back to which disk. */

#ifndef V2V_WRITE_BACK_DISKS_H
#define V2V_WRITE_BACK_DISKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/vector.h"

struct error;
struct launch_context;
struct location;
struct place_lock;

struct write_back_disk {
  char *place;                  /* of the disk: an absolute path or a URI */
  bool is_nbd;
  char *format;                 /* "raw" or "qcow2" */
  char *record;                 /* path of its record */
  struct place_lock *lock;      /* or NULL: the output has locked it */
  char *overlay;                /* name of a file in dir, or NULL */
  uint64_t size;                /* bytes; known together with the overlay */
};
DEFINE_VECTOR (struct write_back_disks, write_back_disks,
               struct write_back_disk);

struct write_back {
  const struct launch_context *context;
  char command[DIGEST_HEX_MAX]; /* digest of the command */
  char *id;                     /* the same in the records of all disks; or
                                   NULL */
  char *dir;                    /* the overlays' directory, or NULL */
  struct write_back_disks disks;
};

/* COMMAND is the command that changes the overlays. */
extern struct write_back *write_back_new (const char *command,
                                          const struct launch_context *,
                                          struct error *err);
/* Does not remove records or overlays.  NULL is fine. */
extern void write_back_free (struct write_back *);

/* Append a disk of which nothing is known; it belongs to the write_back.
 * NULL: no memory.
 */
extern struct write_back_disk *write_back_append (struct write_back *);
/* Add the next disk: a local file or device, or an NBD export, that can be
 * written.
 */
extern int write_back_add (struct write_back *, const struct location *,
                           const char *format, struct error *err);
/* Lock disk INDEX, which is at this location, until write_back_free. */
extern int write_back_lock (struct write_back *, size_t index,
                            const struct location *, struct error *err);

/* The path of the record of a disk, which the caller frees. */
extern char *write_back_record_path (const struct location *,
                                     const struct launch_context *,
                                     struct error *err);

#endif /* V2V_WRITE_BACK_DISKS_H */
