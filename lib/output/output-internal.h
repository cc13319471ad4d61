/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the kinds of output share.  A new one is one file and one row in the
 * table of output.c.
 */

#ifndef V2V_OUTPUT_INTERNAL_H
#define V2V_OUTPUT_INTERNAL_H

#include "output/output.h"
#include "qemu/qemu-nbd.h"

struct output_disk_state {
  char *place;                  /* path or URI, for people; or NULL */
  char *part;                   /* file that is being written, or NULL */
  struct target *target;        /* or NULL */
  struct qemu_nbd *server;      /* that writes a qcow2 file, or NULL */
  struct qemu_nbd *reader;      /* that reads it back, or NULL */
};

struct output_ops {
  const char *const *names;     /* of -o; ends with NULL */
  const struct output_option *options;
  bool formats;                 /* -of, -oa and -os mean something */
  bool existing;                /* targets are there: opening one tells
                                   whether it will do, and changes nothing */
  int (*check) (struct output *, struct error *err);
  /* Fill in the place of disk INDEX. */
  int (*place) (struct output *, unsigned index, struct error *err);
  int (*open) (struct output *, unsigned index, uint64_t size,
               const char *socket_dir, enum output_how, struct error *err);
  int (*commit) (struct output *, struct error *err); /* may be NULL */
};

struct output {
  const struct output_ops *ops;
  const struct output_settings *settings;
  const struct guest *guest;
  const struct launch_context *context;
  enum target_zero zero;        /* -oo zero= */
  bool compressed;              /* -oo compressed */
  struct output_disk_state *disks;
  unsigned n;
  unsigned sockets;             /* names given to sockets */
  bool keep;                    /* what has not been committed */
};

/* A new name for a socket in DIR; the caller frees it. */
extern char *output_socket (struct output *, const char *dir,
                            struct error *err);

extern const struct output_ops output_disk_ops;
extern const struct output_ops output_device_ops;
extern const struct output_ops output_nbd_ops;
extern const struct output_ops output_null_ops;

/* Value number INDEX of -oo KEY=..., or NULL. */
extern const char *output_nth_option (const struct output *,
                                      const char *key, unsigned index);
/* There must be as many -oo KEY= as there are disks. */
extern int output_one_option_each (const struct output *, const char *key,
                                   struct error *err);

#endif /* V2V_OUTPUT_INTERNAL_H */
