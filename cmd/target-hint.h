/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is meant by "v2v-nbdkit-launch in out.qcow2". */

#ifndef V2V_TARGET_HINT_H
#define V2V_TARGET_HINT_H

#include <stdbool.h>

struct error;
struct options;

/* *ERR says that there is no output: if the last SOURCE is the name of a file
 * to write, add a hint how to.  False: it is not.
 */
extern bool target_hint (const struct options *, struct error *err);

#endif /* V2V_TARGET_HINT_H */
