/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What writing a journal to a file and reading it share: the form of the file.
 *
 * It is a log, so that the journal of a large disk need not be written again
 * and again: a line with a magic word and the version, then a line each time
 * that it was written.  Such a line is the SHA-256 of what follows and one
 * JSON object, which says what has changed:
 *
 *   "disks"     in the first: each disk's size
 *   "digest"    in the first: the kind of the digests
 *   "facts"     all of them, instead of those before: hexadecimal digits,
 *               because file names in facts need not be UTF-8
 *   "chunks"    runs of chunks: "disk", "first", "n"; with "zero" they are
 *               stored and zeroes, with "digests" stored (CHUNK_BYTES of each
 *               in hexadecimal digits: the digest, the sample, the number of
 *               its block), with neither they are not stored any more
 *   "finished"  there is nothing to resume
 *
 * A release passes over facts that it does not know.  Of version 4 is a
 * journal with one that must not be passed over: whose content is stored
 * (resume_note_source).  All others stay of version 2; one wrong bit does not
 * make one of the other.
 *
 * A last line that is not whole was being written when the host stopped: the
 * journal is what it was before.
 */

#ifndef V2V_JOURNAL_INTERNAL_H
#define V2V_JOURNAL_INTERNAL_H

#include "copy/blkhash.h"

#define JOURNAL_MAGIC_WORD "v2v-nbdkit-launch-journal "
#define JOURNAL_MAGIC JOURNAL_MAGIC_WORD "2\n"
#define JOURNAL_MAGIC_STATE JOURNAL_MAGIC_WORD "4\n" /* as long */
#define JOURNAL_SUM_LEN 64
#define JOURNAL_CHUNK_BYTES(kind)                       \
  (blkhash_bytes (kind) + BLKHASH_SAMPLE_BYTES + 2)

#endif /* V2V_JOURNAL_INTERNAL_H */
