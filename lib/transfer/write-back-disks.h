/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The disks of a run that writes back, and which overlay belongs to which. */

#ifndef V2V_WRITE_BACK_DISKS_H
#define V2V_WRITE_BACK_DISKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/vector.h"
#include "transfer/write-back-samples.h"

struct changed_extents;
struct error;
struct launch_context;
struct location;
struct place_lock;
struct reader;

struct write_back_disk {
  /* What the disk is called: an absolute path, of a file without symbolic
   * links; or a URI.
   */
  char *place;
  bool is_nbd;
  int fd;                       /* open on the file or device, once, to read
                                   and write it; or -1 */
  char *format;                 /* "raw" or "qcow2" */
  char *identity;               /* as in io/disk-identity.h; of an NBD export
                                   the size, which says little */
  char *device;                 /* the kernel's name of a device that has no
                                   ID of its own; or NULL */
  char *beside;                 /* path of the record of a file, or NULL */
  struct place_lock *lock;      /* or NULL: the output has locked it */
  char *overlay;                /* name of a file in dir, or NULL */
  char *overlay_identity;
  uint64_t size;                /* bytes; known together with the overlay */
  struct samples samples;       /* of a raw disk, likewise */
  char names[DIGEST_HEX_MAX];   /* of a qcow2 disk, likewise: a digest of the
                                   names of other files in it; "": it is not
                                   known */
};
DEFINE_VECTOR (struct write_back_disks, write_back_disks,
               struct write_back_disk);

struct write_back {
  const struct launch_context *context;
  /* The request: digests of the command, and of the extents and sources that
   * were copied before ("": there was no copy).
   */
  char command[DIGEST_HEX_MAX], copied[DIGEST_HEX_MAX];
  char *id;                     /* the same in all records; or NULL */
  char *dir;                    /* the overlays' directory, or NULL */
  char *state_dir;              /* or NULL: it cannot be used */
  struct argv records;          /* their paths; the first one decides */
  struct write_back_disks disks;
};

/* COMMAND is the command that changes the overlays.  Checks that they would
 * be kept where they survive a reboot.
 */
extern struct write_back *write_back_new (const char *command,
                                          const struct launch_context *,
                                          struct error *err);
/* Does not remove records or overlays.  NULL is fine. */
extern void write_back_free (struct write_back *);

V2V_DEFINE_CLEANUP (cleanup_write_back, struct write_back *, write_back_free);
#define CLEANUP_WRITE_BACK __attribute__ ((cleanup (cleanup_write_back)))

/* Append a disk of which nothing is known; it belongs to the write_back.
 * NULL: no memory.
 */
extern struct write_back_disk *write_back_append (struct write_back *,
                                                  struct error *err);
/* Add the next disk: a local file or device, or an NBD export, that can be
 * written.  FD is what is open on it already, to be written, or -1.
 */
extern int write_back_add (struct write_back *, const struct location *,
                           int fd, const char *format, struct error *err);
/* Lock disk INDEX, which is at this location, until write_back_free. */
extern int write_back_lock (struct write_back *, size_t index,
                            const struct location *, struct error *err);
/* The same for a disk that another run may have to write back to: only its
 * names and its identity.  0: it is none, or is not there.
 */
extern int write_back_add_named (struct write_back *,
                                 const struct location *,
                                 struct error *err);
/* Read the bytes of the file, device or export that the disk is. */
extern struct reader *write_back_read (const struct write_back *,
                                       const struct write_back_disk *,
                                       struct error *err);
/* What tells the overlay of disk INDEX from another one, or from itself after
 * it was written to, also after a reboot.  NULL with REASON_NOT_FOUND: it is
 * gone.
 */
extern char *write_back_overlay_identity (const struct write_back *,
                                          size_t index, struct error *err);
extern bool write_back_same_overlay (const char *before, const char *now);
/* Note that EXTENTS of the disk SOURCE are copied before the command, to the
 * disk that is added next.
 */
extern int write_back_note_copy (struct write_back *,
                                 const struct location *source,
                                 const struct changed_extents *extents,
                                 struct error *err);

#endif /* V2V_WRITE_BACK_DISKS_H */
