/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VMware's .vmx files: lines of key = "value".  No file is opened here. */

#ifndef V2V_VMX_H
#define V2V_VMX_H

#include <stddef.h>

#include "base/argv.h"
#include "base/cleanup.h"

struct error;
struct guest;
struct vmx;

/* A .vmx file has some 10 KiB; what is larger is something else. */
#define VMX_SIZE_MAX (4 << 20)

struct vmx_entry {
  char *key;                    /* in lower case */
  char *value;                  /* UTF-8, unescaped */
  size_t line;                  /* counted from 1 */
  size_t other_line;            /* line that gives another value, or 0 */
};

/* Parse a whole file.  NAME is the file's in errors. */
extern struct vmx *vmx_parse (const char *text, size_t len, const char *name,
                              struct error *err);
extern void vmx_free (struct vmx *); /* NULL is fine */
V2V_DEFINE_CLEANUP (cleanup_vmx, struct vmx *, vmx_free);
#define CLEANUP_VMX __attribute__ ((cleanup (cleanup_vmx)))

/* The file's name, for errors. */
extern const char *vmx_name (const struct vmx *);
/* The entry of KEY (in lower case), or NULL. */
extern const struct vmx_entry *vmx_find (const struct vmx *,
                                         const char *key);
/* All entries in the order of their keys. */
extern const struct vmx_entry *vmx_entries (const struct vmx *, size_t *n);
/* Warnings, for people. */
extern const struct argv *vmx_warnings (const struct vmx *);
extern int vmx_warn (struct vmx *, struct error *err, const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));

/* Fill in GUEST.  Each disk of it gets its bus; the files that hold the
 * disks, as the .vmx names them, are appended to FILES in the same order.
 */
extern int vmx_read_guest (struct vmx *, struct guest *, struct argv *files,
                           struct error *err);

#endif /* V2V_VMX_H */
