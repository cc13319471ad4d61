/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_DESCRIPTORS_H
#define V2V_DESCRIPTORS_H

#include <stdbool.h>

/* Close all descriptors from FIRST on: now, or (AT_EXEC) when this process
 * becomes another program.  It may be called between fork and exec.
 */
extern void close_descriptors (int first, bool at_exec);

#endif /* V2V_DESCRIPTORS_H */
