/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Texts from outside, shown to people and quoted for a shell. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/visible.h"

static const struct {
  const char *text, *visible, *quoted;
} texts[] = {
  { "", "", "''" },
  { "disk.img", "disk.img", "disk.img" },
  { "my disk", "my disk", "'my disk'" },
  { "it's", "it's", "'it'\\''s'" },
  { "C:\\vm", "C:\\vm", "'C:\\vm'" },
  { "Gr\xc3\xb6\xc3\x9f" "e \xe7\xa3\x81\xf0\x9f\x92\xbe",
    "Gr\xc3\xb6\xc3\x9f" "e \xe7\xa3\x81\xf0\x9f\x92\xbe",
    "'Gr\xc3\xb6\xc3\x9f" "e \xe7\xa3\x81\xf0\x9f\x92\xbe'" },
  { "a\tb", "a\tb", "$'a\\011b'" },
  { "a\nhint: b", "a\\x0ahint: b", "$'a\\012hint: b'" },
  { "\x1b]0;x\x07y", "\\x1b]0;x\\x07y", "$'\\033]0;x\\007y'" },
  { "a\rb\x7f", "a\\x0db\\x7f", "$'a\\015b\\177'" },
  { "\xc2\x9b" "31m", "\\u009b31m", "$'\\302\\23331m'" },
  { "gnp.\xe2\x80\xae" "exe", "gnp.\\u202eexe", "$'gnp.\\342\\200\\256exe'" },
  { "a\xe2\x81\xa6" "b\xd8\x9c", "a\\u2066b\\u061c",
    "$'a\\342\\201\\246b\\330\\234'" },
  { "\xff" "1\xc3", "\\xff1\\xc3", "$'\\3771\\303'" },
  { "'\\\x01", "'\\\\x01", "$'\\047\\134\\001'" },
};

static void
test_texts (void)
{
  struct error err = ERROR_INIT;

  for (size_t i = 0; i < ARRAY_LEN (texts); i++) {
    CLEANUP_FREE char *visible = visible_text (texts[i].text, &err);
    CLEANUP_FREE char *quoted = shell_quoted (texts[i].text, &err);

    assert (visible != NULL && quoted != NULL);
    if (strcmp (visible, texts[i].visible) != 0 ||
        strcmp (quoted, texts[i].quoted) != 0) {
      fprintf (stderr, "text %zu became %s and %s\n", i, visible, quoted);
      abort ();
    }
  }
}

/* Bash reads each of them as it was. */
static void
test_bash (void)
{
  struct error err = ERROR_INIT;

  for (size_t i = 0; i < ARRAY_LEN (texts); i++) {
    CLEANUP_FREE char *quoted = shell_quoted (texts[i].text, &err);
    CLEANUP_FREE char *script = format (&err, "printf %%s %s", quoted);
    char got[64];
    FILE *fp;
    size_t len;

    assert (script != NULL && setenv ("SCRIPT", script, 1) == 0);
    fp = popen ("bash -c 'eval \"$SCRIPT\"'", "r");
    assert (fp != NULL);
    len = fread (got, 1, sizeof got - 1, fp);
    got[len] = '\0';
    assert (pclose (fp) == 0);
    assert (strcmp (got, texts[i].text) == 0);
  }
}

/* JSON stays what it was for its readers. */
static void
test_json (void)
{
  static const struct { const char *json, *shown; } lines[] = {
    { "{\"a\":\"b\\u001b\"}", "{\"a\":\"b\\u001b\"}" },
    { "\"\x7f\xc2\x85\xe2\x80\xa8\xe2\x80\xae\xc3\xb6\"",
      "\"\\u007f\\u0085\\u2028\\u202e\xc3\xb6\"" },
  };

  for (size_t i = 0; i < ARRAY_LEN (lines); i++) {
    char got[64] = "";
    FILE *fp = fmemopen (got, sizeof got, "w");

    assert (fp != NULL);
    visible_print_json (fp, lines[i].json);
    assert (fclose (fp) == 0);
    assert (strcmp (got, lines[i].shown) == 0);
  }
}

int
main (void)
{
  test_texts ();
  test_bash ();
  test_json ();
  return EXIT_SUCCESS;
}
