
/*
 * The decision that a publisher or a viewer would get with a proof, and what
 * it rests on.  The proof is looked at and forgotten: it stands in no log and
 * in no answer.
 */

#include "ngx_http_commerce_api_explain.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_proof.h"
#include "ngx_http_commerce_answer.h"


typedef struct {
    ngx_str_t                        room;
    ngx_commerce_question_t          q;
    ngx_commerce_grant_t             grant;
    ngx_http_commerce_api_proof_t    proof;
    ngx_commerce_reason_e            reason;
} ngx_http_commerce_api_explain_t;


static ngx_int_t ngx_http_commerce_api_explain_go_on(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_api_explain_decide(ngx_http_request_t *r,
    ngx_http_commerce_api_explain_t *explain);
static ngx_int_t ngx_http_commerce_api_explain_look_up(ngx_http_request_t *r,
    ngx_http_commerce_api_explain_t *explain);
static void ngx_http_commerce_api_explain_bring(
    ngx_http_commerce_api_t *api, ngx_http_commerce_api_explain_t *explain);
static json_t *ngx_http_commerce_api_explain_room(ngx_commerce_question_t *q);
static json_t *ngx_http_commerce_api_explain_host(ngx_commerce_question_t *q);
static json_t *ngx_http_commerce_api_explain_viewer(
    ngx_commerce_question_t *q);
static json_t *ngx_http_commerce_api_explain_clock(
    ngx_commerce_tenant_t *tenant, int64_t now);


ngx_int_t
ngx_http_commerce_api_explain(ngx_http_commerce_api_t *api)
{
    ngx_int_t                         rc;
    ngx_str_t                        *word, *text, none;
    ngx_http_commerce_api_changes_t   changes;
    ngx_http_commerce_api_explain_t  *explain;

    rc = ngx_http_commerce_api_field_read_changes(api,
                            ngx_http_commerce_api_explain_fields, 1, &changes);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    explain = ngx_pcalloc(api->request->pool,
                          sizeof(ngx_http_commerce_api_explain_t));
    if (explain == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    api->data = explain;

    explain->room = *ngx_http_commerce_api_field_new_value(&changes, "room");
    word = ngx_http_commerce_api_field_new_value(&changes, "action");
    text = ngx_http_commerce_api_field_new_value(&changes, "proof");

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &explain->room)) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "bad_name",
                                            "this is no name of a room");
    }

    ngx_str_null(&none);

    explain->q.action = ngx_commerce_word(ngx_http_commerce_api_actions, word);

    ngx_http_commerce_api_proof_read(&explain->proof, text ? text : &none,
                                     &explain->room);

    rc = ngx_http_commerce_api_explain_go_on(api->request);

    if (rc == NGX_DONE) {
        /* whoever waits has a reference, and that of the body is let go */
        ngx_http_finalize_request(api->request, NGX_DONE);
    }

    return rc;
}


/* once more after each wait: records are good only until the handler returns */

static ngx_int_t
ngx_http_commerce_api_explain_go_on(ngx_http_request_t *r)
{
    json_t                           *json;
    ngx_commerce_question_t          *q;
    ngx_http_commerce_api_t          *api;
    ngx_http_commerce_api_explain_t  *explain;

    api = ngx_http_get_module_ctx(r, ngx_http_commerce_api_module);
    explain = api->data;
    q = &explain->q;

    ngx_http_commerce_api_explain_bring(api, explain);

    if (ngx_http_commerce_api_explain_decide(r, explain) == NGX_AGAIN) {
        return NGX_DONE;
    }

    json = json_object();
    json_object_set_new(json, "reason",
                        ngx_http_commerce_json_string(
                                        ngx_commerce_reason(explain->reason)));
    json_object_set_new(json, "passes",
                 json_boolean(ngx_commerce_reason_passes(explain->reason)));
    json_object_set_new(json, "proof",
                        ngx_http_commerce_api_proof_json(&explain->proof,
                                                         q->now));
    json_object_set_new(json, "room", ngx_http_commerce_api_explain_room(q));
    json_object_set_new(json, "host", ngx_http_commerce_api_explain_host(q));

    if (q->action == NGX_COMMERCE_ACTION_VIEW) {
        json_object_set_new(json, "viewer",
                            ngx_http_commerce_api_explain_viewer(q));
    }

    json_object_set_new(json, "clock",
                        ngx_http_commerce_api_explain_clock(api->tenant,
                                                            q->now));

    return ngx_http_commerce_send_value(r, NGX_HTTP_OK, json);
}


/* the proof as whoever brings it would, wherever it may stand */

static void
ngx_http_commerce_api_explain_bring(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_explain_t *explain)
{
    ngx_commerce_action_e           action;
    ngx_commerce_tenant_t          *tenant;
    ngx_commerce_question_t        *q;
    ngx_http_commerce_api_proof_t  *proof;

    tenant = api->tenant;
    q = &explain->q;
    proof = &explain->proof;

    ngx_http_commerce_api_proof_judge(proof, tenant, q->action,
                                      &explain->room);

    action = q->action;
    ngx_memzero(q, sizeof(ngx_commerce_question_t));
    ngx_memzero(&explain->grant, sizeof(ngx_commerce_grant_t));

    q->action = action;
    q->now = ngx_commerce_now(tenant);
    q->skew = tenant->skew;
    q->secrets = tenant->secrets;
    q->jwt_keys = tenant->jwt_keys;
    q->signed_urls = tenant->signed_urls;
    q->grant = &explain->grant;
    q->proofs = NGX_COMMERCE_PROOF_KEY|NGX_COMMERCE_PROOF_TOKEN
                |NGX_COMMERCE_PROOF_JWT|NGX_COMMERCE_PROOF_URL;

    if (proof->form == NGX_HTTP_COMMERCE_API_PROOF_URL) {
        q->url = proof->url;

    } else {
        q->key = proof->value;
    }

    if (proof->form == NGX_HTTP_COMMERCE_API_PROOF_TOKEN) {
        q->token = proof->value;
    }

    if (proof->form == NGX_HTTP_COMMERCE_API_PROOF_JWT) {
        q->jwt = proof->value;
    }

    q->claims = &proof->claims;
    q->nclaims = (proof->reason == NGX_COMMERCE_ALLOWED);
    q->no_claims = proof->reason;
    q->follows = NGX_AGAIN;
}


/* NGX_OK; NGX_AGAIN: something is waited for */

static ngx_int_t
ngx_http_commerce_api_explain_decide(ngx_http_request_t *r,
    ngx_http_commerce_api_explain_t *explain)
{
    ngx_commerce_question_t  *q;

    q = &explain->q;

    if (ngx_http_commerce_api_explain_look_up(r, explain) == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (q->room_rc == NGX_OK) {
        ngx_http_commerce_api_proof_compare(&explain->proof, q->action,
                                            q->room);
    }

    explain->reason = ngx_commerce_decide(q);

    if (!q->asks_follows) {
        return NGX_OK;
    }

    q->follows = ngx_http_commerce_follows(r, &q->room->host,
                                         &q->claim->subject,
                                         NGX_HTTP_COMMERCE_CONTENT,
                                         ngx_http_commerce_api_explain_go_on);

    if (q->follows == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    explain->reason = ngx_commerce_decide(q);

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_api_explain_look_up(ngx_http_request_t *r,
    ngx_http_commerce_api_explain_t *explain)
{
    ngx_commerce_purpose_e    purpose;
    ngx_commerce_question_t  *q;

    q = &explain->q;

    purpose = (q->action == NGX_COMMERCE_ACTION_PUBLISH)
              ? NGX_COMMERCE_FOR_HOSTS : NGX_COMMERCE_FOR_VIEWERS;

    q->host_rc = NGX_DECLINED;
    q->out_rc = NGX_DECLINED;

    q->room_rc = ngx_http_commerce_get(r, NGX_COMMERCE_ROOM, &explain->room,
                                       purpose, (void **) &q->room,
                                       NGX_HTTP_COMMERCE_CONTENT,
                                       ngx_http_commerce_api_explain_go_on);

    if (q->room_rc != NGX_OK) {
        return q->room_rc;
    }

    if (q->room->host.len) {
        q->host_rc = ngx_http_commerce_get(r, NGX_COMMERCE_HOST,
                                         &q->room->host, purpose,
                                         (void **) &q->host,
                                         NGX_HTTP_COMMERCE_CONTENT,
                                         ngx_http_commerce_api_explain_go_on);

        if (q->host_rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }
    }

    if (q->action == NGX_COMMERCE_ACTION_PUBLISH || q->nclaims == 0) {
        return NGX_OK;
    }

    q->out_rc = ngx_http_commerce_get(r, NGX_COMMERCE_OUT, &explain->room,
                                      purpose, (void **) &q->out,
                                      NGX_HTTP_COMMERCE_CONTENT,
                                      ngx_http_commerce_api_explain_go_on);

    return q->out_rc;
}


/* null: it is not known, or can't be; the reason says */

static json_t *
ngx_http_commerce_api_explain_room(ngx_commerce_question_t *q)
{
    json_t               *json;
    ngx_commerce_room_t  *room;

    if (q->room_rc != NGX_OK) {
        return json_null();
    }

    room = q->room;

    json = json_object();
    json_object_set_new(json, "state",
                        ngx_http_commerce_json_string(
                                     &ngx_commerce_room_states[room->state]));
    json_object_set_new(json, "visibility",
                        ngx_http_commerce_json_string(
                               &ngx_commerce_visibilities[room->visibility]));
    ngx_http_commerce_json_add(json, "host", &room->host);

    if (room->starts) {
        json_object_set_new(json, "starts", json_integer(room->starts));
    }

    json_object_set_new(json, "has_key", json_boolean(room->has_key));
    json_object_set_new(json, "live", json_boolean(room->holder.len != 0));

    return json;
}


static json_t *
ngx_http_commerce_api_explain_host(ngx_commerce_question_t *q)
{
    json_t               *json;
    ngx_commerce_host_t  *host;

    if (q->host_rc != NGX_OK) {
        return json_null();
    }

    host = q->host;

    json = json_object();
    json_object_set_new(json, "state",
                        ngx_http_commerce_json_string(
                                     &ngx_commerce_host_states[host->state]));
    json_object_set_new(json, "in_force",
                        ngx_http_commerce_json_string(
                             &ngx_commerce_host_states[
                                     ngx_commerce_host_state(host, q->now)]));

    if (host->until) {
        json_object_set_new(json, "until", json_integer(host->until));
    }

    ngx_http_commerce_json_add(json, "reason", &host->reason);

    return json;
}


/* null: there is nobody in particular, or it is not known who is out */

static json_t *
ngx_http_commerce_api_explain_viewer(ngx_commerce_question_t *q)
{
    json_t                 *json;
    int64_t                 from;
    ngx_commerce_ousted_t  *ousted;

    if (q->nclaims == 0 || q->out_rc != NGX_OK) {
        return json_null();
    }

    ousted = q->claims->subject.len
             ? ngx_commerce_out_find(q->out, &q->claims->subject) : NULL;

    from = ousted ? ngx_max(ousted->void_until, q->out->void_until)
                  : q->out->void_until;

    json = json_object();
    json_object_set_new(json, "banned",
                        json_boolean(ousted && ousted->banned
                                     && (ousted->until == 0
                                         || ousted->until > q->now)));

    if (ousted && ousted->until) {
        json_object_set_new(json, "until", json_integer(ousted->until));
    }

    if (from) {
        json_object_set_new(json, "signed_out", json_integer(from));
    }

    if (q->follows == NGX_OK || q->follows == NGX_DECLINED) {
        json_object_set_new(json, "follows",
                            json_boolean(q->follows == NGX_OK));
    }

    return json;
}


static json_t *
ngx_http_commerce_api_explain_clock(ngx_commerce_tenant_t *tenant,
    int64_t now)
{
    json_t  *json;

    json = json_object();
    json_object_set_new(json, "now", json_integer(now));
    json_object_set_new(json, "offset",
                       json_integer((int64_t) tenant->stats->clock_offset));
    json_object_set_new(json, "skew", json_integer(tenant->skew));

    return json;
}
