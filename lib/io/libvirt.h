/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The libvirt library, which is optional: what all who call it need.  It is
 * called in processes of their own only (isolated.h).
 */

#ifndef V2V_IO_LIBVIRT_H
#define V2V_IO_LIBVIRT_H

#ifdef HAVE_LIBVIRT

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "base/cleanup.h"

struct error;

/* Nothing is printed from now on, neither by libvirt nor by its libraries. */
extern void libvirt_silence (void);

/* Set what libvirt said last, with WHAT in front of it; returns -1. */
extern int libvirt_error (const char *what, struct error *err);

/* virsh reports the same error, and the user can vary its command line.  URI
 * is without secrets, or NULL; COMMAND ends with NULL.
 */
extern void libvirt_hint_virsh (const char *uri, const char *const *command,
                                struct error *err);

static inline void
libvirt_close (virConnectPtr conn)
{
  if (conn != NULL)
    virConnectClose (conn);
}

static inline void
libvirt_free_domain (virDomainPtr domain)
{
  if (domain != NULL)
    virDomainFree (domain);
}

static inline void
libvirt_free_pool (virStoragePoolPtr pool)
{
  if (pool != NULL)
    virStoragePoolFree (pool);
}

V2V_DEFINE_CLEANUP (cleanup_vir_connect, virConnectPtr, libvirt_close);
V2V_DEFINE_CLEANUP (cleanup_vir_domain, virDomainPtr, libvirt_free_domain);
V2V_DEFINE_CLEANUP (cleanup_vir_pool, virStoragePoolPtr, libvirt_free_pool);

#define CLEANUP_VIR_CONNECT __attribute__ ((cleanup (cleanup_vir_connect)))
#define CLEANUP_VIR_DOMAIN __attribute__ ((cleanup (cleanup_vir_domain)))
#define CLEANUP_VIR_POOL __attribute__ ((cleanup (cleanup_vir_pool)))

#endif /* HAVE_LIBVIRT */

#endif /* V2V_IO_LIBVIRT_H */
