/* blocking.c - calls that return when they have ended: a submit, and steps of the loop until then. */
#include "internal.h"

typedef struct waiter {
    bool done;
    lb_status status;
    lb_response *response;
    lb_error *error;
} waiter;

static void on_done(void *user_data, lb_status status, lb_response *response, const lb_error *error) {
    waiter *w = user_data;
    w->done = true;
    w->status = status;
    if (response) w->response = lb_response_keep(response);
    if (error) *w->error = *error;
}

/* Inside a callback the loop cannot step, and nothing must be sent that nobody waits for. */
static int check(const lb_client *client, lb_error *error) {
    if (!client || !client->loop->depth) return LB_OK;
    lb_error_clear(error);
    return lb_fail(error, LB_EUSAGE, "a blocking call cannot wait inside a callback of its loop; submit it instead");
}

static int wait_for(lb_loop *loop, lb_request *request, waiter *w, lb_response **response) {
    while (!w->done) {
        int status = lb_loop_step(loop, -1, NULL, 0);
        if (status < 0 && !w->done) {
            lb_request_cancel(request);
            w->status = lb_fail(w->error, (lb_status)status, "the loop cannot wait: %s", lb_status_name((lb_status)status));
        }
    }
    if (response) *response = w->response;
    else lb_response_free(w->response);
    return w->status;
}

int lb_request_perform(lb_client *client, const lb_call *call, lb_response **response, lb_error *error) {
    lb_error scratch;
    waiter w = { .error = error ? error : &scratch };
    lb_request *request;
    if (response) *response = NULL;
    int status = check(client, w.error);
    if (status == LB_OK) status = lb_request_submit(client, call, on_done, &w, &request, w.error);
    return status == LB_OK ? wait_for(client->loop, request, &w, response) : status;
}

int lb_endpoint_perform(lb_client *client, lb_endpoint_id id, const char *const *path_args,
                        const lb_pair *query, const lb_body *body, lb_response **response, lb_error *error) {
    lb_error scratch;
    waiter w = { .error = error ? error : &scratch };
    lb_request *request;
    if (response) *response = NULL;
    int status = check(client, w.error);
    if (status == LB_OK)
        status = lb_endpoint_submit(client, id, path_args, query, body, NULL, on_done, &w, &request, w.error);
    return status == LB_OK ? wait_for(client->loop, request, &w, response) : status;
}

int lb_pages_next(lb_pages *pages, lb_response **response, lb_error *error) {
    lb_error scratch;
    waiter w = { .error = error ? error : &scratch };
    lb_request *request;
    if (response) *response = NULL;
    lb_error_clear(w.error);
    if (!response) return lb_fail(w.error, LB_EUSAGE, "the pointer that receives the page is NULL");
    if (pages && pages->ended) return LB_OK;
    int status = check(pages ? pages->client : NULL, w.error);
    if (status == LB_OK) status = lb_pages_submit(pages, on_done, &w, &request, w.error);
    return status == LB_OK ? wait_for(pages->client->loop, request, &w, response) : status;
}

int lb_session_authorize(lb_client *client, const lb_session *session, lb_response **response, lb_error *error) {
    lb_error scratch;
    waiter w = { .error = error ? error : &scratch };
    lb_request *request;
    if (response) *response = NULL;
    int status = check(client, w.error);
    if (status == LB_OK) status = lb_session_submit(client, session, on_done, &w, &request, w.error);
    return status == LB_OK ? wait_for(client->loop, request, &w, response) : status;
}
