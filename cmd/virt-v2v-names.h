/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What people who know virt-v2v type from habit and is not here: its options
 * and outputs, with those options of libguestfs' other tools that look the
 * same.  What comes to be here must be taken out there.
 */

#ifndef V2V_VIRT_V2V_NAMES_H
#define V2V_VIRT_V2V_NAMES_H

/* What to do instead of the option, whose name is without dashes, or of
 * -o MODE, translated.  NULL: virt-v2v does not have it either.
 */
extern const char *virt_v2v_option (const char *name);
extern const char *virt_v2v_output (const char *mode);

#endif /* V2V_VIRT_V2V_NAMES_H */
