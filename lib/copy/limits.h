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

#endif /* V2V_LIMITS_H */
