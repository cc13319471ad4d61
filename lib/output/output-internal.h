/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the kinds of output share.  A new kind is a table of functions, which
 * output.c finds by the names of its modes.
 */

#ifndef V2V_OUTPUT_INTERNAL_H
#define V2V_OUTPUT_INTERNAL_H

#include <stdint.h>

#include "base/file-at.h"
#include "guest/location.h"
#include "output/output-settings.h"
#include "qemu/qemu-nbd.h"
#include "target/target.h"

struct guest;
struct image_lock;
struct launch_context;

struct output_disk_state {
  struct location location;     /* of the target; empty if there is none */
  int fd;                       /* of a file or device that existed before,
                                   opened when it was claimed, or -1 */
  char *part_path;              /* of the file that becomes the target, for
                                   messages; or NULL */
  bool has_part;                /* this run writes it */
  int part_fd;                  /* open on it, or -1 */
  bool has_replaced;            /* an older file, with it */
  uint64_t size;                /* of the disk, while a compressed image of
                                   it is larger; 0: it has its size */
  struct image_lock *part_lock; /* of that file; NULL: not yet there */
  struct target *target;        /* or NULL */
  const char *caveat;           /* what is to be known of the target,
                                   untranslated; or NULL */
  struct target *tried;         /* opened by output_try_disk, and kept for
                                   output_open_disk; or NULL */
  struct qemu_nbd *server;      /* writes a qcow2 file; or NULL */
  struct qemu_nbd *reader;      /* serves the target for readback; or NULL */
};

struct output {
  const struct output_ops *ops;
  const struct output_settings *settings;
  const char *format;           /* -of: "raw" or "qcow2" */
  const struct guest *guest;
  const struct launch_context *context;
  int dir_fd;                   /* -os, opened once; or -1 */
  char *dir;                    /* its path, for the XML and for messages; or
                                   NULL */
  const struct part_dir *part_dir; /* the claim's, or NULL */
  enum target_zero zero;        /* -oo zero= */
  bool compressed;              /* -oo compressed */
  mode_t mode;                  /* of new files; -oo mode= */
  struct output_disk_state *disks;
  unsigned n;
  unsigned sockets;             /* names given to sockets */
  bool has_spice;               /* this host's qemu, when it commits */
  bool keep;                    /* files that have not been committed */
};

struct output_ops {
  const struct output_option *options;
  bool makes_files;                /* -of, -oa and -os mean something */
  bool existing;                /* the targets exist before: opening one
                                   checks it and changes nothing */
  int (*check) (struct output *, struct error *err);
  /* Fill in the location of disk INDEX: a file's path, or an NBD URI. */
  int (*locate) (struct output *, unsigned index, struct location *ret,
                 struct error *err);
  /* May disk INDEX be opened with OUTPUT_NEW?  May be NULL. */
  int (*try_new) (const struct output *, unsigned index, struct error *err);
  int (*open) (struct output *, unsigned index, uint64_t size,
               const char *socket_dir, enum output_how, struct error *err);
  /* Can the target of disk INDEX, which was opened before and is open still,
   * be used as if it was opened like this?  NULL: it is opened twice.
   */
  bool (*reopen) (struct output *, unsigned index, uint64_t size,
                  enum output_how);
  int (*commit) (struct output *, struct error *err); /* may be NULL */
  /* What is to be done with what was committed, as output_next says.  May be
   * NULL.
   */
  char *(*next) (const struct output *, struct error *err);
  /* Disk INDEX is written no more; what is not complete is removed unless it
   * is KEPT.  May be NULL.
   */
  void (*forget) (struct output *, unsigned index, bool kept);
};

/* Where qemu-nbd finds what is written for disk INDEX. */
extern struct qemu_place output_place (const struct output *, unsigned index);

/* Open what has this name: through a link only if nobody else can have made
 * it.  -1 and errno.
 */
extern int output_open_trusted (struct file_at, int flags);

/* The name of disk INDEX's target in -os; of -o disk only. */
extern struct file_at output_final (const struct output *, unsigned index);

/* Refuse disk INDEX's target if it is a source or that of an earlier disk. */
extern int output_refuse_place (const struct output *, unsigned index,
                                struct error *err);

/* The guest's XML of -o disk: may it be written?  If not, for this reason. */
/* Can the guest's XML be written at all?  It holds names that users and
 * metadata have chosen: what it cannot hold must not be found out after hours
 * of copying.  After the locations are known.
 */
extern int output_xml_try (const struct output *, struct error *err);
extern int output_xml_check (const struct output *, enum reason refused,
                             struct error *err);
/* The disks have their final names. */
extern int output_xml_write (const struct output *, struct error *err);
/* Its path, which the caller frees. */
extern char *output_xml_path (const struct output *, struct error *err);

extern const struct output_ops output_disk_ops;
extern const struct output_ops output_device_ops;
extern const struct output_ops output_nbd_ops;

#endif /* V2V_OUTPUT_INTERNAL_H */
