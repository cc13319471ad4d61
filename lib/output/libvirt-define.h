/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What -o libvirt asks of libvirt.  All of it is done in a process of its own,
 * which opens a connection for each call.
 */

#ifndef V2V_LIBVIRT_DEFINE_H
#define V2V_LIBVIRT_DEFINE_H

struct error;
struct supervisor;

struct libvirt_define {
  const char *connect;          /* the URI, or NULL: libvirt's default */
  const char *shown;            /* the same for messages, without secrets */
  const char *pool;             /* its name or UUID */
  const char *guest;            /* its name */
  const char *arch;             /* as in qemu-system-ARCH */
  const char *xml;              /* of the guest, for libvirt_define */
  unsigned timeout_s;           /* for each call */
};

/* Does the URI name a host?  Then -1 with REASON_USAGE; HOST may be NULL. */
extern int libvirt_refuse_remote (const char *host, struct error *err);

/* Can libvirt run guests of ARCH with KVM, as far as it tells?  Then the
 * directory of the pool, which must be active and one of this host; the caller
 * frees it.
 */
extern char *libvirt_pool_dir (const struct libvirt_define *,
                               struct supervisor *, struct error *err);

/* Is there a guest of that name?  1 or 0. */
extern int libvirt_has_guest (const struct libvirt_define *,
                              struct supervisor *, struct error *err);

/* Define the guest, which did not exist.  After a
 * failure libvirt_has_guest tells whether it does now: the connection may have
 * been lost after the guest was defined.
 */
extern int libvirt_define (const struct libvirt_define *, struct supervisor *,
                           struct error *err);

/* Let the pool know which files there are. */
extern int libvirt_refresh (const struct libvirt_define *, struct supervisor *,
                            struct error *err);

#endif /* V2V_LIBVIRT_DEFINE_H */
