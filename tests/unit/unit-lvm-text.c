/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The language of LVM2's metadata: what is in it, what is not, and that texts
 * made to be expensive are not.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "filesystem/lvm-settings.h"
#include "filesystem/lvm-text.h"

static struct error err = ERROR_INIT;

static bool
is_text (const char *bytes, size_t len)
{
  CLEANUP_LVM_TEXT struct lvm_text text = { .n_named = 0 };
  CLEANUP_FREE char *why_not = NULL;
  char *copy = malloc (len);    /* sanitizers see its end */
  bool valid;

  assert (copy != NULL);
  memcpy (copy, bytes, len);
  assert (lvm_text_parse (copy, len, &text, &why_not, &err) == 0);
  valid = why_not == NULL;
  free (copy);
  return valid;
}

static const char *const good[] = {
  "", "\n", "# all", "a=1", "a = 18446744073709551615 # x", "a {}",
  "a{b{c{}}}", "a=[]", "a = [ 1, \"x\",\n2 ]", "a = \"\" b=\"\\\"\\\\\"c=3",
  "a{x=1}b{x=1}", "a = -1", "-+._9 = 1", "a=\"#{[\"",
};
static const char *const bad[] = {
  "a", "a=", "a =}", "a {", "}", "a {} }", "= 1", "\"a\" = 1", "a = 1.5",
  "a = -", "a = --1",
  "a = 18446744073709551616", "a = 12x", "a = 0x10", "a = x",
  "a = \"x", "a = \"x\\", "a = [", "a = [1", "a = [1,]", "a = [,]",
  "a = [1 2]", "a = [[1]]", "a = [b]", "a = {", "a = 1 }", "a/b = 1",
  "a \"b\"", "a = 1\na = 2", "a {} a = 1", "s { b {} c {} b {} }", "a = 'x'",
  "a = 1;", "a = [\"x\" \"y\"]", "a: 1", "\001", "a = \"x\" {", "[1]",
};

static void
test_texts (void)
{
  for (size_t i = 0; i < ARRAY_LEN (good); i++) {
    if (!is_text (good[i], strlen (good[i]) + 1))
      fprintf (stderr, "refused: %s\n", good[i]);
    assert (is_text (good[i], strlen (good[i]) + 1));
  }
  for (size_t i = 0; i < ARRAY_LEN (bad); i++) {
    if (is_text (bad[i], strlen (bad[i]) + 1))
      fprintf (stderr, "taken: %s\n", bad[i]);
    assert (!is_text (bad[i], strlen (bad[i]) + 1));
  }
  assert (!is_text ("a = 1", 5));       /* without its NUL byte */
  assert (!is_text ("a = 1\0", 7));     /* with two */
  assert (!is_text ("a = 1\0b = 1", 12));
}

/* PIECE again and again, up to LEN bytes and a NUL byte. */
static bool
is_long_text (const char *piece, size_t len)
{
  char *text = calloc (1, len + 1);
  const size_t n = strlen (piece);
  bool valid;

  assert (text != NULL);
  for (size_t at = 0; at + n <= len; at += n)
    memcpy (text + at, piece, n);
  for (size_t at = len / n * n; at < len; at++)
    text[at] = '\n';
  valid = is_text (text, len + 1);
  free (text);
  return valid;
}

static void
test_long_texts (void)
{
  assert (is_long_text ("# a comment of the metadata\n", LVM_TEXT_MAX - 1));
  assert (!is_long_text ("# a comment of the metadata\n", LVM_TEXT_MAX));
  assert (!is_long_text ("a{", LVM_TEXT_MAX - 1));
  assert (!is_long_text ("a=1 ", LVM_TEXT_MAX - 1));
  assert (!is_long_text ("a=1\n", LVM_NODES_MAX * 3)); /* twice a, but few */
  assert (!is_long_text ("\"", 1000001));
  assert (!is_long_text ("[", 1000001));
}

static void
test_settings (void)
{
  static const char bytes[] =
    "s { id = \"abcdef-ghij-klmn-opqr-stuv-wxyz-012345\" n = 70 "
    "m = -1 "
    "w = [ \"a\", \"b\", 3 ] short = \"abcdef-ghij\" } e {} t { id = 4 }";
  static const char *const known[] = { "a", "b", NULL };
  CLEANUP_LVM_TEXT struct lvm_text text = { .n_named = 0 };
  char *why_not = NULL, uuid[32];
  const struct lvm_node *s, *top;
  uint64_t n;
  size_t items;

  assert (lvm_text_parse (bytes, sizeof bytes, &text, &why_not, &err) == 0);
  assert (why_not == NULL);
  top = text.nodes.ptr;
  s = lvm_get_section (&text, top, "s");
  assert (s != NULL && lvm_get_section (&text, top, "id") == NULL);
  assert (s->text.ptr == bytes && s->text.len == strlen (bytes) -
          strlen (" e {} t { id = 4 }"));
  assert (lvm_get_uuid (&text, s, "id", uuid));
  assert (memcmp (uuid, "abcdefghijklmnopqrstuvwxyz012345", 32) == 0);
  assert (!lvm_get_uuid (&text, s, "short", uuid));
  assert (!lvm_get_uuid (&text, lvm_get_section (&text, top, "t"), "id",
                         uuid));
  assert (lvm_get_number (&text, s, "n", 70, &n) && n == 70);
  assert (!lvm_get_number (&text, s, "n", 69, &n));
  assert (!lvm_get_number (&text, s, "m", UINT64_MAX - 1, &n));
  assert (lvm_get_array (&text, s, "w", &items) != NULL && items == 3);
  assert (lvm_has_word (&text, s, "w", "b"));
  assert (!lvm_has_word (&text, s, "w", "3"));
  assert (lvm_slice_is (*lvm_odd_word (&text, s, "w", known), "?"));
  assert (lvm_slice_is (*lvm_odd_word (&text, s, "n", known), "?"));
  assert (lvm_odd_word (&text, s, "none", known) == NULL);
  assert (lvm_slice_is (*lvm_odd_setting (&text, s, known), "id"));
  assert (lvm_odd_setting (&text, lvm_get_section (&text, top, "e"), known) ==
          NULL);
}

int
main (void)
{
  test_texts ();
  test_long_texts ();
  test_settings ();
  return EXIT_SUCCESS;
}
