/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_COMPLETE_H
#define V2V_COMPLETE_H

/* Print what the last of WORDS, those of a command line that is being typed,
 * can become.  There is at least one word; it may be empty.
 */
extern void complete (int n, char *const *words);

#endif /* V2V_COMPLETE_H */
