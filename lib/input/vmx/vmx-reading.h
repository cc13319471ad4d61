/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside vmx_read_guest: what its steps share.  They return no errors: the
 * first one is kept in the reading, and what fails gives what it gives for a
 * key that is missing.
 */

#ifndef V2V_VMX_READING_H
#define V2V_VMX_READING_H

#include <stdbool.h>

#include "input/vmx/vmx.h"

struct vmx_reading {
  struct vmx *vmx;
  struct guest *guest;
  struct argv *files;
  struct error *err;
};

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

/* Steps of vmx-devices.c. */
extern void vmx_add_units (struct vmx_reading *);
extern void vmx_add_floppies (struct vmx_reading *);
extern void vmx_add_nics (struct vmx_reading *);

#endif /* V2V_VMX_READING_H */
