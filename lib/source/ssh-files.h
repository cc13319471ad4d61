/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_SSH_FILES_H
#define V2V_SSH_FILES_H

struct nbdkit_cmd;

/* Let nbdkit open the user's and the host's settings for ssh, and what these
 * name: keys, known hosts, further settings.
 */
extern void ssh_files_allow (struct nbdkit_cmd *);

#endif /* V2V_SSH_FILES_H */
