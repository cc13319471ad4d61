/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_OVERWRITE_H
#define V2V_OVERWRITE_H

struct error;
struct options;

/* -1 if PATH, the value of OPTION, is a disk or the description of a guest.
 * Nobody wants to overwrite those: the option's value was forgotten, and
 * getopt took the SOURCE for it.
 */
extern int overwrite_refuse_guests (const char *option, const char *path,
                                    struct error *err);
/* The same for what --result-file, --status-file and --machine-readable have
 * written: the first file of a glob was taken for the value.
 */
extern int overwrite_refuse_results (const char *option, const char *path,
                                     struct error *err);

/* -1 if PATH, the value of OPTION (NULL: it was not given), is a file that
 * another option or a SOURCE names to be read.
 */
extern int overwrite_refuse_read (const struct options *, const char *option,
                                  const char *path, struct error *err);

/* The same for all options that are given, and -1 if two of them name one
 * file, which only one of them would be in.
 */
extern int overwrite_refuse_shared (const struct options *,
                                    struct error *err);

#endif /* V2V_OVERWRITE_H */
