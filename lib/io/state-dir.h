/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The state directory: what one run tells later ones is kept there (journals
 * of devices and NBD exports, locks, records), whatever TMPDIR and
 * --overlay-dir say.
 *
 * It is --state-dir, or /var/lib/v2v-nbdkit-launch (root), or
 * $XDG_STATE_HOME/v2v-nbdkit-launch, where that variable is not set
 * ~/.local/state/v2v-nbdkit-launch.
 */

#ifndef V2V_STATE_DIR_H
#define V2V_STATE_DIR_H

#include <stdbool.h>

struct error;
struct settings;

/* The absolute path of the directory, which is made (mode 0700) if it does
 * not exist; the caller frees it.  It stays that directory: nobody but root
 * and this user can write to it, or put another one in its place.  NULL: this
 * user has none, or cannot write to it, or others can: the error says why.
 */
extern char *state_dir_open (const struct settings *, struct error *err);

/* Do files in the directory DIR survive a reboot?  (Not on tmpfs.)  True also
 * if that cannot be found out.
 */
extern bool file_system_is_lasting (const char *dir);

#endif /* V2V_STATE_DIR_H */
