/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Numbers as people like to read them. */

#ifndef V2V_HUMAN_H
#define V2V_HUMAN_H

#include <stdint.h>

/* "235.6 GiB", "10 GiB", "512 B". */
#define HUMAN_SIZE 24
extern void human_size (uint64_t bytes, char buf[HUMAN_SIZE]);
/* "03:25", "1:03:25"; "--:--" when it is negative: not known. */
extern void human_time (int64_t seconds, char buf[32]);

#endif /* V2V_HUMAN_H */
