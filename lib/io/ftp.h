/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an FTP server says to who logs in and asks for a file's size: curl's
 * messages, and so nbdkit's, leave that out.
 */

#ifndef V2V_FTP_H
#define V2V_FTP_H

struct error;
struct http_request;
struct supervisor;

#define FTP_WORDS_MAX 256

/* *CODE and WORDS get the last refusal ("530", "530 Login incorrect."); 0 and
 * "": the server refused nothing, or does not answer.  -1: interrupted, or no
 * memory.
 */
extern int ftp_ask (const struct http_request *, struct supervisor *,
                    int *code, char words[FTP_WORDS_MAX],
                    struct error *err);

#endif /* V2V_FTP_H */
