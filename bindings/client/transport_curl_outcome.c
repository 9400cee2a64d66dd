/* transport_curl_outcome.c - what libcurl's result of a transfer means, and what to say of it. */
#include "transport_curl.h"

#include <stdio.h>
#include <string.h>

/* When libcurl cannot copy the URL that it was given as a parsed one, it says that there is none. */
static bool no_memory(const lb_transfer *t, CURLcode code) {
    return t->no_memory || (code == CURLE_OUT_OF_MEMORY && !t->started) ||
           (code == CURLE_URL_MALFORMAT && t->origin && strcmp(t->error, "No URL set") == 0);
}

static lb_status status_of(const lb_transfer *t, CURLcode code) {
    if (no_memory(t, code)) return LB_ENOMEM;
    switch (code) {
    case CURLE_OK: return LB_OK;
    case CURLE_URL_MALFORMAT: return LB_EUSAGE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return LB_ETLS;
    default: return LB_ENETWORK;
    }
}

/* What TLS libraries say of bytes that are not TLS. */
static bool not_tls(const lb_transfer *t, CURLcode code) {
    static const char *const signs[] = { "wrong version number", "packet length too long", "http request",
                                         "unexpected TLS packet", "record layer" };
    if (code != CURLE_SSL_CONNECT_ERROR) return false;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(t->error, signs[i])) return true;
    return false;
}

/* What libcurl says of a proxy's URL shows the password in it: of that only the scheme is taken. */
static bool describe_proxy(const lb_transfer *t, lb_outcome *out) {
    if (strncmp(t->error, "Unsupported proxy", 17) != 0) return false;
    const char *from = strchr(t->error, '\''), *to = from ? strstr(from, "://") : NULL;
    if (to)
        snprintf(out->message, sizeof out->message, "proxies of the scheme '%.*s' are not supported",
                 (int)(to - from - 1 < 64 ? to - from - 1 : 64), from + 1);
    else
        snprintf(out->message, sizeof out->message, "the URL of the proxy is not valid");
    out->suggestion = "check the environment variables http_proxy, https_proxy and all_proxy";
    out->final = true;
    return true;
}

/* A server may respond without reading the whole request and then ask for no more of it (RFC 9113, 8.1). libcurl before 8.3
 * goes on sending and calls it a failure that the stream has ended; what it says of any other failure of a stream is in
 * `error`. When it has read the response and the reset at once, it has lost the response. */
static bool responded_early(const lb_transfer *t, CURLcode code) {
    return code == CURLE_HTTP2_STREAM && !t->error[0];
}

static bool is_complete(const lb_transfer *t, long status) {
    curl_off_t expected = -1, received = 0;
    if (status < 200 || lb_curl.easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &expected) != CURLE_OK ||
        lb_curl.easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &received) != CURLE_OK)
        return false;
    return expected < 0 || expected == received;
}

static const char *message_of(const lb_transfer *t, CURLcode code) {
    if (no_memory(t, code)) return "out of memory";
    if (t->too_large) return "the response is larger than max_response allows";
    if (t->read_failed) return "the file to upload could not be read to its end";
    if (t->repeated && !t->repeatable)
        return "the connection closed before a response; the server may have acted on the call";
    if (code == CURLE_OUT_OF_MEMORY && t->started) /* libcurl says so also of a header line of over 100 KB */
        return "the response has a header that is too large, or memory ran out";
    if (code == CURLE_GOT_NOTHING) return "the server closed the connection without a response";
    if (not_tls(t, code)) return "the server does not speak TLS at this port; it looks like plain http";
    if (code == CURLE_UNSUPPORTED_PROTOCOL && t->started && !t->tls)
        return "the response is not HTTP; the port looks like one for https";
    if (responded_early(t, code))
        return "the server responded before it had read the request, and libcurl has lost the response";
    return t->error[0] ? t->error : lb_curl.easy_strerror(code);
}

static const char *suggestion_of(const lb_transfer *t, CURLcode code) {
    if (t->too_large) return "raise the option max_response";
    if (not_tls(t, code)) return "should the URL begin with http:// instead of https://?";
    if (responded_early(t, code)) return "libcurl 8.3 and newer keep it";
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return "check the network, and the name in the URL";
    case CURLE_COULDNT_RESOLVE_PROXY: return "check the environment variables http_proxy, https_proxy and all_proxy";
    case CURLE_COULDNT_CONNECT: return "check that a server listens there, and the URL";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "the option ca_file, or SSL_CERT_FILE in the environment, takes certificates of a private authority";
    case CURLE_SSL_CACERT_BADFILE:
        return "check the option ca_file, and CURL_CA_BUNDLE and SSL_CERT_FILE in the environment";
    case CURLE_UNSUPPORTED_PROTOCOL:
        return t->started && !t->tls ? "should the URL begin with https:// instead of http://?" : "";
    default: return "";
    }
}

/* libcurl counts the bytes of a request that the connection has taken; when it does not say how many, some may have been. */
bool lb_curl_has_sent(const lb_transfer *t) {
    long sent = 0;
    return lb_curl.easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent) != CURLE_OK || sent > 0;
}

/* With HTTP/2, where a request has a stream, the count says less: they may have left before another's that failed. */
static bool nothing_sent(const lb_transfer *t) {
    return !lb_curl_has_sent(t) && (!t->started || (t->repeated && (!t->tls || (t->stream.watched && !t->stream.id))));
}

void lb_curl_outcome(lb_transfer *t, CURLcode code, lb_outcome *out) {
    long status = 0;
    CURLcode known = lb_curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) code = known; /* a response without its status is none */
    if (responded_early(t, code) && is_complete(t, status)) code = CURLE_OK;
    out->status = status_of(t, code);
    out->http_status = (int)status;
    out->sent = true;
    out->refused = out->final = false;
    out->suggestion = "";
    out->message[0] = '\0';
    if (code != CURLE_OK) {
        out->sent = !nothing_sent(t);
        out->final = t->too_large;
        if (!describe_proxy(t, out)) {
            snprintf(out->message, sizeof out->message, "%s", message_of(t, code));
            out->suggestion = suggestion_of(t, code);
        }
        if (out->status == LB_ENETWORK && out->sent) out->refused = lb_stream_was_refused(t);
        if (out->refused)
            snprintf(out->message, sizeof out->message, "the server has refused the request and has not processed it");
    }
    out->body = t->body;
    out->headers = t->headers;
    t->body = t->headers = (lb_buffer){ .allocator = &t->transport->loop->allocator };
}
