/* webhook.c - webhooks: the signature over the raw body, by HMAC-SHA256 of libcrypto, and its age. */
#include "internal.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "../loading/libcrypto.h"

static const double default_tolerance = 300; /* seconds, both ways */
enum { LONGEST_ID = 256, MAX_DIGITS = 15, DIGEST = 32, ENCODED = 44 /* a digest in base64 */, LONGEST_SECRET = 4096 };

struct lb_webhook {
    size_t count;
    EVP_MAC_CTX *keys[];
};

/* ---- Secrets ------------------------------------------------------------------------------------ */

/* The bytes of a secret: base64 after whsec_, with or without its padding. Returns how many, 0 when it is not valid. */
static size_t decode_secret(const char *secret, unsigned char out[LONGEST_SECRET], lb_error *error) {
    char encoded[LONGEST_SECRET];
    size_t size = secret && strncmp(secret, "whsec_", 6) == 0 ? strlen(secret + 6) : 0;
    if (!secret || strncmp(secret, "whsec_", 6) != 0)
        lb_fail(error, LB_EUSAGE, "webhook: a secret begins with whsec_ (it is in the dashboard, with the webhook)");
    else if (size == 0 || size > sizeof encoded - 4)
        lb_fail(error, LB_EUSAGE, "webhook: the secret is not base64 after whsec_");
    else {
        memcpy(encoded, secret + 6, size);
        size_t padding = 0;
        while (size % 4) encoded[size++] = '=';
        while (padding < 2 && encoded[size - 1 - padding] == '=') padding++;
        bool ends = encoded[size - 1 - padding] != '='; /* no more than two */
        int bytes = ends ? lb_crypto.EVP_DecodeBlock(out, (const unsigned char *)encoded, (int)size) : -1;
        lb_wipe(encoded, size);
        if (bytes > (int)padding) return (size_t)bytes - padding;
        lb_fail(error, LB_EUSAGE, "webhook: the secret is not base64 after whsec_");
    }
    return 0;
}

/* An HMAC whose key is prepared; NULL when libcrypto cannot. */
static EVP_MAC_CTX *make_key(const unsigned char *bytes, size_t size) {
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = { lb_crypto.OSSL_PARAM_construct_utf8_string("digest", digest, 0), lb_crypto.OSSL_PARAM_construct_end() };
    EVP_MAC *mac = lb_crypto.EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *key = mac ? lb_crypto.EVP_MAC_CTX_new(mac) : NULL;
    lb_crypto.EVP_MAC_free(mac); /* the context keeps it */
    if (key && lb_crypto.EVP_MAC_init(key, bytes, size, parameters)) return key;
    lb_crypto.EVP_MAC_CTX_free(key);
    return NULL;
}

static int add_key(lb_webhook *webhook, const char *secret, lb_error *error) {
    unsigned char bytes[LONGEST_SECRET];
    size_t size = decode_secret(secret, bytes, error);
    if (!size) return LB_EUSAGE;
    EVP_MAC_CTX *key = make_key(bytes, size);
    lb_wipe(bytes, sizeof bytes);
    if (!key) return lb_fail(error, LB_ENOMEM, "webhook: libcrypto refused the HMAC");
    webhook->keys[webhook->count++] = key;
    return LB_OK;
}

int lb_webhook_create(const char *const *secrets, lb_webhook **out, lb_error *error) {
    lb_error scratch;
    size_t count = 0;
    lb_error_clear(error ? error : (error = &scratch));
    if (!out) return lb_fail(error, LB_EUSAGE, "webhook: the pointer that receives the verifier is NULL");
    *out = NULL;
    while (secrets && secrets[count]) count++;
    if (!count) return lb_fail(error, LB_EUSAGE, "webhook: no secret is given");
    const char *problem = lb_crypto_load();
    if (problem) return lb_fail(error, LB_EUSAGE, "webhook: %s", problem);
    lb_webhook *webhook = lb_alloc(&lb_default_allocator, sizeof *webhook + count * sizeof *webhook->keys);
    if (!webhook) return lb_fail(error, LB_ENOMEM, "out of memory");
    int status = LB_OK;
    for (size_t i = 0; status == LB_OK && i < count; i++) status = add_key(webhook, secrets[i], error);
    if (status == LB_OK) *out = webhook;
    else lb_webhook_destroy(webhook);
    return status;
}

void lb_webhook_destroy(lb_webhook *webhook) {
    if (!webhook) return;
    while (webhook->count) lb_crypto.EVP_MAC_CTX_free(webhook->keys[--webhook->count]);
    lb_release(&lb_default_allocator, webhook);
}

/* ---- Signatures --------------------------------------------------------------------------------- */

static bool update(EVP_MAC_CTX *key, lb_slice slice) {
    return !slice.size || lb_crypto.EVP_MAC_update(key, (const unsigned char *)slice.data, slice.size);
}

/* The signature in base64, with a NUL. */
static bool sign(EVP_MAC_CTX *key, lb_slice id, lb_slice timestamp, lb_slice body, char out[ENCODED + 1]) {
    unsigned char digest[DIGEST];
    size_t size;
    const lb_slice dot = { ".", 1 };
    if (!lb_crypto.EVP_MAC_init(key, NULL, 0, NULL) || !update(key, id) || !update(key, dot) || !update(key, timestamp) ||
        !update(key, dot) || !update(key, body) || !lb_crypto.EVP_MAC_final(key, digest, &size, sizeof digest))
        return false;
    lb_crypto.EVP_EncodeBlock((unsigned char *)out, digest, DIGEST);
    return true;
}

static bool is_separator(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Is a signature among those of the header, such as "v1,..." and others after spaces? Looks at all of them. */
static bool has(lb_slice header, const char signature[ENCODED]) {
    const char *p = header.data, *end = p + header.size;
    bool found = false;
    while (p < end) {
        while (p < end && is_separator(*p)) p++;
        const char *start = p;
        while (p < end && !is_separator(*p)) p++;
        const char *comma = memchr(start, ',', (size_t)(p - start));
        if (comma && comma > start && p - comma - 1 == ENCODED) found |= lb_crypto.CRYPTO_memcmp(comma + 1, signature, ENCODED) == 0;
    }
    return found;
}

int lb_webhook_sign(const char *secret, const char *id, const char *timestamp, const void *body, size_t size,
                    char out[LB_WEBHOOK_SIGNATURE_SIZE], lb_error *error) {
    lb_error scratch;
    lb_webhook *webhook;
    lb_error_clear(error ? error : (error = &scratch));
    if (!out) return lb_fail(error, LB_EUSAGE, "webhook: the buffer for the signature is NULL");
    *out = '\0';
    if (!id || !timestamp || (!body && size)) return lb_fail(error, LB_EUSAGE, "webhook: id, timestamp or body is NULL");
    int status = lb_webhook_create((const char *const[]){ secret, NULL }, &webhook, error);
    if (status != LB_OK) return status;
    memcpy(out, "v1,", 3);
    if (!sign(webhook->keys[0], lb_slice_text(id), lb_slice_text(timestamp), (lb_slice){ body, size }, out + 3)) {
        *out = '\0';
        status = lb_fail(error, LB_ENOMEM, "webhook: libcrypto refused the HMAC");
    }
    lb_webhook_destroy(webhook);
    return status;
}

/* ---- Verification ------------------------------------------------------------------------------- */

static int refuse(lb_error *error, const char *code, const char *message) {
    lb_set_text(error->code, sizeof error->code, code, strlen(code));
    return lb_fail(error, LB_EWEBHOOK, "%s", message);
}

static bool is_id(lb_slice id) {
    if (id.size > LONGEST_ID) return false;
    for (size_t i = 0; i < id.size; i++)
        if (id.data[i] < '!' || id.data[i] > '~' || id.data[i] == ',') return false; /* a comma: it is there twice */
    return true;
}

/* Seconds, or -1. */
static double read_timestamp(lb_slice timestamp) {
    double seconds = 0;
    if (timestamp.size > MAX_DIGITS) return -1;
    for (size_t i = 0; i < timestamp.size; i++) {
        if (timestamp.data[i] < '0' || timestamp.data[i] > '9') return -1;
        seconds = seconds * 10 + (timestamp.data[i] - '0');
    }
    return seconds;
}

/* A header that is there twice comes as one value with ", " in it. */
static bool is_doubled(lb_slice header) {
    for (size_t i = 0; i + 1 < header.size; i++)
        if (header.data[i] == ',' && header.data[i + 1] == ' ') return true;
    return false;
}

static int check_headers(const lb_webhook_message *m, double *seconds, lb_error *error) {
    const struct { const lb_slice *slice; const char *missing; } headers[] = {
        { &m->id, "the header webhook-id is missing" },
        { &m->timestamp, "the header webhook-timestamp is missing" },
        { &m->signature, "the header webhook-signature is missing" },
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (!headers[i].slice->data || !headers[i].slice->size) return refuse(error, "MISSING_HEADER", headers[i].missing);
    if (!is_id(m->id)) return refuse(error, "MALFORMED_HEADER", "webhook-id is not a valid identifier");
    *seconds = read_timestamp(m->timestamp);
    if (*seconds < 0) return refuse(error, "MALFORMED_HEADER", "webhook-timestamp is not a number of seconds");
    if (is_doubled(m->signature)) return refuse(error, "MALFORMED_HEADER", "webhook-signature is given more than once");
    return LB_OK;
}

static int check_age(const lb_webhook_message *m, double seconds, lb_error *error) {
    double tolerance = m->tolerance > 0 ? m->tolerance : default_tolerance;
    double now = m->now > 0 ? m->now : (double)time(NULL), age = now - seconds;
    if (isnan(m->now) || isnan(m->tolerance)) return lb_fail(error, LB_EUSAGE, "webhook: now or tolerance is not a number");
    if (age <= tolerance && age >= -tolerance) return LB_OK;
    lb_fail(error, LB_EWEBHOOK, age > 0 ? "the webhook is too old (%.0f seconds)" : "the webhook is from the future (%.0f seconds)",
            floor(fabs(age)));
    const char *code = age > 0 ? "TOO_OLD" : "FROM_FUTURE";
    lb_set_text(error->code, sizeof error->code, code, strlen(code));
    return LB_EWEBHOOK;
}

int lb_webhook_verify(lb_webhook *webhook, const lb_webhook_message *m, lb_error *error) {
    lb_error scratch;
    double seconds = 0;
    bool matched = false;
    lb_error_clear(error ? error : (error = &scratch));
    if (!webhook || !m || (!m->body.data && m->body.size))
        return lb_fail(error, LB_EUSAGE, "webhook: the verifier, the message or its body is NULL");
    int status = check_headers(m, &seconds, error);
    if (status == LB_OK) status = check_age(m, seconds, error);
    for (size_t i = 0; status == LB_OK && i < webhook->count; i++) {
        char expected[ENCODED + 1];
        if (sign(webhook->keys[i], m->id, m->timestamp, m->body, expected)) matched |= has(m->signature, expected);
        else status = lb_fail(error, LB_ENOMEM, "webhook: libcrypto refused the HMAC");
        lb_wipe(expected, sizeof expected);
    }
    if (status != LB_OK || matched) return status;
    return refuse(error, "WRONG_SIGNATURE", "no signature matches; is the secret that of this webhook?");
}
