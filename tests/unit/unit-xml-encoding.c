/* SPDX-License-Identifier: GPL-2.0-or-later */

/* XML is read in the encoding that it is in, whatever it calls itself. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <iconv.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/xml.h"

/* What the document says, in UTF-8. */
#define WORDS "gr\xc3\xbc\xc3\x9f" "e \xe6\xbc\xa2 \xf0\x9f\x92\xbd"

static struct error err = ERROR_INIT;

/* The string UTF8 in ENCODING, behind MARK. */
static char *
encode (const char *utf8, const char *encoding, const char *mark,
        size_t mark_len, size_t *len)
{
  const iconv_t cd = iconv_open (encoding, "UTF-8");
  char *in = (char *) utf8, *ret = malloc (4 * strlen (utf8) + mark_len + 4);
  char *out = ret + mark_len;
  size_t in_len = strlen (utf8), out_len = 4 * in_len + 4;

  assert (cd != (iconv_t) -1 && ret != NULL);
  memcpy (ret, mark, mark_len);
  assert (iconv (cd, &in, &in_len, &out, &out_len) != (size_t) -1);
  iconv_close (cd);
  *len = (size_t) (out - ret);
  return ret;
}

/* A copy of its own shows what is read behind the end. */
static void
reads (const char *text, size_t len, const char *wanted, const char *what)
{
  CLEANUP_FREE char *copy = memcpy (malloc (len), text, len), *a = NULL;
  CLEANUP_XML struct xml *xml = xml_parse (copy, len, "x.xml", &err);

  if (xml == NULL) {
    fprintf (stderr, "%s: %s\n", what, err.message);
    abort ();
  }
  assert (xml_string (xml, xml_root (xml), ".", &a, &err) == 0);
  if (strcmp (a, wanted) != 0) {
    fprintf (stderr, "%s: '%s'\n", what, a);
    abort ();
  }
}

static void
fails (const char *text, size_t len, const char *words)
{
  struct xml *xml = xml_parse (text, len, "x.xml", &err);

  assert (xml == NULL && err.reason == REASON_UNSUPPORTED);
  if (strstr (err.message, words) == NULL) {
    fprintf (stderr, "'%s' is not in '%s'\n", words, err.message);
    abort ();
  }
  error_reset (&err);
}

/* Each of the encodings that the first bytes tell, under each label. */
static void
test_labels (void)
{
  static const char *const declarations[] = {
    "", "<?xml version='1.0'?>\n",
    "<?xml version='1.0' encoding='UTF-8'?>\n",
    "<?xml version=\"1.0\" encoding = \"utf-16\"?>\r\n",
    "<?xml version='1.0' encoding='UTF-16LE' standalone='yes'?>",
    "<?xml version='1.0' encoding='utf-16be'?>",
    "<?xml version='1.0' encoding='unicode'?>",
    "<?xml version='1.0' encoding='ISO-10646-UCS-2'?>",
    "<?xml version='1.0' encoding='US-ASCII'?>",
  };
  static const struct {
    const char *encoding, *mark;
    size_t mark_len;
  } forms[] = {
    { "UTF-8", "", 0 }, { "UTF-8", "\xef\xbb\xbf", 3 },
    { "UTF-16LE", "", 0 }, { "UTF-16LE", "\xff\xfe", 2 },
    { "UTF-16BE", "", 0 }, { "UTF-16BE", "\xfe\xff", 2 },
  };

  for (size_t i = 0; i < ARRAY_LEN (declarations); i++)
    for (size_t f = 0; f < ARRAY_LEN (forms); f++) {
      CLEANUP_FREE char *plain = NULL, *text = NULL;
      size_t len;

      assert (asprintf (&plain, "%s<a>%s</a>\n", declarations[i],
                        WORDS) != -1);
      text = encode (plain, forms[f].encoding, forms[f].mark,
                     forms[f].mark_len, &len);
      reads (text, len, WORDS, plain);
    }
}

/* Where only the declaration can tell, it does. */
static void
test_declared (void)
{
  static const char latin[] =
    "<?xml version='1.0' encoding='ISO-8859-1'?><a>gr\xfc\xdf" "e</a>";
  static const char windows[] =
    "<?xml version='1.0' encoding='windows-1252'?><a>\x80</a>";
  static const char marked[] =
    "\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a>"
    "gr\xc3\xbc\xc3\x9f" "e</a>";

  reads (latin, sizeof latin - 1, "gr\xc3\xbc\xc3\x9f" "e", "latin");
  reads (windows, sizeof windows - 1, "\xe2\x82\xac", "windows");
  reads (marked, sizeof marked - 1, "gr\xc3\xbc\xc3\x9f" "e", "marked");
}

/* A character that has the byte of "<" in UTF-16 hides no attributes. */
static void
test_limits (void)
{
  CLEANUP_FREE char *utf8 = NULL, *text = NULL;
  FILE *fp;
  size_t len;

  fp = open_memstream (&utf8, &len);
  assert (fp != NULL);
  fputs ("<a", fp);
  for (unsigned i = 0; i < 3000; i++)
    fprintf (fp, " b%u='\xe3\xb1\x81'", i); /* U+3C41 */
  fputs ("/>", fp);
  assert (fclose (fp) == 0);
  text = encode (utf8, "UTF-16LE", "", 0, &len);
  fails (text, len, "attributes");
  free (text);
  text = encode (utf8, "UTF-32LE", "", 0, &len);
  fails (text, len, "x.xml: ");
  free (text);
  text = encode (utf8, "UTF-32BE", "", 0, &len);
  fails (text, len, "does not hold XML");
}

static void
test_broken (void)
{
  fails ("\xef\xbb\xbf", 3, "empty");
  fails ("\xff\xfe", 2, "empty");
  fails ("<\0a\0/\0>", 7, "not valid UTF-16LE");
  fails ("\xfe\xff\0<\0a\0>\xd8\x01\0<\0/\0a\0>", 18, "not valid UTF-16BE");
  fails ("<", 1, "x.xml: ");
  fails ("<?xml encoding=", 15, "x.xml: ");
  fails ("<?xml encoding=?>", 17, "x.xml: ");
}

int
main (void)
{
  test_labels ();
  test_declared ();
  test_limits ();
  test_broken ();
  return EXIT_SUCCESS;
}
