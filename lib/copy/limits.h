/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_LIMITS_H
#define V2V_LIMITS_H

#include <stdint.h>

/* How much load a source may get.  The engine starts with first_... and stays
 * between 1 and max_...; if both are the same nothing is tuned.
 */
struct copy_limits {
  unsigned first_connections, max_connections;
  unsigned max_in_flight;       /* requests on one connection */
  uint32_t first_request, max_request; /* bytes, powers of two */
};

/*--- Limits for all sources. ---*/

/* Bytes, for the buffers of all disks together. */
#define COPY_MEMORY (UINT32_C (64) << 20)
/* Smaller reads cost more time for round trips than for data. */
#define COPY_REQUEST_MIN (UINT32_C (64) << 10)
#define COPY_REQUEST_MAX (UINT32_C (32) << 20)
/* Larger requests to zero are refused by some NBD servers, and would keep
 * devices busy for too long.
 */
#define COPY_ZERO_MAX (UINT32_C (32) << 20)
/* Requests on one connection. */
#define COPY_IN_FLIGHT_MAX 64
#define COPY_CONNECTIONS_MAX 128

#endif /* V2V_LIMITS_H */
