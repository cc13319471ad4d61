/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of pieces.  Who may touch them when is up to their owners. */

#include <config.h>

#include <stddef.h>

#include "ssh-piece.h"

void
pieces_add (struct pieces *list, struct piece *piece)
{
  piece->next = NULL;
  if (list->first == NULL)
    list->first = piece;
  else
    list->last->next = piece;
  list->last = piece;
}

struct piece *
pieces_take (struct pieces *list)
{
  struct piece *piece = list->first;

  if (piece != NULL)
    list->first = piece->next;
  return piece;
}

void
pieces_move (struct pieces *from, struct pieces *to)
{
  struct piece *piece;

  while ((piece = pieces_take (from)) != NULL)
    pieces_add (to, piece);
}
