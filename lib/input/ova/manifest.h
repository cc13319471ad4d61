/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_MANIFEST_H
#define V2V_MANIFEST_H

#include <stddef.h>

#include "base/argv.h"
#include "base/digest.h"
#include "base/vector.h"

struct error;
struct reader;
struct supervisor;

/* The digest of all that READER has, in lower case.  SUPERVISOR (may be
 * NULL) is asked for signals meanwhile: this takes minutes for a disk.
 */
extern int manifest_digest (struct reader *, enum digest, struct supervisor *,
                          char ret[DIGEST_HEX_MAX], struct error *err);

/* A line of a manifest: SHA256(file)= hex. */
struct manifest_line {
  enum digest digest;
  char *file;                   /* as written */
  char *hex;                    /* of the digest's length, lower case */
};
DEFINE_VECTOR (struct manifest, manifest, struct manifest_line);

/* Parse the manifest called NAME.  Lines that are something else are
 * ignored, as virt-v2v does, but not silently: they go to WARNINGS.
 */
extern int manifest_parse (const char *text, size_t len, const char *name,
                           struct manifest *ret, struct argv *warnings,
                           struct error *err);
extern void manifest_free (struct manifest *);
#define CLEANUP_MANIFEST __attribute__ ((cleanup (manifest_free)))

#endif /* V2V_MANIFEST_H */
