/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_MANIFEST_H
#define V2V_MANIFEST_H

#include <stddef.h>

#include "base/argv.h"
#include "base/digest.h"
#include "base/vector.h"

struct error;
struct package;

/* A line of a manifest: SHA256(file)= hex. */
struct manifest_line {
  enum digest digest;
  const char *file;             /* as written */
  const char *hex;              /* of the digest's length, lower case */
};
DEFINE_VECTOR (struct manifest, manifest, struct manifest_line);
#define CLEANUP_MANIFEST __attribute__ ((cleanup (manifest_reset)))

/* Parse the manifest called NAME into lines that are parts of TEXT, which is
 * changed and ends with a NUL byte that LEN does not count.  Lines that are
 * something else are ignored, as virt-v2v does, but not silently: they go to
 * WARNINGS.
 */
extern int manifest_parse (char *text, size_t len, const char *name,
                           struct manifest *ret, struct argv *warnings,
                           struct error *err);

/* Compare the files of the package with its manifests, except those of other
 * .ovf files than the member OVF.  Of a remote package only small files are
 * compared, and a message says so: disks would be read twice.
 */
extern int manifest_check_all (struct package *, const char *ovf,
                               struct error *err);

#endif /* V2V_MANIFEST_H */
