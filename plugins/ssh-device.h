/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_SSH_DEVICE_H
#define V2V_SSH_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "ssh-pool.h"

/* May what has these attributes be a block device?  Servers say that it has 0
 * bytes, as fstat does.
 */
extern bool ssh_device_is (const struct sftp_attrs *);

/* Find out by reading how large the device is.  False: *why is set. */
extern bool ssh_device_size (struct pool *, uint64_t *ret,
                             struct trouble *why);

#endif /* V2V_SSH_DEVICE_H */
