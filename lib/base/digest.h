/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Digests of bytes, as text. */

#ifndef V2V_DIGEST_H
#define V2V_DIGEST_H

#include <stddef.h>

#include "base/cleanup.h"

struct error;

enum digest { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

#define DIGEST_HEX_MAX 129      /* of SHA512, with the NUL byte */

/* "SHA256"... */
extern const char *digest_name (enum digest);

/* The one called NAME (NAME_LEN bytes, in any case) that has HEX_LEN
 * digits; -1: there is none.  "SHA-256" and OpenSSL 3's "SHA2-256" are
 * SHA256.
 */
extern int digest_find (const char *name, size_t name_len, size_t hex_len,
                        enum digest *ret);

/* The digest, in lower case, of LEN bytes at DATA. */
extern int digest_of (const void *data, size_t len, enum digest,
                      char ret[DIGEST_HEX_MAX], struct error *err);

/* The same for what comes in pieces. */
struct digester;
extern struct digester *digester_new (enum digest, struct error *err);
extern int digester_add (struct digester *, const void *data, size_t len,
                         struct error *err);
extern void digester_end (struct digester *, char ret[DIGEST_HEX_MAX]);
extern void digester_free (struct digester *); /* NULL is fine */

V2V_DEFINE_CLEANUP (cleanup_digester, struct digester *, digester_free);
#define CLEANUP_DIGESTER __attribute__ ((cleanup (cleanup_digester)))

#endif /* V2V_DIGEST_H */
