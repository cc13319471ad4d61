/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_REMOVE_TREE_H
#define V2V_REMOVE_TREE_H

/* Remove PATH and, when it is a directory, all that is in it, following no
 * symbolic link.  Failures are ignored.
 */
extern void remove_tree (const char *path);

#endif /* V2V_REMOVE_TREE_H */
