/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside vmx_read: what its steps share.  They return no errors: the first
 * one is kept in the reading, and what fails gives what it gives for a key
 * that is missing.
 */

#ifndef V2V_VMX_READING_H
#define V2V_VMX_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/argv.h"
#include "base/vector.h"

struct error;
struct guest;

struct vmx_entry {
  char *key;                    /* in lower case */
  char *value;                  /* UTF-8, unescaped */
  size_t line;                  /* counted from 1 */
  size_t other_line;            /* line that gives another value, or 0 */
};
DEFINE_VECTOR (struct vmx_entries, vmx_entries, struct vmx_entry);

struct vmx_reading {
  const char *name;             /* the file's, for errors */
  struct vmx_entries entries;   /* in the order of their keys */
  struct guest *guest;
  struct argv *files, *warnings;
  struct argv disk_names, nic_names; /* "scsi0:1", "ethernet0"... */
  struct error *err;
};

/* Parse the text of the file into entries. */
extern void vmx_parse (struct vmx_reading *, const char *text, size_t len);
extern void vmx_free_entries (struct vmx_entries *);

/* The entry of KEY (in lower case), or NULL. */
extern const struct vmx_entry *vmx_find (const struct vmx_reading *,
                                         const char *key);
/* The value of the key that FMT makes; NULL: there is none, or it is empty.
 * LINE may be NULL.  A key with two values is an error.
 */
extern const char *vmx_get (struct vmx_reading *, size_t *line,
                            const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));
/* The boolean of NAMESPACE.WHAT; without it what OTHERWISE says. */
extern bool vmx_get_bool (struct vmx_reading *, const char *namespace,
                          const char *what, bool otherwise);
/* Copy VALUE to FIELD, unless it is NULL. */
extern void vmx_set_string (struct vmx_reading *, char **field,
                            const char *value);
/* Put STR, which may be NULL, in lower case. */
extern void vmx_lower (char *str);
/* A warning, for people. */
extern void vmx_warn (struct vmx_reading *, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));

/* Steps of vmx-devices.c. */
extern void vmx_add_units (struct vmx_reading *);
extern void vmx_add_floppies (struct vmx_reading *);
extern void vmx_add_nics (struct vmx_reading *);

/* The step of vmx-boot.c, after the devices. */
extern void vmx_set_boot_order (struct vmx_reading *);

#endif /* V2V_VMX_READING_H */
