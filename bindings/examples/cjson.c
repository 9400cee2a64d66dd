/* cjson.c - a room is made and read with cJSON (Debian: libcjson-dev). Any other JSON library does as well. */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <liveblocks/liveblocks.h>

/* {"id": ..., "defaultAccesses": ["room:write"], "metadata": {"type": "board"}}; free() it. */
static char *new_room(const char *id) {
    cJSON *room = cJSON_CreateObject();
    cJSON_AddStringToObject(room, "id", id);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(room, "defaultAccesses"), cJSON_CreateString("room:write"));
    cJSON_AddStringToObject(cJSON_AddObjectToObject(room, "metadata"), "type", "board");
    char *text = cJSON_PrintUnformatted(room);
    cJSON_Delete(room);
    return text;
}

static int make(lb_client *client, const char *id, lb_error *error) {
    char *text = new_room(id);
    const lb_body body = lb_body_text(text); /* NULL, when memory has run out, is refused */
    int status = lb_create_room(client, NULL, &body, NULL, error);
    free(text);
    return status;
}

static int print_types(lb_client *client, lb_error *error) {
    lb_response *response;
    size_t size;
    int status = lb_get_rooms(client, NULL, &response, error);
    if (status == LB_OK) {
        const char *text = lb_response_body(response, &size);
        cJSON *page = cJSON_ParseWithLength(text, size);
        const cJSON *room;
        if (!page) status = lb_response_fail(response, LB_EJSON, "the list of rooms is not JSON", error);
        cJSON_ArrayForEach(room, cJSON_GetObjectItem(page, "data")) {
            const cJSON *type = cJSON_GetObjectItem(cJSON_GetObjectItem(room, "metadata"), "type");
            printf("%s: %s\n", cJSON_GetStringValue(cJSON_GetObjectItem(room, "id")), type ? cJSON_GetStringValue(type) : "-");
        }
        cJSON_Delete(page);
    }
    lb_response_free(response);
    return status;
}

int main(void) {
    lb_loop *loop;
    lb_client *client;
    lb_error error;
    char line[2048];
    if (lb_loop_create(&loop) != LB_OK) return 1;
    int status = lb_client_create(loop, NULL, &client, &error);
    if (status == LB_OK) {
        status = make(client, "board-1", &error);
        if (status == LB_OK) status = print_types(client, &error);
        lb_client_destroy(client);
    }
    if (status != LB_OK) fprintf(stderr, "%s\n", lb_error_text(&error, line, sizeof line));
    lb_loop_destroy(loop);
    return status != LB_OK;
}
