/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Walking through XML without a tree of it. */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/xml-internal.h"

/* Around what is walked through, so that there is one root. */
#define ROOT_START "<list>"
#define ROOT_END "</list>"
#define CHUNK 65536

struct walk {
  struct xml_parsing parsing;   /* first: the parser's callbacks know it */
  const struct xml_walker *walker;
  unsigned depth;               /* elements that are open, the root included */
};

static void
walk_start (void *data, const xmlChar *name,
            const xmlChar *prefix __attribute__ ((unused)),
            const xmlChar *uri __attribute__ ((unused)), int n_namespaces,
            const xmlChar **namespaces __attribute__ ((unused)),
            int n_attributes __attribute__ ((unused)),
            int n_defaulted __attribute__ ((unused)),
            const xmlChar **attributes __attribute__ ((unused)))
{
  xmlParserCtxtPtr ctxt = data;
  struct walk *walk = ctxt->_private;
  const struct xml_walker *walker = walk->walker;

  /* A prefix is looked for in those of all elements that are open. */
  if (n_namespaces > XML_MAX_NAMESPACES / XML_MAX_DEPTH)
    xml_refuse (ctxt, N_("too many namespace declarations"));
  else if (walk->depth++ > 0 &&
           !walker->start (walker->data, (const char *) name))
    xmlStopParser (ctxt);
}

static void
walk_end (void *data, const xmlChar *name __attribute__ ((unused)),
          const xmlChar *prefix __attribute__ ((unused)),
          const xmlChar *uri __attribute__ ((unused)))
{
  xmlParserCtxtPtr ctxt = data;
  struct walk *walk = ctxt->_private;
  const struct xml_walker *walker = walk->walker;

  if (--walk->depth > 0 && !walker->end (walker->data))
    xmlStopParser (ctxt);
}

static void
walk_text (void *data, const xmlChar *text, int len)
{
  xmlParserCtxtPtr ctxt = data;
  struct walk *walk = ctxt->_private;
  const struct xml_walker *walker = walk->walker;

  if (walk->depth > 1) {
    walker->text (walker->data, (const char *) text, (size_t) len);
    return;
  }
  for (int i = 0; i < len; i++)
    if (!isspace (text[i])) {
      xml_refuse (ctxt, N_("text outside the root element"));
      return;
    }
}

/* An element that was cut out of a document has prefixes that it does not
 * declare.
 */
static void
keep_first_but_prefixes (void *data, xml_error_ptr error)
{
  if (error->domain != XML_FROM_NAMESPACE)
    xml_keep_first_error (data, error);
}

static int
feed (xmlParserCtxtPtr ctxt, const char *text, size_t len)
{
  for (size_t n; len > 0; text += n, len -= n) {
    n = len < CHUNK ? len : CHUNK;
    xmlParseChunk (ctxt, text, (int) n, 0);
    if (!ctxt->wellFormed || xml_is_stopped (ctxt))
      return -1;
  }
  return 0;
}

/* All that is between the declarations, which say nothing that is not known.
 */
static int
feed_documents (xmlParserCtxtPtr ctxt, const char *text, size_t len)
{
  static const char declaration[] = "<?xml ", its_end[] = "?>";

  for (;;) {
    const char *next = memmem (text, len, declaration, strlen (declaration));
    const size_t n = next != NULL ? (size_t) (next - text) : len;
    const char *after;

    if (feed (ctxt, text, n) == -1)
      return -1;
    if (next == NULL)
      return 0;
    after = memmem (next, len - n, its_end, strlen (its_end));
    if (after == NULL)
      return 0;                 /* cut off: an element is missing, too */
    after += strlen (its_end);
    len -= (size_t) (after - text);
    text = after;
  }
}

static int
walk_with (xmlParserCtxtPtr ctxt, const char *text, size_t len,
           const char *name, struct error *err)
{
  const struct walk *walk = ctxt->_private;

  xmlCtxtUseOptions (ctxt, XML_PARSE_NONET | XML_PARSE_BIG_LINES);
  if (feed (ctxt, ROOT_START, strlen (ROOT_START)) == 0 &&
      feed_documents (ctxt, text, len) == 0) {
    /* The parser may wait for the rest of the last tag. */
    feed (ctxt, "\n", 1);
    if (walk->depth > 1 && !error_is_set (err))
      return error_set (err, REASON_UNSUPPORTED,
                        _("%s ends in the middle of its XML"), name);
    xmlParseChunk (ctxt, ROOT_END, strlen (ROOT_END), 1);
    if (ctxt->wellFormed && walk->parsing.refused == NULL &&
        walk->parsing.message == NULL && !error_is_set (err))
      return 0;
  }
  if (!error_is_set (err))
    xml_set_parse_error (&walk->parsing, name, err);
  return -1;
}

int
xml_walk (const char *text, size_t len, const char *name,
          const struct xml_walker *walker, struct error *err)
{
  struct walk walk = { .walker = walker };
  xmlSAXHandler sax = {
    .initialized = XML_SAX2_MAGIC,
    .internalSubset = xml_on_doctype,
    .startElementNs = walk_start,
    .endElementNs = walk_end,
    .characters = walk_text,
    .cdataBlock = walk_text,
    .serror = keep_first_but_prefixes,
  };
  const struct xml_bytes bytes = { .text = text, .len = len, .utf8 = true };
  xmlParserCtxtPtr ctxt;
  int r;

  xml_silence ();
  if (xml_check_tags (&bytes, name, err) == -1)
    return -1;
  ctxt = xmlCreatePushParserCtxt (&sax, NULL, NULL, 0, NULL);
  if (ctxt == NULL)
    return error_nomem (err);
  ctxt->_private = &walk;
  r = walk_with (ctxt, text, len, name, err);
  xmlFreeDoc (ctxt->myDoc);
  xmlFreeParserCtxt (ctxt);
  free (walk.parsing.message);
  return r;
}
