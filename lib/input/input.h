/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inputs turn what the user named into a guest.  A new one is one file and
 * one row in the table of input.c.
 */

#ifndef V2V_INPUT_H
#define V2V_INPUT_H

#include "base/argv.h"
#include "guest/guest.h"

struct error;
struct events;
struct reader;
struct supervisor;

struct input_request {
  const struct argv *sources;   /* SOURCE... */
  const char *connect;          /* -ic URI, or NULL */
  const char *transport;        /* -it: "ssh", "vddk", or NULL */
  const char *format;           /* -if, or NULL */
  const struct argv *options;   /* -io KEY=VALUE..., known ones only */
  const struct secret *password; /* -ip, or NULL */
  /* The directory for what must be unpacked (beside the overlays), made
   * when it is first asked for.  NULL: unpack nothing.
   */
  const char *(*scratch) (void *data, struct error *err);
  void *scratch_data;
  bool dry_run;                 /* --dry-run: the source is not touched, and
                                   may not even be there */
  struct supervisor *supervisor;
  const struct events *events;
  /* Open a remote location (ssh, curl) to read metadata from it. */
  struct reader *(*open_location) (void *data, const struct location *,
                                   struct error *err);
  void *open_data;
};

struct input_ops {
  const char *name;             /* as after -i */
  const char *one_source;       /* untranslated: the error when there is not
                                   exactly one SOURCE; NULL: any number */
  const char *transport;        /* the only one that -it may name here; NULL:
                                   left to read */
  int (*read) (const struct input_request *, struct guest *,
               struct error *err);
};

extern const struct input_ops input_disk;
extern const struct input_ops input_nbdkit;
extern const struct input_ops input_libvirtxml;
extern const struct input_ops input_libvirt;
extern const struct input_ops input_vmx;
extern const struct input_ops input_ova;

/* The one called NAME, or NULL. */
extern const struct input_ops *input_find (const char *name);
/* All of them; ends with NULL. */
extern const struct input_ops *const input_table[];

/* The guest that the request's SOURCE describes. */
extern struct guest *input_read (const struct input_ops *,
                                 const struct input_request *,
                                 struct error *err);

/* Open SOURCE, which location_parse made LOCATION of, to read metadata from
 * it.  The location gets the password of -ip if it has none.
 */
extern struct reader *input_open (const struct input_request *,
                                  const char *source, struct location *,
                                  struct error *err);

/* Set what -io allow-backing says of the disk. */
extern int input_allow_backing (const struct input_request *, struct disk *,
                                struct error *err);

#endif /* V2V_INPUT_H */
