/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_QUOTE_H
#define V2V_QUOTE_H

/* STR with every C in it doubled, as qemu's options want their commas and
 * libssh's file names their percent signs.  The caller frees it; NULL: no
 * memory.
 */
extern char *escape_doubled (const char *str, char c);

#endif /* V2V_QUOTE_H */
