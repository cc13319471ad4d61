/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What qemu-img is run for: to look at images, and to make them. */

#ifndef V2V_QEMU_IMG_H
#define V2V_QEMU_IMG_H

#include <stdbool.h>
#include <stdint.h>

struct confine;
struct error;
struct events;
struct launch_context;
struct supervisor;

struct qemu_img {               /* how it is run */
  struct supervisor *supervisor;
  const struct events *events;
  int disk;                     /* in events */
  const char *dir;              /* where qemu_img_info runs it; NULL: here */
  bool unconfined;              /* --confine off */
  const struct confine *files;  /* what it may open beside the image that it is
                                   run for; or NULL */
};

/* qemu-img for disk DISK of a run. */
extern struct qemu_img qemu_img_of (const struct launch_context *,
                                    unsigned disk);

struct image_info {
  char *format;
  uint64_t virtual_size;        /* bytes */
  char *backing;                /* another file that it names, or NULL */
  char *backing_format;         /* or NULL */
};

/* Look at the image's header, in a child with limits on memory and time.
 * IMAGE is an absolute path or a URI; FORMAT NULL: find it out.
 */
extern int qemu_img_info (const struct qemu_img *, const char *image,
                          const char *format, struct image_info *ret,
                          struct error *err);
/* The same of what FD is open on. */
extern int qemu_img_info_fd (const struct qemu_img *, int fd,
                             const char *format, struct image_info *ret,
                             struct error *err);
extern void image_info_reset (struct image_info *);
#define CLEANUP_IMAGE_INFO __attribute__ ((cleanup (image_info_reset)))

/* How large a qcow2 image of a disk of SIZE bytes is, in bytes: while nothing
 * is written to it, and when all of it is.
 */
struct image_measure {
  uint64_t empty, full;
};
extern int qemu_img_measure (const struct qemu_img *, uint64_t size,
                             struct image_measure *ret, struct error *err);

/* Check the metadata of the qcow2 image NAME in DIR, without those below it.
 * 1: another process has it open for writing.  -1 with REASON_CONVERT: it is
 * damaged.
 */
extern int qemu_img_check (const struct qemu_img *, const char *dir,
                           const char *name, struct error *err);

/* Give back what the qcow2 image that FD is open on has allocated and does not
 * use, as a server that was killed leaves it.  FD stays the caller's.
 */
extern int qemu_img_reclaim (const struct qemu_img *, int fd,
                             struct error *err);

/* Make a qcow2 overlay NAME in DIR over BACKING, a URI or a json: name, which
 * is not looked at and need not be there yet.  SIZE is the disk's; CLUSTER is
 * how much it holds at least of what is written; both are in bytes.
 */
extern int qemu_img_create_overlay (const struct qemu_img *, const char *dir,
                                    const char *name, const char *backing,
                                    const char *backing_format,
                                    uint64_t size, unsigned cluster,
                                    struct error *err);
/* Let an overlay name another BACKING with the same content. */
extern int qemu_img_rebase (const struct qemu_img *, const char *dir,
                            const char *name, const char *backing,
                            const char *backing_format, struct error *err);
/* Make a qcow2 image of the file NAME, which exists in the directory DIR_FD.
 */
extern int qemu_img_create (const struct qemu_img *, int dir_fd,
                            const char *name, uint64_t size,
                            bool preallocate, struct error *err);

#endif /* V2V_QEMU_IMG_H */
