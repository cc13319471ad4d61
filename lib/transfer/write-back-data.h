/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WRITE_BACK_DATA_H
#define V2V_WRITE_BACK_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/vector.h"

struct error;
struct json_object;
struct launch_context;

struct write_back_disk {
  char *place;                  /* of the disk: an absolute path or a URI */
  bool is_nbd;
  char *format;                 /* "raw" or "qcow2" */
  char *record;                 /* path of its record */
  int lock;                     /* a locked descriptor, or -1 */
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
extern void write_back_disk_reset (struct write_back_disk *);

/* The text of a record, as an object; NULL: no memory. */
extern struct json_object *write_back_to_json (const struct write_back *);
/* NULL: the object is not a record, or there is no memory. */
extern struct write_back *write_back_from_json (struct json_object *);

#endif /* V2V_WRITE_BACK_DATA_H */
