/* crypto.c - what Lua needs of libcrypto: HMAC, base64, comparison, random identifiers. */
#define _POSIX_C_SOURCE 200809L
#include "glue.h"

#include "../loading/libcrypto.h"

#include <limits.h>

/* Raises where libcrypto is missing. [-0, +0, e] */
static void need_libcrypto(lua_State *L) {
    const char *problem = lb_crypto_load();
    if (problem) luaL_error(L, "%s", problem);
}

/* core.hmac_sha256(key, text) -> 32 bytes */
static int hmac_sha256(lua_State *L) {
    need_libcrypto(L);
    size_t key_size, size;
    unsigned length = 0;
    const char *key = luaL_checklstring(L, 1, &key_size), *text = luaL_checklstring(L, 2, &size);
    unsigned char out[EVP_MAX_MD_SIZE];
    luaL_argcheck(L, key_size < INT_MAX, 1, "too long");
    if (!lb_crypto.HMAC(lb_crypto.EVP_sha256(), key, (int)key_size, (const unsigned char *)text, size, out, &length))
        return luaL_error(L, "libcrypto refused the HMAC");
    lua_pushlstring(L, (const char *)out, length); /* key text digest */
    return 1;
}

/* core.equal(a, b) -> boolean, in a time that does not depend on where they differ */
static int equal(lua_State *L) {
    need_libcrypto(L);
    size_t a_size, b_size;
    const char *a = luaL_checklstring(L, 1, &a_size);
    const char *b = luaL_checklstring(L, 2, &b_size);
    lua_pushboolean(L, a_size == b_size && lb_crypto.CRYPTO_memcmp(a, b, a_size) == 0);
    return 1;
}

/* core.base64_encode(bytes) -> text */
static int base64_encode(lua_State *L) {
    need_libcrypto(L);
    size_t size;
    const char *bytes = luaL_checklstring(L, 1, &size);
    luaL_argcheck(L, size < INT_MAX / 2, 1, "too long");
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, (size + 2) / 3 * 4 + 1);
    int n = lb_crypto.EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)bytes, (int)size);
    luaL_pushresultsize(&b, (size_t)n); /* ... text */
    return 1;
}

/* core.base64_decode(text) -> bytes, or nil when it is not base64 (padding is required) */
static int base64_decode(lua_State *L) {
    need_libcrypto(L);
    size_t size;
    const char *text = luaL_checklstring(L, 1, &size);
    if (size % 4 != 0 || size >= INT_MAX) return luaL_pushfail(L), 1;
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, size / 4 * 3 + 1);
    int n = lb_crypto.EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text, (int)size);
    size_t padding = size && text[size - 1] == '=' ? text[size - 2] == '=' ? 2 : 1 : 0;
    if (n < 0 || (size_t)n < padding) return luaL_pushfail(L), 1;
    luaL_pushresultsize(&b, (size_t)n - padding); /* ... bytes */
    return 1;
}

void lblua_random_bytes(lua_State *L, void *out, int count) {
    need_libcrypto(L);
    if (lb_crypto.RAND_bytes(out, count) != 1) luaL_error(L, "no random bytes from libcrypto");
}

/* core.random_id(n) -> n characters of A-Za-z0-9_- */
static int random_id(lua_State *L) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    lua_Integer n = luaL_checkinteger(L, 1);
    unsigned char bytes[64];
    luaL_argcheck(L, n > 0 && n <= 64, 1, "1 to 64");
    lblua_random_bytes(L, bytes, (int)n);
    for (lua_Integer i = 0; i < n; i++) bytes[i] = (unsigned char)alphabet[bytes[i] & 63];
    lua_pushlstring(L, (const char *)bytes, (size_t)n); /* ... id */
    return 1;
}

static const luaL_Reg functions[] = {
    { "hmac_sha256", hmac_sha256 },     { "equal", equal },         { "base64_encode", base64_encode },
    { "base64_decode", base64_decode }, { "random_id", random_id }, { NULL, NULL },
};

void lblua_open_crypto(lua_State *L) { /* core */
    luaL_setfuncs(L, functions, 0);
}
