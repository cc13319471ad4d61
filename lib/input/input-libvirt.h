/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Making a guest's disks reachable from this host. */

#ifndef V2V_INPUT_LIBVIRT_H
#define V2V_INPUT_LIBVIRT_H

struct error;
struct guest;
struct input_request;

/* The guest's disks are where the libvirt of -ic (request->connect) runs:
 * turn each place into one that can be reached from here, or fail.
 */
extern int libvirt_reach_disks (const struct input_request *request,
                                struct guest *guest, struct error *err);

#endif /* V2V_INPUT_LIBVIRT_H */
