/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_DOMAIN_GUEST_H
#define V2V_DOMAIN_GUEST_H

#include <stddef.h>

struct error;
struct guest;
struct input_request;

/* Read the guest that the libvirt domain XML describes.  NAME is the XML's
 * in errors.
 */
extern int domain_read_guest (const char *xml, size_t len, const char *name,
                              const struct input_request *,
                              struct guest *, struct error *err);

#endif /* V2V_DOMAIN_GUEST_H */
