
#include "ngx_http_commerce_api_proof.h"
#include "ngx_commerce_viewer.h"
#include <openssl/crypto.h>
#include <openssl/sha.h>


static ngx_uint_t ngx_http_commerce_api_proof_argument(ngx_str_t *args,
    ngx_str_t *value);
static ngx_http_commerce_api_proof_e ngx_http_commerce_api_proof_form(
    ngx_str_t *value);
static void ngx_http_commerce_api_proof_judge_token(
    ngx_http_commerce_api_proof_t *proof, ngx_commerce_tenant_t *tenant,
    ngx_str_t *room, int64_t now);
static void ngx_http_commerce_api_proof_time(json_t *json, const char *name,
    int64_t at, const char *since, int64_t ms);


/* by ngx_http_commerce_api_proof_e */

static ngx_str_t  ngx_http_commerce_api_proof_forms[] = {
    ngx_string("none"),
    ngx_string("key"),
    ngx_string("token"),
    ngx_string("viewer"),
    ngx_string("jwt"),
    ngx_string("url")
};


/* the arguments that proofs travel as */

static ngx_str_t  ngx_http_commerce_api_proof_arguments[] = {
    ngx_string("key="),
    ngx_string("token="),
    ngx_string("jwt="),
    ngx_string("viewer="),
    ngx_null_string
};


void
ngx_http_commerce_api_proof_read(ngx_http_commerce_api_proof_t *proof,
    ngx_str_t *text, ngx_str_t *room)
{
    u_char     *p, *last, *mark;
    ngx_str_t   path;

    p = text->data;
    last = p + text->len;

    while (p < last && *p <= ' ') {
        p++;
    }

    while (last > p && last[-1] <= ' ') {
        last--;
    }

    proof->value.data = p;
    proof->value.len = last - p;

    mark = ngx_strlchr(p, last, '?');

    if (mark == NULL) {
        proof->form = ngx_http_commerce_api_proof_form(&proof->value);
        return;
    }

    proof->url.args.data = mark + 1;
    proof->url.args.len = last - mark - 1;

    if (ngx_http_commerce_api_proof_argument(&proof->url.args, &proof->value))
    {
        proof->form = ngx_http_commerce_api_proof_form(&proof->value);
        return;
    }

    path.data = p;
    path.len = mark - p;

    proof->form = NGX_HTTP_COMMERCE_API_PROOF_URL;
    proof->url.stream = *room;
    proof->url.app = ngx_commerce_url_app(&path, room);
}


/* 1 if the arguments have one that is a proof */

static ngx_uint_t
ngx_http_commerce_api_proof_argument(ngx_str_t *args, ngx_str_t *value)
{
    u_char     *p, *last, *end;
    ngx_str_t  *name;

    last = args->data + args->len;

    for (p = args->data; p < last; p = end + 1) {
        end = ngx_strlchr(p, last, '&');

        if (end == NULL) {
            end = last;
        }

        for (name = ngx_http_commerce_api_proof_arguments; name->len; name++) {

            if ((size_t) (end - p) > name->len
                && ngx_strncasecmp(p, name->data, name->len) == 0)
            {
                value->data = p + name->len;
                value->len = end - value->data;
                return 1;
            }
        }
    }

    return 0;
}


/* a key may have any form; see ngx_http_commerce_api_proof_compare() */

static ngx_http_commerce_api_proof_e
ngx_http_commerce_api_proof_form(ngx_str_t *value)
{
    u_char      *p, *last;
    ngx_uint_t   dots;

    if (value->len == 0) {
        return NGX_HTTP_COMMERCE_API_PROOF_NONE;
    }

    dots = 0;
    last = value->data + value->len;

    for (p = value->data; p < last; p++) {
        dots += (*p == '.');
    }

    if (dots == 4 && value->data[1] == '.') {
        return NGX_HTTP_COMMERCE_API_PROOF_VIEWER;
    }

    if (dots != 2) {
        return NGX_HTTP_COMMERCE_API_PROOF_KEY;
    }

    return (value->data[0] >= '0' && value->data[0] <= '9')
           ? NGX_HTTP_COMMERCE_API_PROOF_TOKEN
           : NGX_HTTP_COMMERCE_API_PROOF_JWT;
}


void
ngx_http_commerce_api_proof_judge(ngx_http_commerce_api_proof_t *proof,
    ngx_commerce_tenant_t *tenant, ngx_commerce_action_e action,
    ngx_str_t *room)
{
    ngx_commerce_times_t  times;

    ngx_commerce_tenant_times(tenant, &times);

    proof->reason = NGX_COMMERCE_PROOF_WRONG;

    switch (proof->form) {

    case NGX_HTTP_COMMERCE_API_PROOF_NONE:
        proof->reason = NGX_COMMERCE_PROOF_MISSING;
        return;

    case NGX_HTTP_COMMERCE_API_PROOF_KEY:
        return;

    case NGX_HTTP_COMMERCE_API_PROOF_TOKEN:
        ngx_http_commerce_api_proof_judge_token(proof, tenant, room,
                                                times.now);
        break;

    case NGX_HTTP_COMMERCE_API_PROOF_VIEWER:
        proof->reason = ngx_commerce_viewer_verify(tenant->secrets,
                                                   &proof->value, room, &times,
                                                   &proof->claims);
        proof->proved = (proof->reason != NGX_COMMERCE_PROOF_WRONG);
        break;

    case NGX_HTTP_COMMERCE_API_PROOF_JWT:
        proof->reason = ngx_commerce_jwt_verify(tenant->jwt_keys,
                                                &proof->value, action, room,
                                                &times, &proof->jwt);
        proof->wrong = proof->jwt.wrong;
        proof->proved = (proof->reason == NGX_COMMERCE_ALLOWED);

        if (proof->reason != NGX_COMMERCE_PROOF_WRONG) {
            proof->claims = proof->jwt.claims;
        }

        return;

    case NGX_HTTP_COMMERCE_API_PROOF_URL:
        proof->reason = ngx_commerce_url_verify(tenant->signed_urls,
                                                &proof->url, action, times.now,
                                                &proof->claims);
        proof->proved = (proof->reason == NGX_COMMERCE_ALLOWED);
        break;
    }

    if (!proof->proved) {
        ngx_memzero(&proof->claims, sizeof(ngx_commerce_claims_t));

    } else if (proof->reason == NGX_COMMERCE_ALLOWED
               && proof->claims.action != action)
    {
        proof->reason = NGX_COMMERCE_PROOF_OTHER_ACTION;
    }
}


static void
ngx_http_commerce_api_proof_judge_token(ngx_http_commerce_api_proof_t *proof,
    ngx_commerce_tenant_t *tenant, ngx_str_t *room, int64_t now)
{
    ngx_str_t  expiry;

    proof->reason = ngx_commerce_token_verify(tenant->secrets, &proof->value,
                                              room, now,
                                              &proof->claims.subject);

    if (proof->reason == NGX_COMMERCE_PROOF_WRONG) {
        return;
    }

    expiry.data = proof->value.data;
    expiry.len = proof->claims.subject.data - 1 - expiry.data;

    proof->claims.action = NGX_COMMERCE_ACTION_PUBLISH;
    proof->claims.room = *room;
    proof->claims.expires = ngx_commerce_number(&expiry) * 1000;
    proof->proved = 1;
}


void
ngx_http_commerce_api_proof_compare(ngx_http_commerce_api_proof_t *proof,
    ngx_commerce_action_e action, ngx_commerce_room_t *room)
{
    u_char      digest[SHA256_DIGEST_LENGTH];
    ngx_str_t  *subject;

    if (action != NGX_COMMERCE_ACTION_PUBLISH) {
        return;
    }

    SHA256(proof->value.data, proof->value.len, digest);

    if (room->has_key
        && CRYPTO_memcmp(digest, room->key, sizeof(room->key)) == 0)
    {
        proof->form = NGX_HTTP_COMMERCE_API_PROOF_KEY;
        proof->reason = NGX_COMMERCE_ALLOWED;
        proof->wrong = NULL;
        return;
    }

    subject = &proof->claims.subject;

    if (proof->reason == NGX_COMMERCE_ALLOWED
        && subject->len
        && !ngx_http_commerce_api_same(subject, &room->host))
    {
        proof->reason = NGX_COMMERCE_PROOF_WRONG;
        proof->wrong = "its subject is not the room's host";
    }
}


json_t *
ngx_http_commerce_api_proof_json(ngx_http_commerce_api_proof_t *proof,
    int64_t now)
{
    json_t                 *json;
    ngx_commerce_claims_t  *claims;

    claims = &proof->claims;

    json = json_object();
    json_object_set_new(json, "form",
                        ngx_http_commerce_json_string(
                              &ngx_http_commerce_api_proof_forms[proof->form]));
    json_object_set_new(json, "reason",
                        ngx_http_commerce_json_string(
                                         ngx_commerce_reason(proof->reason)));

    if (proof->wrong) {
        json_object_set_new(json, "wrong", json_string(proof->wrong));
    }

    if (claims->expires == 0) {
        return json;
    }

    json_object_set_new(json, "proved", json_boolean(proof->proved));
    json_object_set_new(json, "action",
                        json_string(claims->action
                                    == NGX_COMMERCE_ACTION_PUBLISH
                                    ? "publish" : "view"));

    ngx_http_commerce_json_add(json, "room", &claims->room);
    ngx_http_commerce_json_add(json, "subject", &claims->subject);

    if (claims->session) {
        json_object_set_new(json, "session", json_true());
    }

    ngx_http_commerce_api_proof_time(json, "issued", claims->issued, "age",
                                     now - claims->issued);
    ngx_http_commerce_api_proof_time(json, "not_before", proof->jwt.not_before,
                                     "valid_for",
                                     now - proof->jwt.not_before);
    ngx_http_commerce_api_proof_time(json, "expires", claims->expires, "left",
                                     claims->expires - now);

    return json;
}


/* a time, and how far it is from now; 0 is none */

static void
ngx_http_commerce_api_proof_time(json_t *json, const char *name, int64_t at,
    const char *since, int64_t ms)
{
    if (at == 0) {
        return;
    }

    json_object_set_new(json, name, json_integer(at));
    json_object_set_new(json, since, json_integer(ms));
}
