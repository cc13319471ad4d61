/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packages for unit tests: a directory "in" and the archive a.ova, which hold
 * full.ovf, full.mf, "disk 1.vmdk" (not compressed) and disk2.vmdk.gz.  What
 * the disks are to be has the names disk1 and disk2.
 */

#ifndef OVA_FILES_H
#define OVA_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "guest/guest.h"
#include "input/input.h"

extern struct error err;
extern char said[];             /* by events of the last read_source */
extern unsigned opened;         /* remote locations, by the last one */
extern const char *option;      /* -io, or NULL */

/* Make the test's directory and the files in it, or skip the test. */
extern void ova_files_begin (void);
extern void ova_files_end (void);

/* Run a shell command in the test's directory. */
extern void sh (const char *fmt, ...)
  __attribute__ ((format (printf, 1, 2)));

/* The path of NAME in the test's directory behind PREFIX, until the next call.
 */
extern const char *in_top (const char *prefix, const char *name);

/* SCRATCH: there is a directory in which files can be unpacked.  NULL with the
 * error in err.
 */
extern struct guest *read_source (const struct input_ops *,
                                  const char *source, bool scratch);

/* The guest of PREFIX and NAME as in_top has it, which is to be freed. */
extern struct guest *works (const char *prefix, const char *name);
/* Reading fails, with PART in the message. */
extern void fails (const char *name, enum reason reason, const char *part);
extern void fails_as (const struct input_ops *, const char *source,
                      enum reason reason, const char *part);
/* PART is in what was said. */
extern void has_said (const char *part);

/* It is the guest of full.ovf with its disks, of which the first is of this
 * kind.  Frees it.
 */
extern void check (struct guest *, enum location_kind);

#endif /* OVA_FILES_H */
