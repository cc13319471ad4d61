/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_TLS_THUMBPRINT_H
#define V2V_TLS_THUMBPRINT_H

struct error;
struct supervisor;

/* The SHA-1 thumbprint of the certificate that the server at HOST:PORT
 * shows, as VMware writes it: "AB:CD:...", 20 bytes.  Nothing is verified:
 * it is what the user would accept by hand.  The caller frees it.
 */
extern char *tls_thumbprint (const char *host, unsigned port,
                             struct supervisor *, struct error *err);

#endif /* V2V_TLS_THUMBPRINT_H */
