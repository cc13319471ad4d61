/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_OPTIONS_PARSE_H
#define V2V_OPTIONS_PARSE_H

struct error;
struct options;

/* Read the arguments; strings in OPTIONS point into ARGV.  Also after an
 * error OPTIONS has to be reset, and holds what was read before.
 */
extern int options_parse (int argc, char **argv, struct options *,
                          struct error *err);

#endif /* V2V_OPTIONS_PARSE_H */
