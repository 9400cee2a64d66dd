/* printable.c - text from outside as a terminal may show it. What a terminal would obey, or what would change the order or
 * the lines of what is shown, becomes visible: \n, \x1b, \u{202e}. Part of the module `lbhost.host`.
 * Documentation: https://www.unicode.org/reports/tr9/, https://invisible-island.net/xterm/ctlseqs/ctlseqs.html */
#define _POSIX_C_SOURCE 200809L
#include "host.h"

#include <lauxlib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 12 }; /* bytes that one visible character may take: \u{10ffff} */

/* LINE: everything on one line. BLOCK: newlines and tabs stay. JSON: encoded JSON, which keeps its value. */
typedef enum form { LINE, BLOCK, JSON } form;

/* The code point at p, and its bytes; 0 bytes when this is not valid UTF-8 (RFC 3629). */
static size_t decode(const unsigned char *p, const unsigned char *end, uint32_t *code) {
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t size = *p < 0x80 ? 1 : *p < 0xC0 ? 0 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : *p < 0xF8 ? 4 : 0;
    if (size == 0 || (size_t)(end - p) < size) return 0;
    *code = size == 1 ? *p : *p & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
        *code = *code << 6 | (p[i] & 0x3F);
    }
    if (size > 1 && *code < least[size]) return 0;
    return *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF) ? 0 : size;
}

/* Controls of terminals (C0, DEL, C1), of direction, and line separators. */
static bool is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* Writes the next character as it may be shown, at most LONGEST bytes; returns how many. Moves *p after it. */
static size_t show_next(const unsigned char **p, const unsigned char *end, form as, char *out) {
    static const char letters[] = "abtnvfr";
    uint32_t code = 0;
    size_t size = decode(*p, end, &code);
    const unsigned char *at = *p;
    *p += size ? size : 1;
    if (size && (!is_control(code) || (as != LINE && (code == '\n' || code == '\t')))) {
        memcpy(out, at, size);
        return size;
    }
    if (as == JSON) return (size_t)snprintf(out, LONGEST + 1, "\\u%04x", size ? (unsigned)code : 0xFFFDu);
    if (size == 1 && code >= 7 && code <= 13) {
        out[0] = '\\', out[1] = letters[code - 7];
        return 2;
    }
    return (size_t)snprintf(out, LONGEST + 1, size > 1 ? "\\u{%x}" : "\\x%02x", size > 1 ? (unsigned)code : (unsigned)*at);
}

void host_print(FILE *file, const char *text) {
    const unsigned char *p = (const unsigned char *)text, *end = p + strlen(text);
    char shown[LONGEST + 1];
    while (p < end) fwrite(shown, 1, show_next(&p, end, BLOCK, shown), file);
}

/* host.printable(text, "line"|"block"|"json") -> text */
static int printable(lua_State *L) {
    static const char *const names[] = { "line", "block", "json", NULL };
    size_t size;
    const char *text = luaL_checklstring(L, 1, &size);
    form as = (form)luaL_checkoption(L, 2, NULL, names);
    const unsigned char *p = (const unsigned char *)text, *end = p + size;
    while (p < end && *p >= 0x20 && *p < 0x7F) p++;
    if (p == end) return lua_settop(L, 1), 1; /* the usual case */
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addlstring(&b, text, (size_t)(p - (const unsigned char *)text));
    while (p < end) luaL_addsize(&b, show_next(&p, end, as, luaL_prepbuffsize(&b, LONGEST + 1)));
    luaL_pushresult(&b); /* text form shown */
    return 1;
}

void host_open_printable(lua_State *L) { /* host */
    lua_pushcfunction(L, printable);  /* host f */
    lua_setfield(L, -2, "printable"); /* host */
}
