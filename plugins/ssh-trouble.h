/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Why something did not work.  The words are those of nbdkit's ssh plugin,
 * which v2v-nbdkit-launch (source/source-ssh.c) and people know.
 */

#ifndef V2V_SSH_TROUBLE_H
#define V2V_SSH_TROUBLE_H

enum trouble_kind {
  TROUBLE_NONE,
  TROUBLE_LOST,                 /* no connection, or none any more */
  TROUBLE_LOGIN,                /* the server does not want us, or we do not
                                   trust it: it will not want us later */
  TROUBLE_GUESS,                /* what we tried first was denied */
  TROUBLE_SERVER,               /* it says that this request failed */
  TROUBLE_EOF,                  /* the file ends before what was asked for */
};

struct trouble {
  enum trouble_kind kind;
  char text[1000];
};

extern void trouble_set (struct trouble *, enum trouble_kind,
                         const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));

#endif /* V2V_SSH_TROUBLE_H */
