/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_LIMITS_H
#define V2V_LIMITS_H

#include <stdint.h>

/* How hard a source may be pressed.  The engine starts with the first guess
 * and stays between 1 and the ceiling; first == max fixes a number.
 */
struct copy_limits {
  unsigned first_connections, max_connections;
  unsigned max_in_flight;       /* requests on one connection */
  uint32_t first_request, max_request; /* bytes, powers of two */
};

/*--- The engine's own, whatever the source. ---*/

/* Buffers of all disks together. */
#define COPY_MEMORY (UINT32_C (64) << 20)
/* The smallest read worth its round trip, and the smallest buffer. */
#define COPY_REQUEST_MIN (UINT32_C (64) << 10)
#define COPY_REQUEST_MAX (UINT32_C (32) << 20)
/* Servers and devices take zero requests of this size (NBD's limit). */
#define COPY_ZERO_MAX (UINT32_C (32) << 20)
/* Requests on one connection. */
#define COPY_IN_FLIGHT_MAX 64
#define COPY_CONNECTIONS_MAX 128

#endif /* V2V_LIMITS_H */
