/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Guests of libvirt, which is optional. */

#ifndef V2V_LIBVIRT_GUEST_H
#define V2V_LIBVIRT_GUEST_H

#include <stdbool.h>

struct error;
struct secret;
struct supervisor;

struct libvirt_request {
  const char *connect;          /* the URI, or NULL: libvirt's default */
  const char *shown;            /* the same for messages, without secrets */
  const char *user;             /* the URI's, or NULL */
  const struct secret *password; /* or NULL */
  const char *guest;            /* its name or UUID */
  bool may_be_running;          /* a running guest is no error */
};

/* The guest's domain XML, which the caller frees.  Nothing is asked for on
 * the terminal, and libvirt prints nothing.  With a supervisor (which may
 * be NULL) it is done in a child, so that it can be interrupted.
 */
extern char *libvirt_guest_xml (const struct libvirt_request *,
                                struct supervisor *, struct error *err);

#endif /* V2V_LIBVIRT_GUEST_H */
