/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What other kinds of local sources have of source-file.c. */

#ifndef V2V_SOURCE_FILE_H
#define V2V_SOURCE_FILE_H

struct error;
struct source_request;
struct supervisor;

/* The identity of the location's file (source_ops has more of it). */
extern int source_file_identify (const struct source_request *,
                                 const char *before, struct aside *,
                                 struct supervisor *, char **ret,
                                 struct error *err);

#endif /* V2V_SOURCE_FILE_H */
