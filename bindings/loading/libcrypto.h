/* libcrypto.h - the functions of OpenSSL's libcrypto that are called: HMAC, base64, comparison, random bytes. */
#ifndef LB_LIBCRYPTO_H
#define LB_LIBCRYPTO_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#define LB_CRYPTO_FUNCTIONS(F)                                                                       \
    F(CRYPTO_memcmp) F(EVP_DecodeBlock) F(EVP_EncodeBlock) F(EVP_MAC_CTX_free) F(EVP_MAC_CTX_new)    \
    F(EVP_MAC_fetch) F(EVP_MAC_final) F(EVP_MAC_free) F(EVP_MAC_init) F(EVP_MAC_update)              \
    F(EVP_sha256) F(HMAC) F(OSSL_PARAM_construct_end) F(OSSL_PARAM_construct_utf8_string) F(RAND_bytes)

typedef struct lb_crypto_functions {
#define LB_CRYPTO_FIELD(name) __typeof__(name) *name;
    LB_CRYPTO_FUNCTIONS(LB_CRYPTO_FIELD)
#undef LB_CRYPTO_FIELD
} lb_crypto_functions;

extern lb_crypto_functions lb_crypto; /* lb_crypto_load() fills it in */

/* May be called again and from any thread. NULL, or what is wrong: a string that stays. */
const char *lb_crypto_load(void);

#endif
