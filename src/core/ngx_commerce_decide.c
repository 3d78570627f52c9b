
#include "ngx_commerce_decide.h"
#include <openssl/crypto.h>
#include <openssl/sha.h>


static ngx_commerce_reason_e ngx_commerce_decide_room(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_proof(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_grant(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_key(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_token(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_jwt(
    ngx_commerce_question_t *q);
static ngx_uint_t ngx_commerce_decide_is_host(ngx_commerce_question_t *q,
    ngx_str_t *subject);
static ngx_commerce_reason_e ngx_commerce_decide_login(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_url(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_viewer(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_anybody(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_claim(
    ngx_commerce_question_t *q, ngx_commerce_claims_t *claim,
    ngx_commerce_claims_t **follower);
static ngx_commerce_reason_e ngx_commerce_decide_out(
    ngx_commerce_question_t *q, ngx_commerce_claims_t *claim);
static ngx_commerce_reason_e ngx_commerce_decide_follows(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_view_room(
    ngx_commerce_question_t *q);
static ngx_commerce_reason_e ngx_commerce_decide_view_host(
    ngx_commerce_question_t *q);


typedef ngx_commerce_reason_e (*ngx_commerce_rule_pt)(
    ngx_commerce_question_t *q);

typedef struct {
    ngx_uint_t               proof;
    ngx_commerce_reason_e  (*verify)(ngx_commerce_question_t *q);
} ngx_commerce_verifier_t;


/*
 * Each action's rules in the order in which they are asked; the first that
 * refuses gives the reason.  Proofs come before states, so that who proves
 * nothing learns nothing.
 */

static ngx_commerce_rule_pt  ngx_commerce_rules[NGX_COMMERCE_ACTIONS][4] = {

    /* publish */
    { ngx_commerce_decide_proof,
      ngx_commerce_decide_room,
      ngx_commerce_decide_host,
      NULL },

    /* view */
    { ngx_commerce_decide_viewer,
      ngx_commerce_decide_view_room,
      ngx_commerce_decide_view_host,
      NULL }
};


/* each says MISSING if its proof was not presented */

static ngx_commerce_verifier_t  ngx_commerce_verifiers[] = {
    { NGX_COMMERCE_PROOF_KEY,   ngx_commerce_decide_key },
    { NGX_COMMERCE_PROOF_TOKEN, ngx_commerce_decide_token },
    { NGX_COMMERCE_PROOF_JWT,   ngx_commerce_decide_jwt },
    { NGX_COMMERCE_PROOF_LOGIN, ngx_commerce_decide_login },
    { NGX_COMMERCE_PROOF_URL,   ngx_commerce_decide_url }
};


static ngx_commerce_reason_e  ngx_commerce_room_verdicts[] = {
    NGX_COMMERCE_ROOM_SCHEDULED,
    NGX_COMMERCE_ALLOWED,
    NGX_COMMERCE_ROOM_CLOSED,
    NGX_COMMERCE_ROOM_BANNED
};


/* a closed room has its replay */

static ngx_commerce_reason_e  ngx_commerce_view_verdicts[] = {
    NGX_COMMERCE_ROOM_SCHEDULED,
    NGX_COMMERCE_ALLOWED,
    NGX_COMMERCE_ALLOWED,
    NGX_COMMERCE_ROOM_BANNED
};


/* what who proves who he is, and no more, may see by a room's visibility */

static ngx_commerce_reason_e  ngx_commerce_identity_verdicts[] = {
    NGX_COMMERCE_ALLOWED,
    NGX_COMMERCE_PROOF_INSUFFICIENT,
    NGX_COMMERCE_NOT_FOLLOWING
};


static ngx_commerce_reason_e  ngx_commerce_host_verdicts[] = {
    NGX_COMMERCE_HOST_APPLIED,
    NGX_COMMERCE_ALLOWED,
    NGX_COMMERCE_HOST_SUSPENDED,
    NGX_COMMERCE_HOST_BANNED
};


ngx_commerce_reason_e
ngx_commerce_decide(ngx_commerce_question_t *q)
{
    ngx_commerce_rule_pt   *rule;
    ngx_commerce_reason_e   reason;

    for (rule = ngx_commerce_rules[q->action]; *rule; rule++) {
        reason = (*rule)(q);

        if (reason != NGX_COMMERCE_ALLOWED) {
            return reason;
        }
    }

    return NGX_COMMERCE_ALLOWED;
}


ngx_commerce_reason_e
ngx_commerce_decide_outcome(ngx_commerce_kind_e kind, ngx_int_t rc)
{
    switch (rc) {

    case NGX_OK:
        return NGX_COMMERCE_ALLOWED;

    case NGX_DECLINED:
        return ngx_commerce_kinds[kind].unknown;

    case NGX_BUSY:
        return NGX_COMMERCE_TOO_MANY_UNKNOWN;

    default: /* NGX_ERROR */
        return NGX_COMMERCE_STORE_AWAY;
    }
}


static ngx_commerce_reason_e
ngx_commerce_decide_room(ngx_commerce_question_t *q)
{
    return ngx_commerce_room_verdicts[q->room->state];
}


ngx_commerce_reason_e
ngx_commerce_decide_host(ngx_commerce_question_t *q)
{
    if (q->host_rc != NGX_OK) {
        return ngx_commerce_decide_outcome(NGX_COMMERCE_HOST, q->host_rc);
    }

    return ngx_commerce_host_verdicts[ngx_commerce_host_state(q->host,
                                                              q->now)];
}


/* any of the accepted proofs is enough; of the wrong ones the last is told */

static ngx_commerce_reason_e
ngx_commerce_decide_proof(ngx_commerce_question_t *q)
{
    ngx_uint_t              i;
    ngx_commerce_reason_e   reason, verdict;

    if (q->room_rc != NGX_OK) {
        return ngx_commerce_decide_outcome(NGX_COMMERCE_ROOM, q->room_rc);
    }

    if (q->grant->proof) {
        return ngx_commerce_decide_grant(q);
    }

    verdict = NGX_COMMERCE_PROOF_MISSING;

    for (i = 0;
         i < sizeof(ngx_commerce_verifiers) / sizeof(ngx_commerce_verifier_t);
         i++)
    {
        if (!(q->proofs & ngx_commerce_verifiers[i].proof)) {
            continue;
        }

        reason = ngx_commerce_verifiers[i].verify(q);

        if (reason == NGX_COMMERCE_ALLOWED) {
            q->grant->proof = ngx_commerce_verifiers[i].proof;
            return NGX_COMMERCE_ALLOWED;
        }

        if (reason != NGX_COMMERCE_PROOF_MISSING) {
            verdict = reason;
        }
    }

    return verdict;
}


static ngx_commerce_reason_e
ngx_commerce_decide_grant(ngx_commerce_question_t *q)
{
    ngx_commerce_room_t   *room;
    ngx_commerce_grant_t  *grant;

    room = q->room;
    grant = q->grant;

    if (grant->host.len != room->host.len
        || ngx_memcmp(grant->host.data, room->host.data, room->host.len) != 0)
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    if ((grant->proof & (NGX_COMMERCE_PROOF_KEY|NGX_COMMERCE_PROOF_LOGIN))
        && (!room->has_key
            || ngx_memcmp(grant->key, room->key, sizeof(room->key)) != 0))
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    return NGX_COMMERCE_ALLOWED;
}


static ngx_commerce_reason_e
ngx_commerce_decide_key(ngx_commerce_question_t *q)
{
    u_char  digest[SHA256_DIGEST_LENGTH];

    if (q->key.len == 0) {
        return NGX_COMMERCE_PROOF_MISSING;
    }

    SHA256(q->key.data, q->key.len, digest);

    if (!q->room->has_key
        || CRYPTO_memcmp(digest, q->room->key, sizeof(q->room->key)) != 0)
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    ngx_memcpy(q->grant->key, digest, sizeof(q->grant->key));

    return NGX_COMMERCE_ALLOWED;
}


static ngx_commerce_reason_e
ngx_commerce_decide_token(ngx_commerce_question_t *q)
{
    ngx_str_t              subject;
    ngx_commerce_reason_e  reason;

    if (q->token.len == 0) {
        return NGX_COMMERCE_PROOF_MISSING;
    }

    reason = ngx_commerce_token_verify(q->secrets, &q->token, &q->room->name,
                                       q->now, &subject);

    if (reason == NGX_COMMERCE_ALLOWED
        && !ngx_commerce_decide_is_host(q, &subject))
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    return reason;
}


static ngx_commerce_reason_e
ngx_commerce_decide_jwt(ngx_commerce_question_t *q)
{
    ngx_commerce_jwt_t     jwt;
    ngx_commerce_times_t   times;
    ngx_commerce_reason_e  reason;

    if (q->jwt.len == 0) {
        return NGX_COMMERCE_PROOF_MISSING;
    }

    ngx_memzero(&times, sizeof(ngx_commerce_times_t));

    times.now = q->now;
    times.skew = q->skew;

    reason = ngx_commerce_jwt_verify(q->jwt_keys, &q->jwt, q->action,
                                     &q->room->name, &times, &jwt);

    if (reason == NGX_COMMERCE_ALLOWED
        && !ngx_commerce_decide_is_host(q, &jwt.claims.subject))
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    return reason;
}


static ngx_uint_t
ngx_commerce_decide_is_host(ngx_commerce_question_t *q, ngx_str_t *subject)
{
    return subject->len == q->room->host.len
           && ngx_memcmp(subject->data, q->room->host.data, subject->len) == 0;
}


/* who logs in knows the key, and stays as long as it is the room's */

static ngx_commerce_reason_e
ngx_commerce_decide_login(ngx_commerce_question_t *q)
{
    if (q->login.response.len == 0) {
        return NGX_COMMERCE_PROOF_MISSING;
    }

    if (!q->room->has_key) {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    ngx_memcpy(q->grant->key, q->room->key, sizeof(q->grant->key));

    return ngx_commerce_login_verify(&q->login, &q->room->name,
                                     &q->room->key_auth, q->now);
}


static ngx_commerce_reason_e
ngx_commerce_decide_url(ngx_commerce_question_t *q)
{
    ngx_commerce_url_t     url;
    ngx_commerce_claims_t  claims;

    url = q->url;
    url.stream = q->room->name;

    return ngx_commerce_url_verify(q->signed_urls, &url, q->action, q->now,
                                   &claims);
}


/*
 * Without a proof, a room that is not known answers as one that is unlisted, and
 * so it does to an identity.  That a claim does not suffice says less than what
 * is wrong with another.
 */

static ngx_commerce_reason_e
ngx_commerce_decide_viewer(ngx_commerce_question_t *q)
{
    ngx_uint_t              i;
    ngx_commerce_claims_t  *follower;
    ngx_commerce_reason_e   reason, verdict;

    q->claim = NULL;
    q->asks_follows = 0;

    if (q->room_rc != NGX_OK && q->room_rc != NGX_DECLINED) {
        return ngx_commerce_decide_outcome(NGX_COMMERCE_ROOM, q->room_rc);
    }

    if (q->nclaims == 0) {
        return ngx_commerce_decide_anybody(q);
    }

    follower = NULL;
    verdict = NGX_COMMERCE_PROOF_INSUFFICIENT;

    for (i = 0; i < q->nclaims; i++) {
        reason = ngx_commerce_decide_claim(q, &q->claims[i], &follower);

        if (reason == NGX_COMMERCE_ALLOWED) {
            q->claim = &q->claims[i];
            return NGX_COMMERCE_ALLOWED;
        }

        if (verdict == NGX_COMMERCE_PROOF_INSUFFICIENT) {
            q->claim = &q->claims[i];
            verdict = reason;
        }
    }

    if (follower && q->follows == NGX_AGAIN) {
        q->claim = follower;
        q->asks_follows = 1;
        return NGX_COMMERCE_STORE_AWAY;
    }

    return verdict;
}


static ngx_commerce_reason_e
ngx_commerce_decide_anybody(ngx_commerce_question_t *q)
{
    if (q->room_rc == NGX_OK
        && q->room->visibility == NGX_COMMERCE_VISIBILITY_PUBLIC)
    {
        return NGX_COMMERCE_ALLOWED;
    }

    return q->no_claims == NGX_COMMERCE_ALLOWED ? NGX_COMMERCE_PROOF_MISSING
                                                : q->no_claims;
}


/*
 * Who is out of an unlisted room is not looked at for who could not get in: else
 * it would show that there is such a room.
 */

static ngx_commerce_reason_e
ngx_commerce_decide_claim(ngx_commerce_question_t *q,
    ngx_commerce_claims_t *claim, ngx_commerce_claims_t **follower)
{
    ngx_commerce_reason_e  reason, verdict;

    if (q->room_rc != NGX_OK) {
        return claim->room.len ? NGX_COMMERCE_ROOM_UNKNOWN
                               : NGX_COMMERCE_PROOF_INSUFFICIENT;
    }

    verdict = claim->room.len
              ? NGX_COMMERCE_ALLOWED
              : ngx_commerce_identity_verdicts[q->room->visibility];

    if (verdict == NGX_COMMERCE_PROOF_INSUFFICIENT) {
        return verdict;
    }

    reason = ngx_commerce_decide_out(q, claim);

    if (reason != NGX_COMMERCE_ALLOWED || verdict == NGX_COMMERCE_ALLOWED) {
        return reason;
    }

    /* of several identities it is the first one that is asked about */

    if (*follower) {
        return NGX_COMMERCE_PROOF_INSUFFICIENT;
    }

    *follower = claim;

    return ngx_commerce_decide_follows(q);
}


/* when a claim was issued that does not say it is when it is seen first: now */

static ngx_commerce_reason_e
ngx_commerce_decide_out(ngx_commerce_question_t *q,
    ngx_commerce_claims_t *claim)
{
    int64_t                 issued;
    ngx_commerce_ousted_t  *viewer;

    if (q->out_rc != NGX_OK) {
        return ngx_commerce_decide_outcome(NGX_COMMERCE_OUT, q->out_rc);
    }

    viewer = claim->subject.len
             ? ngx_commerce_out_find(q->out, &claim->subject) : NULL;

    if (viewer && viewer->banned
        && (viewer->until == 0 || viewer->until > q->now))
    {
        return NGX_COMMERCE_VIEWER_BANNED;
    }

    issued = claim->issued ? claim->issued : q->now;

    if (issued <= q->out->void_until
        || (viewer && issued <= viewer->void_until))
    {
        return NGX_COMMERCE_VIEWER_SIGNED_OUT;
    }

    return NGX_COMMERCE_ALLOWED;
}


static ngx_commerce_reason_e
ngx_commerce_decide_follows(ngx_commerce_question_t *q)
{
    switch (q->follows) {

    case NGX_OK:
        return NGX_COMMERCE_ALLOWED;

    case NGX_DECLINED:
        return NGX_COMMERCE_NOT_FOLLOWING;

    default: /* NGX_ERROR; NGX_AGAIN: it is to be asked */
        return NGX_COMMERCE_STORE_AWAY;
    }
}


static ngx_commerce_reason_e
ngx_commerce_decide_view_room(ngx_commerce_question_t *q)
{
    return ngx_commerce_view_verdicts[q->room->state];
}


/* who watches does not ask whether a host was approved, but a ban is one */

static ngx_commerce_reason_e
ngx_commerce_decide_view_host(ngx_commerce_question_t *q)
{
    ngx_commerce_host_state_e  state;

    switch (q->host_rc) {

    case NGX_OK:
        state = ngx_commerce_host_state(q->host, q->now);

        return state == NGX_COMMERCE_HOST_STATE_BANNED
               ? NGX_COMMERCE_HOST_BANNED
               : NGX_COMMERCE_ALLOWED;

    case NGX_DECLINED:
        return NGX_COMMERCE_ALLOWED;

    default:
        return ngx_commerce_decide_outcome(NGX_COMMERCE_HOST, q->host_rc);
    }
}
