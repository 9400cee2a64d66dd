/* yjs.h - what the files of the glue for Yjs documents share. */
#ifndef LBLUA_YJS_H
#define LBLUA_YJS_H

#include "portable.h"

#include "../yjs/yjs.h"

/* Whatever allocates in Lua may run a finalizer. That may edit the document, which is at index 1 of each method, or be the
 * document's own, when one before it has made the document known again. So a method looks again, after each allocation and
 * before it goes on with the document or with what belongs to it. Both raise. [-0, +0, v] */
void lblua_yjs_check_open(lua_State *L, const yj_doc *doc);
/* changes: its yj_changes() when what is being read was found. */
void lblua_yjs_check_unchanged(lua_State *L, const yj_doc *doc, uint64_t changes);

/* Calls the function that was given to core.yjs.on_failure, which raises. [-0, +0, v] */
int lblua_yjs_raise(lua_State *L, yj_status status, const char *message);

yj_doc *lblua_yjs_check_doc(lua_State *L, int index); /* [-0, +0, v] */
void lblua_yjs_failed(lua_State *L, const yj_doc *doc); /* raises what has failed, if something has [-0, +0, v] */
yj_type *lblua_yjs_check_type(lua_State *L, const yj_doc *doc, int index); /* [-0, +0, v] */
yj_slice lblua_yjs_check_slice(lua_State *L, int index);                   /* [-0, +0, v] */
yj_slice lblua_yjs_optional_slice(lua_State *L, int index);                /* nil: none [-0, +0, v] */
uint64_t lblua_yjs_check_count(lua_State *L, int index);                   /* 0 to 2^53 - 1 [-0, +0, v] */
void lblua_yjs_push_count(lua_State *L, uint64_t count);                   /* [-0, +1, m] */

/* Ends an edit: raises what has failed; pushes the number of the type that was made, if one was. [-0, +(0|1), v] */
int lblua_yjs_finish(lua_State *L, yj_doc *doc, bool done, const yj_type *made);

/* Pushes bytes that the document has, such as a name or a text; nil when there are none. [-0, +1, v] */
void lblua_yjs_push_bytes(lua_State *L, const yj_doc *doc, yj_slice bytes);
/* Pushes a result that belongs to the document, and releases it; nil when there is none. [-0, +1, v] */
int lblua_yjs_push_result(lua_State *L, yj_doc *doc, yj_slice result);
void lblua_yjs_release(lua_State *L, yj_doc *doc, const void *result); /* unless the document has ended [-0, +0, -] */
int lblua_yjs_push_value(lua_State *L, yj_doc *doc, const yj_value *value); /* its kind and itself [-0, +n, v] */

/* A value from JSON text, or from a NUL and bytes in the "any" encoding. It belongs to the document. False: yj_failure() */
bool lblua_yjs_read_any(yj_doc *doc, yj_slice given, yj_slice *any);

/* What is to be inserted: a kind and its data from index on; of `any` an array. *release belongs to the document. [-0, +0, v] */
void lblua_yjs_check_new(lua_State *L, yj_doc *doc, int index, yj_new *out, const void **release);

/* These add their functions to the table on the top. [-0, +0, m] */
void lblua_yjs_open_types(lua_State *L);
void lblua_yjs_open_texts(lua_State *L);

#endif
