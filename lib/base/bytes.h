/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Numbers as they stand in headers and tables, which need not be aligned. */

#ifndef V2V_BYTES_H
#define V2V_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define DEFINE_READ(name, bits, to_host)        \
  static inline uint##bits##_t                  \
  name (const unsigned char *p)                 \
  {                                             \
    uint##bits##_t n;                           \
                                                \
    memcpy (&n, p, sizeof n);                   \
    return to_host (n);                         \
  }                                             \
  struct name##_needs_semicolon

DEFINE_READ (be16, 16, be16toh);
DEFINE_READ (be32, 32, be32toh);
DEFINE_READ (be64, 64, be64toh);
DEFINE_READ (le16, 16, le16toh);
DEFINE_READ (le32, 32, le32toh);
DEFINE_READ (le64, 64, le64toh);

#undef DEFINE_READ

V2V_DEFINE_CLEANUP (cleanup_bytes, unsigned char *, free);
#define CLEANUP_BYTES __attribute__ ((cleanup (cleanup_bytes)))

#endif /* V2V_BYTES_H */
