/* display_width.c - how many columns text takes on a terminal, as the C library's wcwidth(3) has it. */
#define _GNU_SOURCE 1
#include <lauxlib.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "host.h"

/* Columns of a character: 0 for a combining one and for a control. */
static size_t columns_of(wchar_t c) {
    int columns = wcwidth(c);
    return columns > 0 ? (size_t)columns : 0;
}

static size_t width_of(const char *text, size_t size) {
    mbstate_t state;
    memset(&state, 0, sizeof state);
    size_t width = 0;
    while (size > 0) {
        wchar_t c = 0;
        size_t used = mbrtowc(&c, text, size, &state);
        if (used == 0) used = 1; /* NUL */
        if (used > size) { /* not UTF-8: shown as one character */
            memset(&state, 0, sizeof state);
            used = 1;
            width++;
        } else {
            width += columns_of(c);
        }
        text += used;
        size -= used;
    }
    return width;
}

size_t host_display_width(const char *text, size_t size) {
    static locale_t utf8; /* of the process: text is UTF-8 whatever the locale of the user */
    if (!utf8) utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!utf8) return size;
    locale_t before = uselocale(utf8);
    size_t width = width_of(text, size);
    uselocale(before);
    return width;
}

/* host.display_width(text) -> columns. Bytes that are not UTF-8 count one each. */
static int display_width(lua_State *L) {
    size_t size;
    const char *text = luaL_checklstring(L, 1, &size);
    lua_pushinteger(L, (lua_Integer)host_display_width(text, size)); /* text columns */
    return 1;
}

void host_open_display_width(lua_State *L) { /* host */
    lua_pushcfunction(L, display_width);  /* host f */
    lua_setfield(L, -2, "display_width"); /* host */
}
