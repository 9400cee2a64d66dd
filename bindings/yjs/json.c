/* json.c - JSON texts, as updates in the encoding v1 have them, to "any" bytes and back, as JSON.parse and
 * JSON.stringify of JavaScript do it: numbers are doubles. */
#include "internal.h"

#include "../text/decimal.h"
#include "../text/json_text.h"

#include <string.h>

/* ---- JSON to any ---- */

typedef struct parser {
    yj_heap *heap;
    const char *at, *end;
    yj_buffer *out;
    /* The number of elements stands before them: counted in a first pass, in the order in which containers open. */
    struct {
        uint64_t *list;
        size_t count, capacity;
    } counts;
    size_t next;
    bool counting;
} parser;

static _Noreturn void invalid(parser *p) {
    yj_fail(p->heap, YJ_INVALID, "a value is not valid JSON");
}

static void skip_spaces(parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')) p->at++;
}

static bool take(parser *p, char byte) {
    skip_spaces(p);
    if (p->at == p->end || *p->at != byte) return false;
    p->at++;
    return true;
}

static void put_text(parser *p, const char *text, const char *quote, const lb_json_string *found) {
    if (!found->escaped) {
        yj_put_string(p->out, (yj_slice){ text, (size_t)(quote - text) });
        return;
    }
    yj_buffer plain = { .heap = p->heap };
    char *out = yj_buffer_space(&plain, (size_t)(quote - text) + 1);
    const char *from = text;
    char *end = out;
    while (from < quote) end = lb_json_unescape(end, &from, quote, quote);
    size_t size = (size_t)(end - out);
    /* Half a surrogate pair has no UTF-8: it is encoded as U+FFFD, as TextEncoder does. */
    for (size_t i = 0; i + 2 < size; i++)
        if (lb_wtf8_surrogate(out + i, out + size)) memcpy(out + i, "\xef\xbf\xbd", 3);
    yj_put_string(p->out, (yj_slice){ out, size });
    yj_free(p->heap, plain.at);
}

static void string(parser *p) {
    if (!take(p, '"')) invalid(p);
    const char *text = p->at, *at = p->at;
    lb_json_string found = { false, NULL };
    lb_parse_error error = { 0 };
    const char *quote = NULL;
    while (!quote) {
        const char *before = at;
        quote = lb_json_scan_string(&at, p->end, p->end, &found, &error);
        if (!quote && (at == before || at == p->end || error.what)) invalid(p);
    }
    if (!p->counting) put_text(p, text, quote, &found);
    p->at = quote + 1;
}

static void number(parser *p) {
    lb_number value;
    lb_parse_error error;
    const char *next = lb_decimal_read(p->at, p->end, &value, &error);
    if (!next) invalid(p);
    p->at = next;
    if (p->counting) return;
    if (value.kind == LB_NUMBER_INTEGER && (value.integer > (int64_t)YJ_LARGEST || value.integer < -(int64_t)YJ_LARGEST)) {
        uint64_t bits = (uint64_t)value.integer; /* no digit is lost */
        yj_put_byte(p->out, YJ_ANY_BIGINT);
        for (int shift = 56; shift >= 0; shift -= 8) yj_put_byte(p->out, (int)(bits >> shift & 0xff));
        return;
    }
    double real = value.kind == LB_NUMBER_INTEGER ? (double)value.integer : value.real;
    p->out->size += yj_any_number(yj_buffer_space(p->out, 16), real);
}

static bool word(parser *p, const char *text, int kind) {
    size_t size = strlen(text);
    if ((size_t)(p->end - p->at) < size || memcmp(p->at, text, size) != 0) return false;
    p->at += size;
    if (!p->counting) yj_put_byte(p->out, kind);
    return true;
}

static void scalar(parser *p) {
    skip_spaces(p);
    if (p->at == p->end) invalid(p);
    if (*p->at == '"') {
        if (!p->counting) yj_put_byte(p->out, YJ_ANY_STRING);
        string(p);
    } else if (*p->at == '-' || (*p->at >= '0' && *p->at <= '9')) {
        number(p);
    } else if (!word(p, "true", YJ_ANY_TRUE) && !word(p, "false", YJ_ANY_FALSE) && !word(p, "null", YJ_ANY_NULL)) {
        invalid(p);
    }
}

/* Opens a container; returns the index of its count. */
static size_t open_container(parser *p, bool object) {
    if (p->counting) {
        YJ_GROW(p->heap, &p->counts);
        p->counts.list[p->counts.count] = 0;
        return p->counts.count++;
    }
    yj_put_byte(p->out, object ? YJ_ANY_OBJECT : YJ_ANY_ARRAY);
    yj_put_uint(p->out, p->counts.list[p->next]);
    return p->next++;
}

static void key(parser *p) {
    string(p);
    if (!take(p, ':')) invalid(p);
}

static void value(parser *p) {
    struct {
        size_t count;
        bool object;
    } levels[YJ_DEPTH];
    size_t depth = 0;
    for (;;) {
        bool array = take(p, '['), object = !array && take(p, '{');
        if (array || object) {
            if (depth == YJ_DEPTH) yj_fail(p->heap, YJ_INVALID, "a value is nested too deeply");
            size_t count = open_container(p, object);
            if (!take(p, object ? '}' : ']')) {
                levels[depth].count = count;
                levels[depth++].object = object;
                if (p->counting) p->counts.list[count]++;
                if (object) key(p);
                continue;
            }
        } else {
            scalar(p);
        }
        for (;; depth--) {
            if (!depth) return;
            if (take(p, ',')) break;
            if (!take(p, levels[depth - 1].object ? '}' : ']')) invalid(p);
        }
        if (p->counting) p->counts.list[levels[depth - 1].count]++;
        if (levels[depth - 1].object) key(p);
    }
}

void yj_json_to_any(yj_heap *heap, yj_slice json, yj_buffer *out) {
    static const struct {
        const char *text;
        int kind;
    } words[] = { { "null", YJ_ANY_NULL }, { "true", YJ_ANY_TRUE }, { "undefined", YJ_ANY_UNDEFINED } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (json.size == strlen(words[i].text) && memcmp(json.at, words[i].text, json.size) == 0) {
            yj_put_byte(out, words[i].kind);
            return;
        }
    }
    parser p = { .heap = heap, .end = json.at + json.size, .out = out };
    for (int pass = 0; pass < 2; pass++) {
        p.counting = pass == 0;
        p.at = json.at;
        value(&p);
        skip_spaces(&p);
        if (p.at != p.end) invalid(&p);
    }
    yj_free(heap, p.counts.list);
}

/* ---- any to JSON ---- */

/* As JavaScript writes a number: plain from 1e-6 up to 1e21. */
static void put_number(yj_buffer *out, double x) {
    if (x - x != 0) { /* NaN and infinity */
        yj_put(out, "null", 4);
        return;
    }
    if (x == 0) {
        yj_put_byte(out, '0');
        return;
    }
    if (x < 0) yj_put_byte(out, '-');
    int exponent;
    uint64_t digits = lb_decimal_shortest(x < 0 ? -x : x, &exponent);
    while (digits % 10 == 0) digits /= 10, exponent++;
    char text[24];
    int count = 0;
    for (uint64_t rest = digits; rest; rest /= 10) text[count++] = (char)('0' + rest % 10);
    int point = count + exponent; /* digits before the point */
#define DIGIT(i) text[count - 1 - (i)]
    if (point > 0 && point <= 21) {
        for (int i = 0; i < point || i < count; i++) {
            if (i == point) yj_put_byte(out, '.');
            yj_put_byte(out, i < count ? DIGIT(i) : '0');
        }
    } else if (point > -6 && point <= 0) {
        yj_put(out, "0.", 2);
        for (int i = point; i < 0; i++) yj_put_byte(out, '0');
        for (int i = 0; i < count; i++) yj_put_byte(out, DIGIT(i));
    } else {
        yj_put_byte(out, DIGIT(0));
        if (count > 1) yj_put_byte(out, '.');
        for (int i = 1; i < count; i++) yj_put_byte(out, DIGIT(i));
        yj_put(out, point > 0 ? "e+" : "e-", 2);
        char number[LB_DECIMAL_SIZE];
        yj_put(out, number, lb_decimal_write_integer(number, point > 0 ? point - 1 : 1 - point));
    }
#undef DIGIT
}

static void put_json_string(yj_buffer *out, yj_slice text) {
    static const char hex[] = "0123456789abcdef";
    yj_put_byte(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        const char *escape = byte < 0x20 ? strchr("\bb\ff\nn\rr\tt", byte) : NULL;
        if (byte == '"' || byte == '\\') {
            yj_put_byte(out, '\\');
            yj_put_byte(out, byte);
        } else if (byte >= 0x20) {
            yj_put_byte(out, byte);
        } else if (byte && escape) {
            yj_put_byte(out, '\\');
            yj_put_byte(out, escape[1]);
        } else {
            yj_put(out, "\\u00", 4);
            yj_put_byte(out, hex[byte >> 4]);
            yj_put_byte(out, hex[byte & 15]);
        }
    }
    yj_put_byte(out, '"');
}

static void put_bytes_as_object(yj_buffer *out, yj_slice bytes) {
    char number[LB_DECIMAL_SIZE];
    yj_put_byte(out, '{');
    for (size_t i = 0; i < bytes.size; i++) {
        if (i) yj_put_byte(out, ',');
        yj_put_byte(out, '"');
        yj_put(out, number, lb_decimal_write_integer(number, (int64_t)i));
        yj_put(out, "\":", 2);
        yj_put(out, number, lb_decimal_write_integer(number, (unsigned char)bytes.at[i]));
    }
    yj_put_byte(out, '}');
}

static void put_scalar(yj_buffer *out, const yj_token *token, bool nested) {
    char number[LB_DECIMAL_SIZE];
    switch (token->kind) {
        case YJ_ANY_TRUE: yj_put(out, "true", 4); break;
        case YJ_ANY_FALSE: yj_put(out, "false", 5); break;
        case YJ_ANY_STRING: put_json_string(out, token->bytes); break;
        case YJ_ANY_BYTES: put_bytes_as_object(out, token->bytes); break;
        case YJ_ANY_BIGINT: yj_put(out, number, lb_decimal_write_integer(number, token->bigint)); break;
        case YJ_ANY_INTEGER:
        case YJ_ANY_FLOAT:
        case YJ_ANY_DOUBLE: put_number(out, token->number); break;
        case YJ_ANY_UNDEFINED: yj_put(out, nested ? "null" : "undefined", nested ? 4 : 9); break;
        default: yj_put(out, "null", 4); break;
    }
}

void yj_any_to_json(yj_heap *heap, yj_slice any, yj_buffer *out) {
    struct {
        uint64_t left;
        bool object, first;
    } levels[YJ_DEPTH];
    size_t depth = 0;
    const char *at = any.at, *end = any.at + any.size;
    for (;;) {
        bool in_object = depth && levels[depth - 1].object, omitted = false;
        yj_slice name = { NULL, 0 };
        yj_token token;
        if (in_object) at = yj_any_key(at, end, &name);
        if (at) at = yj_any_token(at, end, &token);
        if (!at) yj_fail(heap, YJ_INVALID, "a value is not valid");
        omitted = in_object && token.kind == YJ_ANY_UNDEFINED;
        if (depth && !omitted) {
            if (!levels[depth - 1].first) yj_put_byte(out, ',');
            levels[depth - 1].first = false;
        }
        if (in_object && !omitted) {
            put_json_string(out, name);
            yj_put_byte(out, ':');
        }
        if (token.kind == YJ_ANY_ARRAY || token.kind == YJ_ANY_OBJECT) {
            bool object = token.kind == YJ_ANY_OBJECT;
            yj_put_byte(out, object ? '{' : '[');
            if (token.count) {
                if (depth == YJ_DEPTH) yj_fail(heap, YJ_INVALID, "a value is nested too deeply");
                levels[depth].left = token.count;
                levels[depth].first = true;
                levels[depth++].object = object;
                continue;
            }
            yj_put_byte(out, object ? '}' : ']');
        } else if (!omitted) {
            put_scalar(out, &token, depth > 0);
        }
        while (depth && --levels[depth - 1].left == 0) yj_put_byte(out, levels[--depth].object ? '}' : ']');
        if (!depth) return;
    }
}

bool yj_any_from_json(yj_doc *doc, yj_slice json, yj_slice *out) {
    YJ_ENTER(&doc->heap);
    yj_buffer any = { .heap = &doc->heap };
    yj_json_to_any(&doc->heap, json, &any);
    *out = (yj_slice){ any.at, any.size };
    return true;
}

bool yj_json_from_any(yj_doc *doc, yj_slice any, yj_slice *out) {
    YJ_ENTER(&doc->heap);
    yj_buffer json = { .heap = &doc->heap };
    yj_any_to_json(&doc->heap, any, &json);
    *out = (yj_slice){ json.at, json.size };
    return true;
}

bool yj_convert_json(yj_work *work, yj_slice json, yj_slice *any) {
    YJ_ENTER(&work->heap);
    yj_buffer out = { .heap = &work->heap };
    yj_json_to_any(&work->heap, json, &out);
    *any = (yj_slice){ out.at, out.size };
    return true;
}

bool yj_convert_any(yj_work *work, yj_slice any, yj_slice *json) {
    YJ_ENTER(&work->heap);
    yj_buffer out = { .heap = &work->heap };
    yj_any_to_json(&work->heap, any, &out);
    *json = (yj_slice){ out.at, out.size };
    return true;
}

bool yj_any_is_json(yj_slice any) {
    const char *at = any.at, *end = any.at + any.size;
    struct {
        uint64_t left;
        bool object;
    } levels[YJ_DEPTH];
    for (size_t depth = 0;;) {
        yj_slice key;
        yj_token token;
        if (depth && levels[depth - 1].object) at = yj_any_key(at, end, &key);
        if (at) at = yj_any_token(at, end, &token);
        if (!at || token.kind == YJ_ANY_BYTES || token.kind == YJ_ANY_UNDEFINED) return !at;
        bool container = token.kind == YJ_ANY_ARRAY || token.kind == YJ_ANY_OBJECT;
        if (container && token.count) {
            if (depth == YJ_DEPTH) return true; /* which says what is wrong */
            levels[depth].left = token.count;
            levels[depth++].object = token.kind == YJ_ANY_OBJECT;
            continue;
        }
        while (depth && --levels[depth - 1].left == 0) depth--;
        if (!depth) return true;
    }
}

bool yj_any_copy(yj_doc *doc, yj_slice any, yj_slice *out) {
    YJ_ENTER(&doc->heap);
    if (yj_any_skip(any.at, any.at + any.size) != any.at + any.size) yj_fail(&doc->heap, YJ_INVALID, "a value is not valid");
    char *copy = yj_allocate(&doc->heap, any.size);
    memcpy(copy, any.at, any.size);
    *out = (yj_slice){ copy, any.size };
    return true;
}
