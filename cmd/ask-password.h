/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asking for a password on the terminal. */

#ifndef V2V_ASK_PASSWORD_H
#define V2V_ASK_PASSWORD_H

#include <stdbool.h>

struct error;
struct secret;
struct supervisor;

/* Is there somebody at a terminal who can see the question and answer it? */
extern bool ask_password_can (void);

/* Ask for the password of WHO, "USER on HOST" or NULL, without echo.  Where
 * nothing is answered *RET stays NULL.  The caller frees it.
 */
extern int ask_password (const char *who, struct supervisor *,
                         struct secret **ret, struct error *err);

#endif /* V2V_ASK_PASSWORD_H */
