/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the parts of the reader of NTFS share: ntfs.c has the order of the
 * steps.
 */

#ifndef V2V_NTFS_INTERNAL_H
#define V2V_NTFS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/param.h>
#include <time.h>

/* Here only: they are not complete without each other and <time.h>. */
#include <ntfs-3g/types.h>
#include <ntfs-3g/endians.h>
#include <ntfs-3g/layout.h>
#include <ntfs-3g/device.h>
#include <ntfs-3g/runlist.h>
#include <ntfs-3g/volume.h>
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/bootsect.h>
#include <ntfs-3g/logfile.h>
#include <ntfs-3g/logging.h>
#include <ntfs-3g/mst.h>

#include "base/ranges.h"
#include "filesystem/usage.h"
#include "io/reader.h"

struct error;

/* As the boot sector has it; ntfs-boot.c has checked it. */
struct ntfs_geometry {
  uint32_t sector_size, cluster_size, record_size; /* bytes */
  uint64_t clusters;
};

/* One reading of a volume. */
struct ntfs_reading {
  struct reader *reader;
  struct usage *ret;
  struct error *err;
  struct ntfs_geometry geometry;
  ntfs_volume *volume;          /* NULL: not open yet */
  bool read_failed;             /* as *err says, whatever the library made
                                   of it */
  char words[160];              /* the library's first ones in this step */
  uint64_t free_clusters;       /* by $Bitmap */
  uint64_t hibernation_file;    /* record number of hiberfil.sys, or 0 */
};

/* The steps.  0: done, or ret->why_not is set.  -1: *err is set. */
extern int ntfs_boot_check (struct ntfs_reading *);
extern int ntfs_shadow_check (struct ntfs_reading *);
extern int ntfs_opened_mount (struct ntfs_reading *);
extern int ntfs_state_check (struct ntfs_reading *);
extern int ntfs_map_read (struct ntfs_reading *);
extern int ntfs_records_walk (struct ntfs_reading *);
extern int ntfs_hibernation_check (struct ntfs_reading *);

/* Undo ntfs_opened_mount. */
extern void ntfs_opened_umount (struct ntfs_reading *);
/* A doubt with what the library said about it. */
extern int ntfs_opened_doubt (struct ntfs_reading *);

/* Why the volume counts as used; the format is translated here. */
#define NTFS_DOUBT(reading, ...)                                \
  usage_doubt ((reading)->ret, (reading)->err, __VA_ARGS__)

/* The content of a file whose clusters are known: what is read of it next can
 * be fetched at once, however many runs it has.
 */
struct ntfs_content {
  struct ntfs_reading *reading;
  const runlist_element *runs;  /* complete, in the order of the file */
  size_t last;                  /* run that was read last */
};
/* Are the runs below END bytes all there, and inside of the volume?  The
 * functions below may only be asked for bytes before it.
 */
extern bool ntfs_content_is_whole (const struct ntfs_content *,
                                   uint64_t end);
extern int ntfs_content_read (struct ntfs_content *, void *buf, size_t len,
                              uint64_t offset);
/* WHAT, in bytes of the file, will be read next; as reader_prefetch. */
extern int ntfs_content_prefetch (struct ntfs_content *,
                                  const struct ranges *what);

#endif /* V2V_NTFS_INTERNAL_H */
