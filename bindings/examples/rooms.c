/* rooms.c - prints the rooms whose ids begin with a prefix, a page at a time: rooms PREFIX. Each call waits for its response. */
#include <stdio.h>

#include <liveblocks/liveblocks.h>

static int fail(const lb_error *error) {
    char line[2048];
    fprintf(stderr, "%s\n", lb_error_text(error, line, sizeof line));
    return 1;
}

static int print_rooms(lb_client *client, const char *prefix) {
    lb_error error;
    lb_pages *pages;
    lb_response *page;
    char query[512];
    const lb_term terms[] = { lb_term_text("roomId", NULL, LB_STARTS_WITH, prefix), lb_term_end() };
    if (lb_query_format(terms, query, sizeof query, &error) != LB_OK) return fail(&error);
    if (lb_pages_get_rooms(client, &(lb_get_rooms_query){ .limit = 100, .query = query }, &pages, &error) != LB_OK)
        return fail(&error);
    int status = LB_OK;
    while (status == LB_OK && lb_pages_more(pages)) {
        status = lb_pages_next(pages, &page, &error);
        if (status == LB_OK) puts(lb_response_body(page, NULL)); /* JSON: {"data": [...], "nextCursor": ...} */
        lb_response_free(page);
    }
    lb_pages_destroy(pages);
    return status == LB_OK ? 0 : fail(&error);
}

int main(int argc, char **argv) {
    lb_loop *loop;
    lb_client *client;
    lb_error error;
    int failed = 1;
    if (argc != 2) return fputs("usage: rooms PREFIX\n", stderr), 2;
    if (lb_loop_create(&loop) != LB_OK) return 1;
    if (lb_client_create(loop, NULL, &client, &error) == LB_OK) { /* LIVEBLOCKS_SECRET_KEY from the environment */
        failed = print_rooms(client, argv[1]);
        lb_client_destroy(client);
    } else {
        fail(&error);
    }
    lb_loop_destroy(loop);
    return failed;
}
