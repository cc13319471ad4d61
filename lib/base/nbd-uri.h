/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NBD URIs, as far as they say how TLS is to be used.  libnbd 1.14 knows a
 * part of that only, does not let a URI name files unless it is told to, and
 * nbdkit's nbd plugin never does; so it is taken out of the URI.
 */

#ifndef V2V_NBD_URI_H
#define V2V_NBD_URI_H

#include <stdbool.h>

struct error;

enum nbd_verify { NBD_VERIFY_DEFAULT, NBD_VERIFY_YES, NBD_VERIFY_NO };

struct nbd_uri {
  char *uri;                    /* the rest: what libnbd is to connect to */
  bool tls;                     /* nbds: */
  bool over_tcp;
  char *certificates;           /* tls-certificates=DIR, or NULL */
  char *psk_file;               /* tls-psk-file=FILE, or NULL */
  char *username;               /* tls-username=NAME, or NULL */
  enum nbd_verify verify;       /* tls-verify-peer= */
};

/* An error is one of usage; URI need not be one that libnbd takes. */
extern int nbd_uri_parse (const char *uri, struct nbd_uri *ret,
                          struct error *err);
extern void nbd_uri_reset (struct nbd_uri *);
#define CLEANUP_NBD_URI __attribute__ ((cleanup (nbd_uri_reset)))

/* Can the server's certificate be verified, or did the user say that it need
 * not be?  SYSTEM_TRUST: libnbd verifies it by the system's CA certificates
 * when it is given none.  If not: -1, with REASON_TLS.
 */
extern int nbd_uri_check_trust (const struct nbd_uri *, bool system_trust,
                                struct error *err);

#endif /* V2V_NBD_URI_H */
