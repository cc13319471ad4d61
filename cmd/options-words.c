/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads the words of the command line, and explains those that are no
 * options.  What an option does, and whether its value is a good one, is
 * options-table.c's business.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "options-words.h"
#include "virt-v2v-names.h"

static const struct option_row *
find_row (const char *name, size_t len)
{
  for (size_t i = 0; i < option_rows_len; i++)
    if (!option_is_heading (&option_rows[i]) &&
        strncmp (option_rows[i].name, name, len) == 0 &&
        option_rows[i].name[len] == '\0')
      return &option_rows[i];
  return NULL;
}

static const struct option_row *
find_letter (char letter)
{
  return letter != '\0' ? find_row (&letter, 1) : NULL;
}

/* What follows the dashes. */
static const char *
name_in (const char *word)
{
  return word + (word[1] == '-' ? 2 : 1);
}

/* The option that WORD is, with or without its value; NULL: none. */
static const struct option_row *
find_option (const char *word)
{
  const char *name = name_in (word);
  const struct option_row *row = word[0] != '-' ? NULL
    : find_row (name, strcspn (name, "="));

  return row != NULL && option_is_short (row) && name - word == 2
    ? NULL : row;
}

/* The first letter in WORD that is no option without a value; NULL: all of
 * them are.
 */
static const char *
first_bad_letter (const char *word)
{
  const struct option_row *row;

  do
    row = find_letter (*++word);
  while (row != NULL && row->arg == NULL);
  return *word != '\0' ? word : NULL;
}

/* -oMODE and -osDIR, or -vo MODE. */
static const struct option_row *
find_joined (const char *word)
{
  const char *bad = first_bad_letter (word);
  const struct option_row *row;

  if (word[1] == '-' || bad == NULL)
    return NULL;
  row = bad == word + 1 && bad[1] != '\0' ? find_row (bad, 2) : NULL;
  if (row == NULL || row->arg == NULL)
    row = find_letter (*bad);
  return row != NULL && row->arg != NULL ? row : NULL;
}

/* The nearest option, those that begin with what was typed, or what joined
 * letters may have been meant for.
 */
static int
hint_option (const char *option, struct error *err)
{
  const char *name = name_in (option);
  const struct option_row *letter = find_row (name, strlen (name));
  const struct option_row *joined = find_joined (option);
  struct suggest suggest = SUGGEST_INIT (name);
  CLEANUP_ARGV struct argv begin = { .ptr = NULL };

  for (size_t i = 0; i < option_rows_len; i++) {
    const struct option_row *row = &option_rows[i];

    if (option_is_heading (row) || option_is_short (row))
      continue;
    suggest_try (&suggest, row->name);
    if (*name != '\0' && strncmp (row->name, name, strlen (name)) == 0 &&
        argv_appendf (&begin, err, "%s%s", option_dashes (row),
                      row->name) == -1)
      return -1;
  }
  /* "--o null"; --v could be several. */
  if (letter != NULL && letter->arg != NULL)
    error_hint (err, _("did you mean '%s%s'?"), "-", name);
  else if (begin.len >= 2)
    error_hint (err, _("did you mean %s or %s?"), begin.ptr[0], begin.ptr[1]);
  else if (begin.len == 1) {
    suggest.best = begin.ptr[0];
    suggest_hint (&suggest, "", "", err);
  }
  else if (suggest.best == NULL && joined != NULL)
    error_hint (err, _("an option with a value is not joined to anything: "
                       "write %s%s %s"), option_dashes (joined), joined->name,
                option_arg (joined));
  else
    suggest_hint (&suggest, suggest.best != NULL && strlen (suggest.best) <= 2
                  ? "-" : "--",
                  _("v2v-nbdkit-launch --help lists the options"), err);
  return -1;
}

static int
unknown_option (const char *word, struct error *err)
{
  const char *bad = first_bad_letter (word), *hint;
  /* The value may be a secret. */
  CLEANUP_FREE char *option = strndup (word, strcspn (word, "="));

  if (option == NULL)
    return error_nomem (err);
  hint = virt_v2v_option (name_in (option));
  /* One of several letters behind one dash. */
  if (hint == NULL && bad > word + 1 && isalnum ((unsigned char) *bad) &&
      find_letter (*bad) == NULL) {
    error_set (err, REASON_USAGE, _("there is no option -%c"), *bad);
    error_hint (err, _("v2v-nbdkit-launch --help lists the options"));
    return -1;
  }
  error_set (err, REASON_USAGE, _("there is no option %s"), option);
  if (hint == NULL)
    return hint_option (option, err);
  error_hint (err, "%s", hint);
  return -1;
}

static int
missing_value (const struct option_row *row, const char *word,
               struct error *err)
{
  error_set (err, REASON_USAGE, _("the option %s needs a value"), word);
  error_hint (err, "%s%s %s: %s", option_dashes (row), row->name,
              option_arg (row), _(row->help));
  return -1;
}

/* The word that follows, unless it is an option: a shell variable that is
 * empty must not take the next option's place.
 */
static int
take_value (struct words *words, const char *word, struct word *ret,
            struct error *err)
{
  if (*words->next == NULL || find_option (*words->next) != NULL)
    return missing_value (ret->row, word, err);
  ret->text = *words->next++;
  return 1;
}

static int
read_option (struct words *words, char *word, struct word *ret,
             struct error *err)
{
  char *equals = strchr (word, '=');

  ret->row = find_option (word);
  if (ret->row == NULL)
    return unknown_option (word, err);
  if (equals != NULL)
    ret->text = equals + 1;
  if (ret->row->arg == NULL && ret->text != NULL)
    return error_set (err, REASON_USAGE, _("the option %s%s takes no value"),
                      option_dashes (ret->row), ret->row->name);
  if (ret->row->arg == NULL || ret->text != NULL ||
      ret->row->arg_is_optional)
    return 1;
  return take_value (words, word, ret, err);
}

int
words_next (struct words *words, struct word *ret, struct error *err)
{
  char *word;

  *ret = (struct word) { .row = NULL };
  if (*words->letters != '\0') {
    ret->row = find_letter (*words->letters++);
    return 1;
  }
  if (!words->only_sources && *words->next != NULL &&
      strcmp (*words->next, "--") == 0) {
    words->only_sources = true;
    words->next++;
  }
  word = *words->next;
  if (word == NULL)
    return 0;
  words->next++;
  if (words->only_sources || word[0] != '-' || word[1] == '\0') {
    ret->text = word;
    return 1;
  }
  if (find_option (word) == NULL && first_bad_letter (word) == NULL) {
    words->letters = word + 1;
    return words_next (words, ret, err);
  }
  return read_option (words, word, ret, err);
}
