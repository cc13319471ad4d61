/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Messages for people go through _(); JSON keys, reasons and other
 * programs' words do not.
 */

#ifndef V2V_I18N_H
#define V2V_I18N_H

#ifdef ENABLE_NLS
#include <libintl.h>
#define _(str) dgettext (PACKAGE, (str))
#define NGETTEXT(one, many, n) dngettext (PACKAGE, (one), (many), (n))
#else
#define _(str) (str)
#define NGETTEXT(one, many, n) ((n) == 1 ? (one) : (many))
#endif

/* Marks a string of a table, translated where it is used. */
#define N_(str) str

#endif /* V2V_I18N_H */
