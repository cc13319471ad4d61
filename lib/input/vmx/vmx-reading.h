/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside vmx_read_guest: what its steps share. */

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

/* Get the value of the key that FMT makes; NULL in RET when there is none.
 * LINE may be NULL.  A key with two values is an error.
 */
extern int vmx_get (struct vmx_reading *, const char **ret, size_t *line,
                    const char *fmt, ...)
  __attribute__ ((format (printf, 4, 5)));
/* The boolean of NAMESPACE.WHAT; RET stays as it is when there is none. */
extern int vmx_get_bool (struct vmx_reading *, const char *namespace,
                         const char *what, bool *ret);
/* Copy VALUE to FIELD, unless it is NULL or empty. */
extern int vmx_set_string (struct vmx_reading *, char **field,
                           const char *value);

/* Steps of vmx-devices.c. */
extern int vmx_add_units (struct vmx_reading *);
extern int vmx_add_floppies (struct vmx_reading *);
extern int vmx_add_nics (struct vmx_reading *);

#endif /* V2V_VMX_READING_H */
