/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which devices a guest tries to boot from.  The boot_order of a disk, drive
 * or NIC is its place, counted from 1, or 0: it is not booted from.  Where
 * no device has a place the first disk is booted.
 */

#ifndef V2V_BOOT_ORDER_H
#define V2V_BOOT_ORDER_H

#include <stdbool.h>

struct error;
struct guest;

/* Has any device a place? */
extern bool boot_order_is_given (const struct guest *);
/* Is the first disk what is booted, and nothing else is tried? */
extern bool boot_order_is_usual (const struct guest *);
/* Take all devices out of the order. */
extern void boot_order_forget (struct guest *);

/* Make the places 1, 2, 3... without gaps, as libvirt wants each only once:
 * devices that an input gave the same place follow each other, disks first,
 * then drives and NICs.  The first disk comes last where no disk has a place:
 * what the guest was installed from is not there any more, and VMware goes on
 * to the disks anyway.
 */
extern int boot_order_settle (struct guest *, struct error *err);

#endif /* V2V_BOOT_ORDER_H */
