/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file of a record of a finished run: a list of facts (facts.h). */

#ifndef V2V_FINISHED_FILE_H
#define V2V_FINISHED_FILE_H

struct argv;
struct error;

/* Make PATH hold the facts; they are on stable storage then. */
extern int finished_file_write (const char *path, const struct argv *facts,
                                struct error *err);
/* Add the facts in PATH to RET.  Returns 1; 0 if it does not exist; -1 on
 * errors, for example if it is damaged.
 */
extern int finished_file_read (const char *path, struct argv *ret,
                               struct error *err);

#endif /* V2V_FINISHED_FILE_H */
