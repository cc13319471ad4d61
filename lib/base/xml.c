/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading XML with libxml2: the parser is held to limits of size, depth
 * and counts, and to what programs that describe guests write.
 * xml-build.c writes XML.
 */

#include <config.h>

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/xml-encoding.h"
#include "base/xml.h"

/* The limits.  Those of libxml2 (depth 256, names of 50,000 bytes, text of
 * 10 MB) hold too, because XML_PARSE_HUGE is not used.
 */

/* Bytes.  Domain XML has some 10 KB and an OVF with its licence texts less
 * than 1 MB; libxml2 takes 30 times this in memory at worst.
 */
#define XML_MAX_SIZE (4 * 1024 * 1024)
/* Attributes of one element.  libxml2 before 2.12 compares each with each:
 * a tag with 400,000 of them took it more than a minute.
 */
#define XML_MAX_ATTRIBUTES 2000
/* Namespace declarations; a prefix is searched for in all that are in
 * scope, for each element.
 */
#define XML_MAX_NAMESPACES 4000
/* Bytes of one value: no path, URL or name is longer. */
#define XML_MAX_STRING 65536
/* libxml2's own limit. */
#define XML_MAX_DEPTH 256

struct xml {
  char *name;
  xmlDocPtr doc;
  xmlXPathContextPtr xpath;
};

/* What the parser's callbacks know. */
struct parsing {
  const char *refused;          /* why it was stopped, untranslated */
  char *message;                /* libxml2's first error, or NULL */
  long line;                    /* of either */
  int namespaces;
};

/* libxml2's messages end with a newline and can quote any of the document:
 * they are cut to a sane length and lose their control characters.
 */
static char *
tidy_message (const char *message)
{
  char *copy = strndup (message, 200);
  size_t len = copy == NULL ? 0 : strlen (copy);

  while (len > 0 && isspace ((unsigned char) copy[len - 1]))
    copy[--len] = '\0';
  for (size_t i = 0; i < len; i++)
    if (iscntrl ((unsigned char) copy[i]))
      copy[i] = '?';
  return copy;
}

#if LIBXML_VERSION >= 21200
typedef const xmlError *error_ptr;
#else
typedef xmlErrorPtr error_ptr;
#endif

static void
keep_first_error (void *data, error_ptr error)
{
  xmlParserCtxtPtr ctxt = data;
  struct parsing *parsing = ctxt->_private;

  if (error->level < XML_ERR_ERROR || parsing->message != NULL ||
      parsing->refused != NULL || error->message == NULL)
    return;
  parsing->message = tidy_message (error->message);
  parsing->line = error->line;
}

/* XPath expressions are ours, and what they return is checked. */
static void
ignore_error (void *data __attribute__ ((unused)),
                  error_ptr error __attribute__ ((unused)))
{
}

static void
print_nothing (void *data __attribute__ ((unused)),
               const char *fmt __attribute__ ((unused)), ...)
{
}

void
xml_silence (void)
{
  xmlSetGenericErrorFunc (NULL, print_nothing);
}

static void
refuse (xmlParserCtxtPtr ctxt, const char *why)
{
  struct parsing *parsing = ctxt->_private;

  if (parsing->refused == NULL) {
    parsing->refused = why;
    parsing->line = ctxt->input != NULL ? ctxt->input->line : 0;
  }
  xmlStopParser (ctxt);
}

/* Without a document type there are no entities to expand and nothing to
 * load; no program that writes domain XML or OVF has one.
 */
static void
on_doctype (void *data, const xmlChar *name __attribute__ ((unused)),
            const xmlChar *external_id __attribute__ ((unused)),
            const xmlChar *system_id __attribute__ ((unused)))
{
  refuse (data, N_("document type declarations are not accepted"));
}

/* check_tags can only look into encodings that it can read. */
static bool
encoding_is_readable (const char *encoding)
{
  static const char *const prefixes[] = {
    "utf-8", "utf8", "iso-8859-", "windows-125",
  };

  for (size_t i = 0; i < ARRAY_LEN (prefixes); i++)
    if (strncasecmp (encoding, prefixes[i], strlen (prefixes[i])) == 0)
      return true;
  return false;
}

/* Where the declared encoding is kept depends on it and on the version. */
static void
on_start_document (void *data)
{
  xmlParserCtxtPtr ctxt = data;
  const xmlChar *encoding = ctxt->encoding;

  if (encoding == NULL && ctxt->input != NULL)
    encoding = ctxt->input->encoding;
  if (encoding != NULL && !encoding_is_readable ((const char *) encoding))
    refuse (ctxt, N_("its encoding is not supported"));
  else
    xmlSAX2StartDocument (data);
}

static void
on_start_element (void *data, const xmlChar *name, const xmlChar *prefix,
                  const xmlChar *uri, int n_namespaces,
                  const xmlChar **namespaces, int n_attributes,
                  int n_defaulted, const xmlChar **attributes)
{
  xmlParserCtxtPtr ctxt = data;
  struct parsing *parsing = ctxt->_private;

  parsing->namespaces += n_namespaces;
  if (parsing->namespaces > XML_MAX_NAMESPACES)
    refuse (ctxt, N_("too many namespace declarations"));
  else
    xmlSAX2StartElementNs (data, name, prefix, uri, n_namespaces, namespaces,
                           n_attributes, n_defaulted, attributes);
}

/* Does an attribute's value begin at P, behind a "="?  Blanks may stand in
 * between.
 */
static bool
quote_follows (const char *p, const char *end)
{
  while (p < end && isspace ((unsigned char) *p))
    p++;
  return p < end && (*p == '"' || *p == '\'');
}

/* No tag may have too many attributes.  This must be seen before libxml2
 * parses the tag.  A "<" never stands inside a tag, so that counting from
 * one to the next can only count too much.
 */
static int
check_tags (const struct xml_bytes *bytes, const char *name,
            struct error *err)
{
  const char *end = bytes->text + bytes->len;
  unsigned attributes = 0, line = 1;

  for (const char *p = bytes->text; p < end; p++) {
    if (*p == '<')
      attributes = 0;
    else if (*p == '\n')
      line++;
    else if (*p == '=' && quote_follows (p + 1, end) &&
             ++attributes > XML_MAX_ATTRIBUTES)
      return error_set (err, REASON_UNSUPPORTED,
                        _("%s: line %u: an element has more than %d "
                          "attributes"), name, line, XML_MAX_ATTRIBUTES);
  }
  return 0;
}

/* Limits, and what libxml2 would take for an encoding in which check_tags sees
 * nothing.
 */
static int
check_bytes (struct xml_bytes *bytes, const char *name, struct error *err)
{
  const char ebcdic = 0x4c;     /* "<" in it */

  if (bytes->len > XML_MAX_SIZE)
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s: the XML is larger than %d bytes"), name,
                      XML_MAX_SIZE);
  if (xml_encoding_settle (bytes, name, err) == -1)
    return -1;
  if (bytes->len == 0)
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s: the file is empty, not XML"), name);
  if (bytes->text[0] == ebcdic || bytes->text[0] == '\0')
    return error_set (err, REASON_UNSUPPORTED,
                      _("%s: the file does not hold XML"), name);
  return check_tags (bytes, name, err);
}

static xmlDocPtr
parse (xmlParserCtxtPtr ctxt, const struct xml_bytes *bytes)
{
  const int options = XML_PARSE_NONET | XML_PARSE_NOERROR |
    XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES |
    (bytes->utf8 ? XML_PARSE_IGNORE_ENC : 0);

  ctxt->sax->serror = keep_first_error;
  ctxt->sax->internalSubset = on_doctype;
  ctxt->sax->startDocument = on_start_document;
  ctxt->sax->startElementNs = on_start_element;
  return xmlCtxtReadMemory (ctxt, bytes->text, (int) bytes->len, NULL,
                            bytes->utf8 ? "UTF-8" : NULL, options);
}

static void
set_parse_error (const struct parsing *parsing, const char *name,
                 struct error *err)
{
  const char *why = parsing->refused != NULL ? _(parsing->refused)
    : parsing->message;

  if (why == NULL)
    error_set (err, REASON_UNSUPPORTED, _("%s: not valid XML"), name);
  else if (parsing->line > 0)
    error_set (err, REASON_UNSUPPORTED, _("%s: line %ld: %s"), name,
               parsing->line, why);
  else
    error_set (err, REASON_UNSUPPORTED, "%s: %s", name, why);
}

/*--- Without a tree. ---*/

/* Around what is walked through, so that there is one root. */
#define ROOT_START "<list>"
#define ROOT_END "</list>"
#define CHUNK 65536

struct walk {
  struct parsing parsing;       /* first: the parser's callbacks know it */
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
    refuse (ctxt, N_("too many namespace declarations"));
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
      refuse (ctxt, N_("text that is in no element"));
      return;
    }
}

/* An element that was cut out of a document has prefixes that it does not
 * declare.
 */
static void
keep_first_but_prefixes (void *data, error_ptr error)
{
  if (error->domain != XML_FROM_NAMESPACE)
    keep_first_error (data, error);
}

static int
feed (xmlParserCtxtPtr ctxt, const char *text, size_t len)
{
  for (size_t n; len > 0; text += n, len -= n) {
    n = len < CHUNK ? len : CHUNK;
    xmlParseChunk (ctxt, text, (int) n, 0);
    if (!ctxt->wellFormed || ctxt->disableSAX)
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

  xmlCtxtUseOptions (ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR |
                     XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES);
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
    set_parse_error (&walk->parsing, name, err);
  return -1;
}

int
xml_walk (const char *text, size_t len, const char *name,
          const struct xml_walker *walker, struct error *err)
{
  struct walk walk = { .walker = walker };
  xmlSAXHandler sax = {
    .initialized = XML_SAX2_MAGIC,
    .internalSubset = on_doctype,
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
  if (check_tags (&bytes, name, err) == -1)
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

static xmlDocPtr
parse_document (const struct xml_bytes *bytes, const char *name,
                struct error *err)
{
  xmlParserCtxtPtr ctxt = xmlNewParserCtxt ();
  struct parsing parsing = { .line = 0 };
  xmlDocPtr doc;

  /* What fails while characters are converted does not know the parser. */
  xml_silence ();
  if (ctxt == NULL) {
    error_nomem (err);
    return NULL;
  }
  ctxt->_private = &parsing;
  doc = parse (ctxt, bytes);
  xmlFreeParserCtxt (ctxt);
  if (parsing.refused != NULL) {
    xmlFreeDoc (doc);
    doc = NULL;
  }
  if (doc == NULL)
    set_parse_error (&parsing, name, err);
  free (parsing.message);
  return doc;
}

struct xml *
xml_parse (const char *text, size_t len, const char *name, struct error *err)
{
  __attribute__ ((cleanup (xml_bytes_reset))) struct xml_bytes bytes = {
    .text = text, .len = len,
  };
  CLEANUP_XML struct xml *xml = NULL;

  if (check_bytes (&bytes, name, err) == -1)
    return NULL;
  xml = alloc_zero (sizeof *xml, err);
  if (xml == NULL || (xml->name = alloc_copy (name, err)) == NULL)
    return NULL;
  xml->doc = parse_document (&bytes, name, err);
  if (xml->doc == NULL)
    return NULL;
  /* Numbered elements make the ordering of results cheap. */
  xmlXPathOrderDocElems (xml->doc);
  xml->xpath = xmlXPathNewContext (xml->doc);
  if (xml->xpath == NULL) {
    error_nomem (err);
    return NULL;
  }
  xml->xpath->error = ignore_error;
  return STEAL (xml);
}

void
xml_free (struct xml *xml)
{
  if (xml == NULL)
    return;
  xmlXPathFreeContext (xml->xpath);
  xmlFreeDoc (xml->doc);
  free (xml->name);
  free (xml);
}

int
xml_add_namespace (struct xml *xml, const char *prefix, const char *uri,
                   struct error *err)
{
  if (xmlXPathRegisterNs (xml->xpath, BAD_CAST prefix, BAD_CAST uri) != 0)
    return error_nomem (err);
  return 0;
}

/* The node after NODE in the order of their beginnings, or NULL. */
static xmlNodePtr
following (xmlNodePtr node)
{
  if (node->type == XML_ELEMENT_NODE && node->children != NULL)
    return node->children;
  while (node != NULL && node->next == NULL)
    node = node->parent;
  return node == NULL ? NULL : node->next;
}

void
xml_adopt_elements (struct xml *xml)
{
  xmlNodePtr root = xmlDocGetRootElement (xml->doc);

  for (xmlNodePtr node = root; node != NULL; node = following (node))
    if (node->type == XML_ELEMENT_NODE && node->ns == NULL)
      node->ns = root->ns;
}

/* Two attributes of one name would be one too many. */
static void
adopt_attributes (xmlNodePtr node)
{
  for (xmlAttrPtr attr = node->properties; attr != NULL; attr = attr->next)
    if (attr->ns == NULL &&
        xmlHasNsProp (node, attr->name, node->ns->href) == NULL)
      attr->ns = node->ns;
}

void
xml_adopt_attributes (struct xml *xml)
{
  xmlNodePtr root = xmlDocGetRootElement (xml->doc);

  for (xmlNodePtr node = root; node != NULL; node = following (node))
    if (node->type == XML_ELEMENT_NODE && node->ns != NULL &&
        root->ns != NULL && xmlStrEqual (node->ns->href, root->ns->href))
      adopt_attributes (node);
}

/* struct xml_node is xmlNode under a name that needs no libxml2 header. */
static xmlNodePtr
to_libxml (const struct xml_node *node)
{
  return (xmlNodePtr) node;
}

static const struct xml_node *
from_libxml (xmlNodePtr node)
{
  return (const struct xml_node *) node;
}

const struct xml_node *
xml_root (const struct xml *xml)
{
  return from_libxml (xmlDocGetRootElement (xml->doc));
}

const char *
xml_node_name (const struct xml_node *node)
{
  return (const char *) to_libxml (node)->name;
}

const char *
xml_node_namespace (const struct xml_node *node)
{
  const xmlNs *ns = to_libxml (node)->ns;

  return ns != NULL && ns->href != NULL ? (const char *) ns->href : "";
}

static xmlXPathObjectPtr
evaluate (struct xml *xml, const struct xml_node *node, const char *expr,
          struct error *err)
{
  xmlXPathObjectPtr object;

  xml->xpath->node = to_libxml (node);
  object = xmlXPathEvalExpression (BAD_CAST expr, xml->xpath);
  if (object == NULL)
    xml_error (xml, node, REASON_INTERNAL, err,
               _("cannot evaluate the XPath expression %s"), expr);
  return object;
}

int
xml_find_all (struct xml *xml, const struct xml_node *node, const char *expr,
              struct xml_nodes *ret, struct error *err)
{
  xmlXPathObjectPtr object = evaluate (xml, node, expr, err);
  int r = 0;

  if (object == NULL)
    return -1;
  assert (object->type == XPATH_NODESET);
  for (int i = 0; r == 0 && i < xmlXPathNodeSetGetLength (object->nodesetval);
       i++)
    r = xml_nodes_append (ret, from_libxml (object->nodesetval->nodeTab[i]));
  xmlXPathFreeObject (object);
  return r == -1 ? error_nomem (err) : 0;
}

int
xml_find (struct xml *xml, const struct xml_node *node, const char *expr,
          const struct xml_node **ret, struct error *err)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };

  if (xml_find_all (xml, node, expr, &nodes, err) == -1)
    return -1;
  *ret = nodes.len > 0 ? nodes.ptr[0] : NULL;
  return 0;
}

int
xml_string (struct xml *xml, const struct xml_node *node, const char *expr,
            char **ret, struct error *err)
{
  const struct xml_node *found;
  xmlChar *content;

  *ret = NULL;
  if (xml_find (xml, node, expr, &found, err) == -1)
    return -1;
  if (found == NULL)
    return 0;
  content = xmlNodeGetContent (to_libxml (found));
  if (content != NULL && xmlStrlen (content) <= XML_MAX_STRING)
    *ret = strdup ((const char *) content);
  if (content != NULL && xmlStrlen (content) > XML_MAX_STRING)
    xml_error (xml, found, REASON_UNSUPPORTED, err,
               _("the value of '%s' is longer than %d bytes"),
               xml_node_name (found), XML_MAX_STRING);
  xmlFree (content);
  return *ret == NULL ? error_nomem (err) : 0;
}

char *
xml_trim (char *str)
{
  size_t len;

  while (isspace ((unsigned char) *str))
    str++;
  len = strlen (str);
  while (len > 0 && isspace ((unsigned char) str[len - 1]))
    str[--len] = '\0';
  return str;
}

int
xml_error (const struct xml *xml, const struct xml_node *node,
           enum reason reason, struct error *err, const char *fmt, ...)
{
  CLEANUP_FREE char *message = NULL;
  va_list args;
  long line;

  va_start (args, fmt);
  message = vformat (err, fmt, args);
  va_end (args);
  if (message == NULL)
    return -1;
  line = xmlGetLineNo (to_libxml (node));
  /* Elements store no more than this; only a text beside one knows more. */
  if (line <= 0 || line == USHRT_MAX)
    return error_set (err, reason, "%s: %s", xml->name, message);
  return error_set (err, reason, _("%s: line %ld: %s"), xml->name, line,
                    message);
}
