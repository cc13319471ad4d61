/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What writing back and its records share. */

#ifndef V2V_WRITE_BACK_INTERNAL_H
#define V2V_WRITE_BACK_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/vector.h"
#include "transfer/write-back.h"

struct write_back_disk {
  char *place;                  /* the disk: an absolute path, or a URI */
  bool is_nbd;
  char *format;                 /* "raw" or "qcow2" */
  char *record;                 /* path of its record */
  int lock;                     /* descriptor, or -1 */
  char *overlay;                /* name of a file in dir, or NULL */
  uint64_t size;                /* bytes, once there is an overlay */
};
DEFINE_VECTOR (struct write_back_disks, write_back_disks,
               struct write_back_disk);

struct write_back {
  const struct launch_context *context;
  char command[DIGEST_HEX_MAX]; /* digest of the command */
  char *id;                     /* of the record, or NULL */
  char *dir;                    /* the overlays' directory, or NULL */
  struct write_back_disks disks;
};

extern void write_back_disk_reset (struct write_back_disk *);

/*--- write-back-record.c ---*/

/* The path of PLACE's record; the caller frees it. */
extern char *record_path (const struct write_back *, const char *place,
                          bool is_file, struct error *err);
/* Make the records appear, that of disk 0 last.  When it cannot be known
 * whether it did, it did.
 */
extern int record_store (const struct write_back *, struct overlays *,
                         struct error *err);
/* Step 4. */
extern int record_remove (const struct write_back *, struct error *err);

#endif /* V2V_WRITE_BACK_INTERNAL_H */
