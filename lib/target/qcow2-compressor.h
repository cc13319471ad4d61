/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_QCOW2_COMPRESSOR_H
#define V2V_QCOW2_COMPRESSOR_H

#include <stdint.h>

#include "target/target.h"

struct error;
struct qcow2_compressor;

/* For one thread at a time.  NULL: no memory. */
extern struct qcow2_compressor *qcow2_compressor_new (enum target_compression,
                                                      struct error *err);
extern void qcow2_compressor_free (struct qcow2_compressor *); /* NULL: fine */

/* Compress the QCOW2_CLUSTER bytes of DATA to RET, which has room for as many.
 * Returns how many it has become; 0: not fewer.
 */
extern uint32_t qcow2_compress (struct qcow2_compressor *, const char *data,
                                unsigned char *ret);

#endif /* V2V_QCOW2_COMPRESSOR_H */
