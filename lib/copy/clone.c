/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Data that is copied without being read: where the base is a file and the
 * target another one on the same file system, which can do that (XFS, btrfs,
 * bcachefs, NFS 4.2 on such), both share the blocks until one of them is
 * written.  The lister does it, before anything else is written there: a whole
 * extent is one call, whatever its length.
 */

#include <config.h>

#include <stdatomic.h>

#include "base/local-file.h"
#include "copy/clone.h"
#include "copy/pieces.h"
#include "copy/run.h"
#include "target/target.h"

/* The usual block of these file systems.  Where it is larger, nothing is
 * cloned.
 */
#define BLOCK 4096

bool
clone_wanted (struct copy_job *job)
{
  return job->disk->may_clone && job->disk->base_file != NULL &&
    job->disk->target != NULL && !job->cannot_clone;
}

/* How much of the piece can be shared?  Blocks have to be whole ones, but for
 * the last one of files that end there.
 */
static uint64_t
length_of (const struct copy_job *job, const struct piece *piece)
{
  const uint64_t end = piece->offset + piece->len;

  if (!piece_is_of_base (piece->kind) || piece->offset % BLOCK != 0)
    return 0;
  return end == job->base_file_size && end == job->disk->size
    ? piece->len : piece->len / BLOCK * BLOCK;
}

/* How much of the piece does the target share now?  If it cannot be done once
 * it is not tried again: another file system, a full one, or one with other
 * blocks.
 */
static uint64_t
share (struct copy_job *job, const struct piece *piece)
{
  const uint64_t len = length_of (job, piece);

  if (len == 0 || job->cannot_clone || copy_stopped (job->run))
    return 0;
  job->cannot_clone = !target_clone (job->disk->target,
                                     job->disk->base_file->fd, len,
                                     piece->offset);
  if (job->cannot_clone)
    return 0;
  atomic_store (&job->has_cloned, true);
  return len;
}

int
clone_pieces (struct copy_job *job, const struct pieces *pieces,
              struct pieces *ret)
{
  for (size_t i = 0; i < pieces->len; i++) {
    struct piece piece = pieces->ptr[i];
    const uint64_t len = share (job, &piece);

    if (len > 0 && pieces_append (ret, (struct piece) {
          .offset = piece.offset, .len = len, .kind = PIECE_CLONED }) == -1)
      return -1;
    piece.offset += len;
    piece.len -= len;
    if (piece.len > 0 && pieces_append (ret, piece) == -1)
      return -1;
  }
  return 0;
}
