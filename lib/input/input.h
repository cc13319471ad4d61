/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inputs turn what the user named into a guest.  A new one is one file and
 * one row in the table of input.c.
 */

#ifndef V2V_INPUT_H
#define V2V_INPUT_H

#include "guest/guest.h"
#include "input/input-request.h"

/* An -io option that is this input's, and not its disks' (source_option). */
struct input_option {
  const char *name;             /* as in -io NAME=VALUE; NULL ends */
  const char *help;             /* untranslated */
  const char *values;           /* as in source_option */
};

struct input_ops {
  const char *name;             /* as after -i */
  const char *one_source;       /* untranslated: the error when there is not
                                   exactly one SOURCE; NULL: any number */
  const char *transports[3];    /* which -it may name here; ends with NULL;
                                   none: left to read */
  const struct input_option *options; /* or NULL */
  /* Who has to log in with a password, as far as that is known before
   * anything is opened: "USER on HOST", which the caller frees; or NULL.  May
   * be NULL.
   */
  char *(*login) (const struct input_request *, struct error *err);
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
/* The one that has the -io option NAME, or NULL. */
extern const struct input_ops *input_of_option (const char *name);
/* All of them; ends with NULL. */
extern const struct input_ops *const input_table[];

/* The guest that the request's SOURCE describes. */
extern struct guest *input_read (const struct input_ops *,
                                 const struct input_request *,
                                 struct error *err);

#endif /* V2V_INPUT_H */
