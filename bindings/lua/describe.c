/* describe.c - the endpoint table as Lua data. */
#include "glue.h"

#include <stdbool.h>
#include <string.h>

static const char *const query_types[] = { "string", "string", "integer", "flag", "enum", "list", "query", "map" };
static const char *const body_kinds[] = { "none", "bytes", "value", "fields" };
static const char *const response_kinds[] = { "json", "text", "binary", "none" };
static const char *const retry_rules[] = { "idempotent", "not idempotent", "with flag" };

static void set(lua_State *L, const char *name, const char *value) { /* t */
    if (!value) return;
    lua_pushstring(L, value);  /* t value */
    lua_setfield(L, -2, name); /* t */
}

static void push_query(lua_State *L, const lb_query_field *f) {
    lua_newtable(L); /* query */
    for (int i = 1; f->name; f++, i++) {
        lua_newtable(L); /* query field */
        set(L, "name", f->name);
        set(L, "type", query_types[f->type]);
        set(L, "values", f->values);
        lua_pushboolean(L, f->type == LB_QUERY_REQUIRED); /* query field required */
        lua_setfield(L, -2, "required");                  /* query field */
        if (f->type == LB_QUERY_INTEGER) {
            lua_pushinteger(L, f->min);  /* query field min */
            lua_setfield(L, -2, "min");  /* query field */
            lua_pushinteger(L, f->max);  /* query field max */
            lua_setfield(L, -2, "max");  /* query field */
        }
        lua_rawseti(L, -2, i); /* query */
    }
}

/* id, group, name, method, path, parameters, query, body, type, response, page, retry_rule, aliases, help */
static void push_row(lua_State *L, const lb_endpoint *e) {
    lua_createtable(L, 0, 14);                               /* row */
    lua_pushinteger(L, (lua_Integer)(e - lb_endpoints()));   /* row id */
    lua_setfield(L, -2, "id");
    set(L, "group", e->group);
    set(L, "name", e->name);
    set(L, "method", e->method);
    set(L, "path", e->path);
    set(L, "body", body_kinds[e->body]);
    set(L, "type", e->body_type);
    set(L, "response", response_kinds[e->response]);
    set(L, "page", e->page);
    set(L, "retry_rule", retry_rules[e->retry]);
    set(L, "aliases", e->aliases);
    set(L, "help", e->help);
    lua_newtable(L); /* row parameters */
    for (int i = 0; e->path_names[i]; i++) {
        lua_pushstring(L, e->path_names[i]); /* row parameters name */
        lua_rawseti(L, -2, i + 1);           /* row parameters */
    }
    lua_setfield(L, -2, "parameters"); /* row */
    push_query(L, e->query);           /* row query */
    lua_setfield(L, -2, "query");      /* row */
}

/* core.endpoints() -> list of rows */
static int endpoints(lua_State *L) {
    const lb_endpoint *e = lb_endpoints();
    lua_createtable(L, LB_ENDPOINT_COUNT, 0); /* rows */
    for (int id = 0; id < LB_ENDPOINT_COUNT; id++) {
        push_row(L, e + id);        /* rows row */
        lua_rawseti(L, -2, id + 1); /* rows */
    }
    return 1;
}

static bool has_word(const char *words, const char *word) {
    size_t n = strlen(word);
    for (const char *p = words; n && (p = strstr(p, word)) != NULL; p += n)
        if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0')) return true;
    return false;
}

/* core.endpoint(name or alias) -> row, or nil */
static int endpoint(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    const lb_endpoint *e = lb_endpoints();
    for (int id = 0; id < LB_ENDPOINT_COUNT; id++, e++) {
        if (strcmp(e->name, name) != 0 && !has_word(e->aliases, name)) continue;
        push_row(L, e); /* row */
        return 1;
    }
    return 0;
}

void lblua_open_describe(lua_State *L) {           /* core */
    lua_pushcfunction(L, endpoint);                /* core f */
    lua_setfield(L, -2, "endpoint");               /* core */
    lua_pushcfunction(L, endpoints);               /* core f */
    lua_setfield(L, -2, "endpoints");              /* core */
    lua_pushliteral(L, LB_VERSION);                /* core version */
    lua_setfield(L, -2, "version");                /* core */
    lua_pushliteral(L, LB_DEFAULT_BASE_URL);       /* core url */
    lua_setfield(L, -2, "default_base_url");       /* core */
}
