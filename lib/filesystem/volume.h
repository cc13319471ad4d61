/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is in one volume: a whole disk, a partition, or a logical volume. */

#ifndef V2V_VOLUME_H
#define V2V_VOLUME_H

#include "filesystem/filesystem.h"
#include "filesystem/signature.h"
#include "filesystem/usage.h"

/* Find out what VOLUME holds: the kind, how much of it is unused, and why not,
 * are filled in in *RET, and the ranges that are unused in *USAGE, in bytes of
 * the volume.
 */
extern int volume_examine (struct reader *volume, struct filesystem *ret,
                           struct usage *usage, struct error *err);
/* The same when it is known what libblkid says. */
extern int volume_examine_as (struct reader *volume,
                              const struct signature *signature,
                              struct filesystem *ret, struct usage *usage,
                              struct error *err);

#endif /* V2V_VOLUME_H */
