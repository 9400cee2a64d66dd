/*
 * line_editor.c - the module `lbhost.line_editor`: libedit, fed from the loop.
 *
 * libedit is loaded when the first line is edited: other commands start without it, and a machine that lacks it
 * still has a REPL that reads plain lines. It edits in its unbuffered mode, in which a call handles one key.
 */
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <histedit.h>
#include <langinfo.h>
#include <lauxlib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "../bindings/liveblocks_lua.h"
#include "host.h"
#include "modules.h"

enum { HISTORY_SIZE = 2000, END_OF_FILE = 4 /* Ctrl-D */, PASTE_MAX = 1 << 20 };

#define FUNCTIONS(X)                                                                                        \
    X(el_init) X(el_end) X(el_gets) X(el_set) X(el_wset) X(el_source) X(el_resize) X(el_line) X(el_insertstr)          \
    X(history_init) X(history_end) X(history)

/* The functions of libedit. */
static struct {
#define FIELD(name) __typeof__(&name) name;
    FUNCTIONS(FIELD)
#undef FIELD
} edit;

/* A process has one terminal. */
static struct {
    EditLine *el;
    History *history;
    lua_State *L; /* that of the call which is running */
    char prompt[128];
    int prompt_width, completer;
    bool active;
    bool feeding, closing; /* feed() runs; it was closed in there, and is put away when feed() ends */
    int keys;       /* read by the call of el_gets which is running */
    wchar_t key;    /* the last of them */
    char *pasted;   /* what was pasted; owned */
    size_t paste_at; /* where what is not in the line yet begins */
} editor = { .completer = LUA_NOREF };

static const char *load_libedit(void) {
    static const char *const names[] = { "libedit.so.2", "libedit.so.0", "libedit.so" };
    void *library = NULL;
    for (size_t i = 0; !library && i < sizeof names / sizeof names[0]; i++) library = dlopen(names[i], RTLD_NOW);
    if (!library) return "libedit is not installed (Debian: libedit2)";
#define LOAD(name)                                                    \
    {                                                                 \
        void *symbol = dlsym(library, #name);                         \
        if (!symbol) return "libedit lacks the function " #name;      \
        memcpy(&edit.name, &symbol, sizeof symbol);                   \
    }
    FUNCTIONS(LOAD)
#undef LOAD
    return NULL;
}

/* ---- The line on the terminal ----------------------------------------------------------------- */

static int columns(void) {
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static int row_at(const LineInfo *line, const char *where) {
    return (editor.prompt_width + (int)host_display_width(line->buffer, (size_t)(where - line->buffer))) / columns();
}

/* Takes prompt and line off the screen; the cursor is where the prompt began. */
static void hide(void) {
    const LineInfo *line = edit.el_line(editor.el);
    int row = row_at(line, line->cursor);
    fputs("\r", stdout);
    if (row > 0) printf("\033[%dA", row);
    fputs("\033[J", stdout);
    fflush(stdout);
}

static void show(void) {
    edit.el_set(editor.el, EL_REFRESH);
    fflush(stdout);
}

/* ---- What libedit calls ----------------------------------------------------------------------- */

static char *prompt_of(EditLine *el) {
    (void)el;
    return editor.prompt;
}

/* Inside a key of several bytes, or a search in the history: tasks go on until the next byte comes. False: it was
 * interrupted. */
static bool wait_for_byte(void) {
    while (!host_input_waits(0)) {
        lb_pollfd input = { .fd = STDIN_FILENO, .events = LB_POLLIN };
        if (*host_interrupt_flag() || editor.closing) return false;
        if (lblua_step_with(editor.L, -1, &input, 1) < 0) return false;
    }
    return true;
}

static int read_key(EditLine *el, wchar_t *out) {
    mbstate_t state;
    memset(&state, 0, sizeof state);
    (void)el;
    for (;;) {
        char byte;
        if (!wait_for_byte()) return -1;
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n < 0) return -1;
        if (n == 0) byte = END_OF_FILE; /* the terminal is gone */
        editor.keys++;
        size_t used = mbrtowc(out, &byte, 1, &state);
        if (used == (size_t)-2) continue;
        if (used == (size_t)-1) memset(&state, 0, sizeof state);
        if (used == (size_t)-1) *out = L'?';
        if (byte == 0) *out = 0;
        editor.key = *out;
        return 1;
    }
}

/* ---- Pasting: the terminal brackets it (xterm, "bracketed paste mode"), so that no key is taken for a command ----------------- */

static const char paste_begin[] = "\033[?2004h", paste_end[] = "\033[?2004l", last_of_paste[] = "\033[201~";

typedef struct pasted_text {
    char *bytes;
    size_t size, capacity;
    bool cut; /* there was more than PASTE_MAX */
} pasted_text;

static void append(pasted_text *t, const char *bytes, size_t size) {
    if (t->cut || size == 0) return;
    if (t->size + size > t->capacity) {
        size_t larger = t->capacity ? t->capacity * 2 : 256;
        char *grown = larger <= PASTE_MAX ? realloc(t->bytes, larger) : NULL;
        t->cut = !grown;
        if (!grown) return;
        t->bytes = grown;
        t->capacity = larger;
    }
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
}

/* libedit drops a line with bytes that are no character, and takes NUL for its end: each of them becomes U+FFFD. The result
 * is the caller's to free; NULL: out of memory. */
static char *as_characters(const char *text, size_t size) {
    const char *other = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "\xEF\xBF\xBD" : "?";
    char *out = malloc(3 * size + 1), *to = out;
    mbstate_t state = { 0 };
    while (out && size > 0) {
        wchar_t c;
        size_t used = mbrtowc(&c, text, size, &state);
        bool good = used > 0 && used <= size;
        if (!good) {
            memset(&state, 0, sizeof state);
            used = 1;
        }
        size_t n = good ? used : strlen(other);
        memcpy(to, good ? text : other, n);
        to += n;
        text += used;
        size -= used;
    }
    if (out) *to = '\0';
    return out;
}

/* ESC [ 2 0 0 ~: all up to ESC [ 2 0 1 ~ becomes `pasted`. What is larger than PASTE_MAX is left out from there on. */
static unsigned char paste(EditLine *el, int key) {
    pasted_text text = { 0 };
    size_t matched = 0; /* of last_of_paste */
    char byte;
    (void)el;
    (void)key;
    while (wait_for_byte() && read(STDIN_FILENO, &byte, 1) == 1) {
        if (byte == last_of_paste[matched]) {
            if (++matched == sizeof last_of_paste - 1) break;
            continue;
        }
        append(&text, last_of_paste, matched);
        matched = byte == last_of_paste[0];
        if (byte == '\r') byte = '\n';
        if (!matched) append(&text, &byte, 1);
    }
    if (text.cut) {
        hide();
        puts("the rest of what was pasted is left out: it is too large");
        show();
    }
    free(editor.pasted);
    editor.pasted = as_characters(text.bytes, text.size);
    editor.paste_at = 0;
    free(text.bytes);
    if (editor.pasted && !*editor.pasted) {
        free(editor.pasted);
        editor.pasted = NULL;
    }
    return CC_NORM;
}

/* Moves the next line of what was pasted into the line that is edited. True: it ends there, and is complete. */
static bool insert_pasted(void) {
    char *text = editor.pasted + editor.paste_at, *end = strchr(text, '\n');
    if (end) *end = '\0';
    if (text[0]) edit.el_insertstr(editor.el, text);
    if (end && end[1]) {
        editor.paste_at = (size_t)(end + 1 - editor.pasted);
    } else {
        free(editor.pasted);
        editor.pasted = NULL;
    }
    show();
    return end != NULL;
}

static bool is_blank(const char *from, const char *to) {
    while (from < to && (*from == ' ' || *from == '\t')) from++;
    return from == to;
}

/* Tab: completer(before, after) -> text to insert, text to show above the line; or nothing to complete. */
static unsigned char complete(EditLine *el, int key) {
    lua_State *L = editor.L;
    const LineInfo *line = edit.el_line(el);
    (void)key;
    if (is_blank(line->buffer, line->cursor)) /* nothing to complete: it indents */
        return edit.el_insertstr(el, "  ") == 0 ? CC_REFRESH : CC_ERROR;
    lua_rawgeti(L, LUA_REGISTRYINDEX, editor.completer);                       /* f */
    lua_pushlstring(L, line->buffer, (size_t)(line->cursor - line->buffer));   /* f before */
    lua_pushlstring(L, line->cursor, (size_t)(line->lastchar - line->cursor)); /* f before after */
    if (lua_pcall(L, 2, 2, 0) != LUA_OK) {                                     /* insert shown | message */
        lua_pop(L, 1);
        return CC_ERROR;
    }
    const char *insert = lua_tostring(L, -2), *shown = lua_tostring(L, -1);
    unsigned char result = CC_ERROR;
    if (editor.closing) {
        lua_pop(L, 2); /* */
        return CC_EOF; /* nothing more is edited */
    }
    if (insert && insert[0] && edit.el_insertstr(el, insert) == 0) result = CC_REFRESH;
    if (shown) {
        hide();
        fputs(shown, stdout);
        show();
        if (result == CC_ERROR) result = CC_NORM;
    }
    lua_pop(L, 2); /* */
    return result;
}

/* ---- The terminal as it was ------------------------------------------------------------------- */

static const int ending[] = { SIGTERM, SIGQUIT };
enum { ENDING = sizeof ending / sizeof ending[0] };
static struct termios terminal_before;
static struct sigaction actions_before[ENDING];

/* A signal that ends the program while a line is edited must not leave a terminal that shows nothing. */
static void on_ending(int number) {
    ssize_t written = write(STDOUT_FILENO, paste_end, sizeof paste_end - 1);
    (void)written;
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    signal(number, SIG_DFL);
    raise(number);
}

static void guard_terminal(void) {
    struct sigaction action = { .sa_handler = on_ending };
    sigemptyset(&action.sa_mask);
    tcgetattr(STDIN_FILENO, &terminal_before);
    for (int i = 0; i < ENDING; i++) sigaction(ending[i], &action, &actions_before[i]);
}

static void leave_terminal(void) {
    for (int i = 0; i < ENDING; i++) sigaction(ending[i], &actions_before[i], NULL);
}

/* ---- For Lua: lua/lbhost/repl/ ---------------------------------------------------------------- */

static void bind_keys(void) {
    static const char *const keys[][2] = {
        { "\\t", "lbhost-complete" },      { "^R", "em-inc-search-prev" },   { "^L", "ed-clear-screen" },
        { "\\e[A", "ed-search-prev-history" }, { "\\e[B", "ed-search-next-history" },
        { "\\eOA", "ed-search-prev-history" }, { "\\eOB", "ed-search-next-history" },
        { "\\e[H", "ed-move-to-beg" },     { "\\e[F", "ed-move-to-end" },    { "\\e[1~", "ed-move-to-beg" },
        { "\\e[4~", "ed-move-to-end" },    { "\\eOH", "ed-move-to-beg" },    { "\\eOF", "ed-move-to-end" },
        { "\\e[3~", "ed-delete-next-char" }, { "\\e[1;5C", "em-next-word" }, { "\\e[1;5D", "ed-prev-word" },
        { "^W", "ed-delete-prev-word" },   { "^U", "vi-kill-line-prev" },
        { "\\e[200~", "lbhost-paste" },
    };
    edit.el_set(editor.el, EL_EDITOR, "emacs");
    edit.el_wset(editor.el, EL_ADDFN, L"lbhost-complete", L"completes names", complete); /* el_set leaks these */
    edit.el_wset(editor.el, EL_ADDFN, L"lbhost-paste", L"takes what is pasted as it is", paste);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        edit.el_set(editor.el, EL_BIND, keys[i][0], keys[i][1], NULL);
    edit.el_source(editor.el, NULL); /* ~/.editrc has the last word */
}

static int failure(lua_State *L, const char *message) {
    lua_pushnil(L);
    lua_pushstring(L, message);
    return 2;
}

static void release(lua_State *L) {
    if (editor.history) edit.history_end(editor.history);
    if (editor.el) edit.el_end(editor.el);
    editor.el = NULL;
    editor.history = NULL;
    luaL_unref(L, LUA_REGISTRYINDEX, editor.completer);
    editor.completer = LUA_NOREF;
}

/* line_editor.open(completer) -> true; or nil, message: lines cannot be edited here */
static int editor_open(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (editor.el) return luaL_error(L, "the line editor is open already");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return failure(L, "this is not a terminal");
    const char *terminal = getenv("TERM");
    if (!terminal || strcmp(terminal, "dumb") == 0) return failure(L, "this terminal cannot edit lines");
    const char *problem = load_libedit();
    if (problem) return failure(L, problem);
    setlocale(LC_CTYPE, "");
    if (MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");
    HistEvent event;
    lua_settop(L, 1);                                  /* completer */
    editor.completer = luaL_ref(L, LUA_REGISTRYINDEX); /* ; before anything is open, as it may raise */
    editor.el = edit.el_init("lbhost", stdin, stdout, stderr);
    editor.history = edit.history_init();
    if (!editor.el || !editor.history) {
        release(L);
        return failure(L, "libedit cannot use this terminal");
    }
    edit.history(editor.history, &event, H_SETSIZE, HISTORY_SIZE);
    edit.history(editor.history, &event, H_SETUNIQUE, 1);
    edit.el_set(editor.el, EL_HIST, edit.history, editor.history);
    edit.el_set(editor.el, EL_PROMPT_ESC, prompt_of, '\1');
    edit.el_set(editor.el, EL_GETCFN, read_key);
    bind_keys();
    guard_terminal();
    lua_pushboolean(L, 1);
    return 1;
}

static void check_open(lua_State *L) {
    if (!editor.el) luaL_error(L, "the line editor is not open");
}

/* line_editor.start(prompt, width): shows the prompt; keys are edited from now on. Text between \1 and \1 in the
 * prompt takes no column. */
static int editor_start(lua_State *L) {
    const char *prompt = luaL_checkstring(L, 1);
    lua_Integer width = luaL_checkinteger(L, 2);
    check_open(L);
    luaL_argcheck(L, strlen(prompt) < sizeof editor.prompt && width >= 0 && width < 100, 1, "the prompt is too long");
    strcpy(editor.prompt, prompt);
    editor.prompt_width = (int)width;
    editor.active = true;
    edit.el_set(editor.el, EL_UNBUFFERED, 1);
    fputs(paste_begin, stdout);
    fflush(stdout);
    return 0;
}

static void finish(void) {
    if (editor.active) {
        edit.el_set(editor.el, EL_UNBUFFERED, 0);
        fputs(paste_end, stdout);
        fflush(stdout);
    }
    editor.active = false;
}

/* Leaves the cursor below the line, with a mark such as ^C at its end. */
static void leave_line(const char *mark) {
    const LineInfo *line = edit.el_line(editor.el);
    int below = row_at(line, line->lastchar) - row_at(line, line->cursor);
    int column = (editor.prompt_width + (int)host_display_width(line->buffer, (size_t)(line->lastchar - line->buffer))) % columns();
    if (below > 0) printf("\033[%dB", below);
    fputs("\r", stdout);
    if (column > 0) printf("\033[%dC", column);
    printf("%s\r\n", mark);
    fflush(stdout);
    finish();
}

static int end_of_feed(lua_State *L) {
    finish();
    lua_pushliteral(L, "end");
    return 1;
}

static int feed(lua_State *L) {
    editor.L = L;
    while (editor.active && !editor.closing && !*host_interrupt_flag() && (editor.pasted || host_input_waits(0))) {
        const LineInfo *line = edit.el_line(editor.el);
        if (editor.pasted) {
            if (!insert_pasted()) continue;
            line = edit.el_line(editor.el);
            lua_pushliteral(L, "line");
            lua_pushlstring(L, line->buffer, (size_t)(line->lastchar - line->buffer));
            leave_line("");
            return 2;
        }
        bool empty = line->buffer == line->lastchar;
        int count = 0;
        editor.keys = 0;
        const char *text = edit.el_gets(editor.el, &count);
        if (editor.closing || (empty && editor.keys == 1 && editor.key == END_OF_FILE)) return end_of_feed(L);
        if (text && count > 0 && text[count - 1] == '\n') {
            lua_pushliteral(L, "line");
            lua_pushlstring(L, text, (size_t)count - 1);
            finish();
            return 2;
        }
    }
    if (editor.closing) return end_of_feed(L);
    lua_pushliteral(L, "more");
    return 1;
}

static void put_away(lua_State *L) {
    finish();
    free(editor.pasted);
    editor.pasted = NULL;
    leave_terminal();
    release(L);
    editor.closing = false;
}

/* line_editor.feed() -> "more"; or "line", text; or "end". Handles the keys that have come, and what was pasted. The completer,
 * tasks and finalizers run in it, which may close the editor: "end" then. */
static int editor_feed(lua_State *L) {
    check_open(L);
    if (editor.feeding) return luaL_error(L, "the line editor is reading keys already");
    lua_settop(L, 0);
    lua_pushcfunction(L, feed); /* f */
    editor.feeding = true;
    int status = lua_pcall(L, 0, LUA_MULTRET, 0); /* results | error */
    editor.feeding = false;
    if (editor.closing) put_away(L);
    return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}

/* line_editor.stop(mark): gives the line up, with a mark such as ^C at its end, and leaves the cursor below it */
static int editor_stop(lua_State *L) {
    const char *mark = luaL_checkstring(L, 1);
    check_open(L);
    free(editor.pasted);
    editor.pasted = NULL;
    if (editor.active) leave_line(mark);
    return 0;
}

/* line_editor.pasted() -> boolean: is there something that was pasted and is not in a line yet? */
static int editor_pasted(lua_State *L) {
    lua_pushboolean(L, editor.pasted != NULL);
    return 1;
}

/* line_editor.hide(), line_editor.show(): so that something can be written while a line is edited */
static int editor_hide(lua_State *L) {
    (void)L;
    if (editor.active) hide();
    return 0;
}

static int editor_show(lua_State *L) {
    (void)L;
    if (editor.active) show();
    return 0;
}

/* line_editor.refresh(): after the window has changed its size, or the program was suspended */
static int editor_refresh(lua_State *L) {
    check_open(L);
    edit.el_resize(editor.el);
    if (!editor.active) return 0;
    edit.el_set(editor.el, EL_PREP_TERM, 0);
    edit.el_set(editor.el, EL_PREP_TERM, 1);
    hide(); /* terminals that wrap lines again leave the cursor where the text under it went */
    show();
    return 0;
}

/* line_editor.add_history(text) */
static int editor_add_history(lua_State *L) {
    HistEvent event;
    const char *text = luaL_checkstring(L, 1); /* first: a finalizer that runs may close it */
    check_open(L);
    edit.history(editor.history, &event, H_ENTER, text);
    return 0;
}

/* line_editor.close(): puts the terminal back; where feed() runs, when that ends */
static int editor_close(lua_State *L) {
    editor.closing = editor.el && editor.feeding;
    if (editor.el && !editor.closing) put_away(L);
    return 0;
}

int luaopen_lbhost_line_editor(lua_State *L) {
    static const luaL_Reg functions[] = {
        { "open", editor_open },       { "start", editor_start }, { "feed", editor_feed },
        { "stop", editor_stop },       { "hide", editor_hide },   { "show", editor_show },
        { "pasted", editor_pasted },
        { "refresh", editor_refresh }, { "close", editor_close }, { "add_history", editor_add_history },
        { NULL, NULL },
    };
    luaL_newlib(L, functions); /* module */
    return 1;
}
