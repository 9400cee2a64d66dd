/* http_message.c - reads HTTP/1.1 requests. */
#define _GNU_SOURCE 1
#include "http_message.h"

#include <string.h>
#include <strings.h>

static bool refuse(http_problem *problem, int status, const char *reason) {
    *problem = (http_problem){ status, reason };
    return false;
}

static bool is_token_char(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool http_is_token(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!is_token_char((unsigned char)text[i])) return false;
    return size > 0;
}

static bool is_value_char(unsigned char c) {
    return c == '\t' || (c >= 0x20 && c != 0x7F);
}

bool http_is_value(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!is_value_char((unsigned char)text[i])) return false;
    return true;
}

/* ---- The end of the head ---------------------------------------------------------------------- */

size_t http_find_head(const char *bytes, size_t size, size_t *seen, http_problem *problem) {
    if (size && *seen == 0 && !is_token_char((unsigned char)bytes[0])) {
        refuse(problem, 400, bytes[0] == 0x16 ? "this looks like TLS; this server speaks plain HTTP" : "this is not HTTP");
        return 0;
    }
    /* A line ends with CR LF and with nothing else (2.2): where others see the end of a line, this reader must not see none. */
    for (size_t i = *seen; i < size; i++) {
        bool after_cr = i > 0 && bytes[i - 1] == '\r';
        if (after_cr != (bytes[i] == '\n')) {
            refuse(problem, 400, after_cr ? "a CR without LF in the head" : "an LF without CR in the head");
            return 0;
        }
        if (bytes[i] == '\n' && i >= 3 && bytes[i - 2] == '\n') return i + 1;
    }
    *seen = size;
    return 0;
}

/* ---- Fields ----------------------------------------------------------------------------------- */

static bool equals(const char *bytes, http_part part, const char *lower) {
    return strlen(lower) == part.size && strncasecmp(bytes + part.at, lower, part.size) == 0;
}

/* Is the word an element of a list of tokens? */
static bool lists(const char *bytes, http_part list, const char *word) {
    const char *p = bytes + list.at, *end = p + list.size;
    size_t n = strlen(word);
    while (p < end) {
        while (p < end && (*p == ' ' || *p == '\t' || *p == ',')) p++;
        const char *start = p;
        while (p < end && *p != ',' && *p != ' ' && *p != '\t') p++;
        if ((size_t)(p - start) == n && strncasecmp(start, word, n) == 0) return true;
    }
    return false;
}

static bool is_host(const char *bytes, http_part value) {
    for (uint32_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)bytes[value.at + i];
        if (c <= 0x20 || c >= 0x7F || strchr("/?#@\\\"<>^`{|}", c)) return false;
    }
    return true;
}

static bool read_length(const char *bytes, http_part value, http_head *head, http_problem *problem) {
    if (head->has_length) return refuse(problem, 400, "more than one Content-Length");
    uint64_t length = 0;
    for (uint32_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)bytes[value.at + i];
        if (c < '0' || c > '9') return refuse(problem, 400, "Content-Length is not a number");
        if (length > UINT64_MAX / 16) return refuse(problem, 413, "Content-Length is too large");
        length = length * 10 + (c - '0');
    }
    if (!value.size) return refuse(problem, 400, "Content-Length is not a number");
    head->has_length = true;
    head->length = length;
    return true;
}

static bool read_encoding(const char *bytes, http_part value, http_head *head, http_problem *problem) {
    if (head->chunked) return refuse(problem, 400, "more than one Transfer-Encoding");
    if (head->minor == 0) return refuse(problem, 400, "Transfer-Encoding in HTTP/1.0");
    if (!equals(bytes, value, "chunked")) return refuse(problem, 501, "the only Transfer-Encoding supported is chunked");
    head->chunked = true;
    return true;
}

/* One host, however often it is named: a proxy that reads another one would see another site (3.2). */
static bool check_hosts(const char *bytes, const http_head *head, http_problem *problem) {
    const http_field *host = NULL;
    for (unsigned i = 0; i < head->count; i++) {
        if (!equals(bytes, head->fields[i].name, "host")) continue;
        if (host) return refuse(problem, 400, "more than one Host");
        host = &head->fields[i];
        if (!is_host(bytes, host->value)) return refuse(problem, 400, "Host is not a valid host");
    }
    if (!host && head->minor > 0) return refuse(problem, 400, "Host is missing");
    http_part a = head->authority;
    if (a.size && !is_host(bytes, a)) return refuse(problem, 400, "the host in the target of the request is not valid");
    if (host && a.size && (a.size != host->value.size || strncasecmp(bytes + a.at, bytes + host->value.at, a.size) != 0))
        return refuse(problem, 400, "the target of the request names another host than Host");
    return true;
}

/* What a field says about the message itself. */
static bool apply(const char *bytes, const http_field *f, http_head *head, http_problem *problem) {
    if (equals(bytes, f->name, "content-length")) return read_length(bytes, f->value, head, problem);
    if (equals(bytes, f->name, "transfer-encoding")) return read_encoding(bytes, f->value, head, problem);
    if (equals(bytes, f->name, "connection")) {
        if (lists(bytes, f->value, "close")) head->keep_alive = false;
        else if (head->minor == 0 && lists(bytes, f->value, "keep-alive")) head->keep_alive = true;
    } else if (equals(bytes, f->name, "expect") && head->minor > 0) {
        if (!equals(bytes, f->value, "100-continue")) return refuse(problem, 417, "the only Expect supported is 100-continue");
        head->expects_continue = true;
    }
    return true;
}

/* A line without its end. */
static bool read_field(const char *bytes, uint32_t at, uint32_t end, http_head *head, http_problem *problem) {
    if (bytes[at] == ' ' || bytes[at] == '\t') return refuse(problem, 400, "a header line that is continued in the next one");
    const char *colon = memchr(bytes + at, ':', end - at);
    uint32_t size = colon ? (uint32_t)(colon - bytes) - at : 0;
    if (!http_is_token(bytes + at, size))
        return refuse(problem, 400, "a header line without a name and a colon right after it");
    if (head->count == HTTP_MAX_FIELDS) return refuse(problem, 431, "too many header lines");
    uint32_t from = at + size + 1, to = end;
    while (from < to && (bytes[from] == ' ' || bytes[from] == '\t')) from++;
    while (to > from && (bytes[to - 1] == ' ' || bytes[to - 1] == '\t')) to--;
    if (!http_is_value(bytes + from, to - from)) return refuse(problem, 400, "a control character in a header line");
    head->fields[head->count++] = (http_field){ { at, size }, { from, to - from } };
    return true;
}

/* ---- The request line ------------------------------------------------------------------------- */

/* Section 3.2. The authority of the absolute form is compared with Host, see check_hosts(). */
static bool read_target(const char *bytes, http_part target, http_head *head, http_problem *problem) {
    const char *p = bytes + target.at, *end = p + target.size;
    for (const char *c = p; c < end; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7F || *c == '#')
            return refuse(problem, 400, "a character that is not allowed in the request line");
    if (target.size && *p != '/' && !(target.size == 1 && *p == '*')) {
        const char *authority = NULL;
        if (target.size >= 7 && strncasecmp(p, "http://", 7) == 0) authority = p + 7;
        if (target.size >= 8 && strncasecmp(p, "https://", 8) == 0) authority = p + 8;
        if (!authority) return refuse(problem, 400, "the target of the request is not a path");
        p = authority;
        while (p < end && *p != '/' && *p != '?') p++;
        if (p == authority) return refuse(problem, 400, "the target of the request has no host");
        head->authority = (http_part){ (uint32_t)(authority - bytes), (uint32_t)(p - authority) };
    }
    if (!target.size) return refuse(problem, 400, "the request line has no target");
    const char *question = memchr(p, '?', (size_t)(end - p));
    const char *path_end = question ? question : end;
    head->path = (http_part){ (uint32_t)(p - bytes), (uint32_t)(path_end - p) };
    head->has_query = question != NULL;
    if (question) head->query = (http_part){ (uint32_t)(question + 1 - bytes), (uint32_t)(end - question - 1) };
    return true;
}

static bool read_request_line(const char *bytes, uint32_t end, http_head *head, http_problem *problem) {
    const char *space = memchr(bytes, ' ', end);
    if (!space || !http_is_token(bytes, (size_t)(space - bytes))) return refuse(problem, 400, "this is not HTTP");
    head->method = (http_part){ 0, (uint32_t)(space - bytes) };
    uint32_t at = head->method.size + 1;
    const char *second = memchr(bytes + at, ' ', end - at);
    if (!second) return refuse(problem, 400, "the request line has no version");
    const char *version = second + 1;
    size_t size = (size_t)(bytes + end - version);
    if (size != 8 || memcmp(version, "HTTP/", 5) != 0 || version[6] != '.' || version[5] < '0' || version[5] > '9' ||
        version[7] < '0' || version[7] > '9')
        return refuse(problem, 400, "the version is not an HTTP version");
    if (version[5] != '1') return refuse(problem, 505, "this server speaks HTTP/1.1");
    head->minor = version[7] == '0' ? 0 : 1;
    head->keep_alive = head->minor > 0;
    return read_target(bytes, (http_part){ at, (uint32_t)(second - bytes) - at }, head, problem);
}

bool http_parse_head(const char *bytes, size_t size, http_head *head, http_problem *problem) {
    memset(head, 0, offsetof(http_head, fields));
    uint32_t at = 0, last = (uint32_t)size - 2; /* where the empty line begins */
    for (bool first = true; at < last; first = false) {
        uint32_t end = (uint32_t)((const char *)memchr(bytes + at, '\r', size - at) - bytes);
        if (first ? !read_request_line(bytes, end, head, problem) : !read_field(bytes, at, end, head, problem)) return false;
        at = end + 2;
    }
    for (unsigned i = 0; i < head->count; i++)
        if (!apply(bytes, &head->fields[i], head, problem)) return false;
    if (!check_hosts(bytes, head, problem)) return false;
    if (head->chunked && head->has_length) return refuse(problem, 400, "both Content-Length and Transfer-Encoding"); /* 6.3 */
    return true;
}

/* ---- Chunked bodies (7.1) --------------------------------------------------------------------- */

enum { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_SIZE_LF, CHUNK_DATA, CHUNK_DATA_CR, CHUNK_DATA_LF, TRAILER, TRAILER_LINE, TRAILER_LF, END_LF };
enum { MAX_DIGITS = 15, LONGEST_EXTENSION = 256, LONGEST_TRAILER = 8192 };

static int hex_value(unsigned char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode_size(http_chunks *c, unsigned char byte) {
    int digit = hex_value(byte);
    if (digit >= 0) {
        if (c->digits++ == MAX_DIGITS) return false;
        c->left = c->left << 4 | (unsigned)digit;
        return true;
    }
    c->state = byte == '\r' ? CHUNK_SIZE_LF : CHUNK_EXTENSION;
    return c->digits > 0 && (byte == '\r' || byte == ';');
}

/* A byte that is not data. False: it is not allowed there. */
static bool decode_byte(http_chunks *c, unsigned char byte) {
    switch (c->state) {
    case CHUNK_SIZE: return decode_size(c, byte);
    case CHUNK_EXTENSION:
        if (byte == '\r') c->state = CHUNK_SIZE_LF;
        return byte == '\r' || (is_value_char(byte) && ++c->line <= LONGEST_EXTENSION);
    case CHUNK_SIZE_LF:
        c->state = c->left ? CHUNK_DATA : TRAILER;
        c->digits = c->line = 0;
        return byte == '\n';
    case CHUNK_DATA_CR: c->state = CHUNK_DATA_LF; return byte == '\r';
    case CHUNK_DATA_LF: c->state = CHUNK_SIZE; return byte == '\n';
    case TRAILER:
        c->state = byte == '\r' ? END_LF : TRAILER_LINE;
        return byte == '\r' || is_token_char(byte);
    case TRAILER_LINE:
        if (byte == '\r') c->state = TRAILER_LF;
        return byte == '\r' || (is_value_char(byte) && ++c->line <= LONGEST_TRAILER);
    case TRAILER_LF: c->state = TRAILER; return byte == '\n';
    default: c->done = true; return byte == '\n';
    }
}

void http_decode_chunks(http_chunks *c, char *bytes, size_t size, size_t *from, size_t *to, size_t start, size_t max,
                        http_problem *problem) {
    while (*from < size && !c->done) {
        if (c->state != CHUNK_DATA) {
            if (!decode_byte(c, (unsigned char)bytes[(*from)++])) {
                refuse(problem, 400, "the chunked body is malformed");
                return;
            }
            continue;
        }
        size_t n = size - *from < c->left ? size - *from : (size_t)c->left;
        if (n > max - (*to - start)) {
            refuse(problem, 413, "the body is too large");
            return;
        }
        memmove(bytes + *to, bytes + *from, n);
        *from += n;
        *to += n;
        c->left -= n;
        if (!c->left) c->state = CHUNK_DATA_CR;
    }
}

/* ---- Statuses --------------------------------------------------------------------------------- */

const char *http_reason(int status) {
    static const struct {
        int status;
        const char *reason;
    } rows[] = {
        { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" }, { 206, "Partial Content" },
        { 301, "Moved Permanently" }, { 302, "Found" }, { 303, "See Other" }, { 304, "Not Modified" },
        { 307, "Temporary Redirect" }, { 308, "Permanent Redirect" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
        { 402, "Payment Required" }, { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
        { 406, "Not Acceptable" }, { 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" }, { 411, "Length Required" },
        { 412, "Precondition Failed" }, { 413, "Content Too Large" }, { 414, "URI Too Long" },
        { 415, "Unsupported Media Type" }, { 417, "Expectation Failed" }, { 421, "Misdirected Request" },
        { 422, "Unprocessable Content" }, { 428, "Precondition Required" }, { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" }, { 501, "Not Implemented" },
        { 502, "Bad Gateway" }, { 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
        { 505, "HTTP Version Not Supported" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].status == status) return rows[i].reason;
    return "";
}
