/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What other sources that use nbdkit's curl plugin take from source-curl.c. */

#ifndef V2V_SOURCE_CURL_H
#define V2V_SOURCE_CURL_H

#include "source/ops.h"

/* virt-v2v's: a request of a slow vCenter may take many minutes, and the
 * plugin waits for ever without.
 */
#define CURL_REQUEST_TIMEOUT_S "2000"

/* Its options; ends with a NULL name. */
extern const struct source_option curl_options[];

/* How the plugin fails; ends with a NULL text. */
extern const struct explanation curl_explanations[];

/* Is the server's certificate not to be checked?  -io curl-sslverify says
 * so, or else the location.
 */
extern bool curl_no_verify (const struct source_request *);

/* Pass the file with CA certificates on, where there is one. */
extern void curl_pass_cainfo (const struct source_request *,
                              struct nbdkit_cmd *);

/* The plugin keeps what a script prints to stderr in /tmp/errorsXXXXXX,
 * whatever TMPDIR says (1.22 to 1.48).
 */
#define CURL_SCRIPT_DIR "/tmp"

#endif /* V2V_SOURCE_CURL_H */
