/* token.c - an access token for a user, as a server gives it to a browser. */
#include <stdio.h>

#include <liveblocks/liveblocks.h>

int main(void) {
    lb_loop *loop;
    lb_client *client;
    lb_response *response;
    lb_error error;
    char line[2048];
    const lb_pair permissions[] = { { "eng:*", "room:write" }, { "plan", "room:read comments:write" }, { NULL, NULL } };
    const lb_session session = { .user_id = "alice", .permissions = permissions, .user_info = "{\"name\":\"Alice\"}" };
    if (lb_loop_create(&loop) != LB_OK) return 1;
    int status = lb_client_create(loop, NULL, &client, &error);
    if (status == LB_OK) {
        status = lb_session_authorize(client, &session, &response, &error);
        if (status == LB_OK) puts(lb_response_body(response, NULL)); /* {"token": "..."} */
        lb_response_free(response);
        lb_client_destroy(client);
    }
    if (status != LB_OK) fprintf(stderr, "%s\n", lb_error_text(&error, line, sizeof line));
    lb_loop_destroy(loop);
    return status != LB_OK;
}
