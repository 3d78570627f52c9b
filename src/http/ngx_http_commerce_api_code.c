
#include "ngx_http_commerce_api_code.h"
#include "ngx_http_commerce_api_event.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_redis.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_commerce_code.h"


#define NGX_HTTP_COMMERCE_API_CODES_MAX  1000      /* of a room */
#define NGX_HTTP_COMMERCE_API_CODE_USES  1000000   /* of a code */
#define NGX_HTTP_COMMERCE_API_CODE_AGE   (366 * 86400000LL)   /* ms */


typedef struct {
    ngx_str_t                        code;
    ngx_str_t                        id;
    int64_t                          uses;
    ngx_http_commerce_api_changes_t  changes;
} ngx_http_commerce_api_code_t;


static ngx_int_t ngx_http_commerce_api_code_check(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_code_t *code);
static ngx_int_t ngx_http_commerce_api_code_make(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_code_t *code);
static ngx_int_t ngx_http_commerce_api_code_added(ngx_http_commerce_api_t *api,
    redisReply *reply);
static ngx_int_t ngx_http_commerce_api_code_read_done(
    ngx_http_commerce_api_t *api, redisReply *reply);
static void ngx_http_commerce_api_code_member(json_t *codes, ngx_str_t *name,
    ngx_str_t *value);
static json_t *ngx_http_commerce_api_code_list(ngx_http_commerce_api_t *api,
    json_t *codes);
static ngx_int_t ngx_http_commerce_api_code_removed(
    ngx_http_commerce_api_t *api, redisReply *reply);


ngx_int_t
ngx_http_commerce_api_code_add(ngx_http_commerce_api_t *api)
{
    ngx_int_t                      rc;
    ngx_str_t                     *label;
    ngx_array_t                   *args;
    ngx_http_commerce_api_code_t  *code;

    code = ngx_pcalloc(api->request->pool,
                       sizeof(ngx_http_commerce_api_code_t));
    if (code == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_commerce_api_code_check(api, code);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ngx_http_commerce_api_code_make(api, code) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    api->data = code;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_record(api, args);
    ngx_http_commerce_api_redis_push_part(api, args, ":codes");
    ngx_http_commerce_api_redis_push_conditions(api, args);
    ngx_http_commerce_api_redis_push_number(args,
                                            NGX_HTTP_COMMERCE_API_CODES_MAX);
    ngx_http_commerce_api_redis_push(args, &code->id);
    ngx_http_commerce_api_redis_push(args,
          ngx_http_commerce_api_field_new_value(&code->changes, "until"));
    ngx_http_commerce_api_redis_push_number(args, code->uses);

    label = ngx_http_commerce_api_field_new_value(&code->changes, "label");

    if (label) {
        ngx_http_commerce_api_redis_push(args, label);

    } else {
        ngx_http_commerce_api_redis_push_literal(args, "");
    }

    return ngx_http_commerce_api_redis_eval(api,
                                       &ngx_commerce_redis_script_code_add, 2,
                                       args, ngx_http_commerce_api_code_added);
}


/* NGX_DECLINED: go on */

static ngx_int_t
ngx_http_commerce_api_code_check(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_code_t *code)
{
    ngx_int_t   rc;
    ngx_str_t  *text;

    rc = ngx_http_commerce_api_field_read_changes(api,
                      ngx_http_commerce_api_code_fields, 1, &code->changes);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    text = ngx_http_commerce_api_field_new_value(&code->changes, "until");

    if (ngx_commerce_number(text)
        > ngx_commerce_now(api->tenant) + NGX_HTTP_COMMERCE_API_CODE_AGE)
    {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "field_wrong",
                                            "/until has to be within "
                                            "366 days, in ms since 1970");
    }

    code->uses = NGX_HTTP_COMMERCE_API_CODE_USES;
    text = ngx_http_commerce_api_field_new_value(&code->changes, "uses");

    if (text) {
        code->uses = ngx_commerce_number(text);
    }

    if (code->uses < 1 || code->uses > NGX_HTTP_COMMERCE_API_CODE_USES) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "field_wrong",
                                            "/uses has to be a whole number "
                                            "from 1 to %d",
                                            NGX_HTTP_COMMERCE_API_CODE_USES);
    }

    if (api->tenant->secrets == NULL) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_CONFLICT,
                                            "secret_missing",
                                            "codes are kept by a secret, of "
                                            "which this edge has none");
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_commerce_api_code_make(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_code_t *code)
{
    u_char  *p;

    p = ngx_pnalloc(api->request->pool,
                    NGX_COMMERCE_CODE + NGX_COMMERCE_TOKEN_MAC);
    if (p == NULL) {
        return NGX_ERROR;
    }

    code->code.data = p;
    code->code.len = NGX_COMMERCE_CODE;
    code->id.data = p + NGX_COMMERCE_CODE;
    code->id.len = NGX_COMMERCE_TOKEN_MAC;

    if (ngx_commerce_code_make(code->code.data) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_commerce_code_name(api->tenant->secrets->elts, &api->name,
                                  &code->code, code->id.data);
}


static ngx_int_t
ngx_http_commerce_api_code_added(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t                        *json;
    int64_t                        version;
    ngx_int_t                      rc;
    ngx_str_t                     *text, host, show;
    ngx_http_commerce_api_code_t  *code;

    code = api->data;

    rc = ngx_http_commerce_api_redis_verdict(api, reply, 4);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    host = ngx_http_commerce_api_redis_text(reply, 2);
    show = ngx_http_commerce_api_redis_text(reply, 3);

    ngx_http_commerce_api_event(api, "code_made", "host", &host, "show", &show,
                                "code", &code->id,
                                "until",
                  ngx_http_commerce_api_field_new_value(&code->changes,
                                                        "until"), NULL);

    version = ngx_http_commerce_api_redis_number(reply, 1);

    json = json_object();
    json_object_set_new(json, "id", ngx_http_commerce_json_string(&code->id));
    json_object_set_new(json, "code",
                        ngx_http_commerce_json_string(&code->code));

    text = ngx_http_commerce_api_field_new_value(&code->changes, "label");

    if (text) {
        ngx_http_commerce_json_add(json, "label", text);
    }

    text = ngx_http_commerce_api_field_new_value(&code->changes, "until");

    json_object_set_new(json, "until", ngx_http_commerce_json_number(text));
    json_object_set_new(json, "uses", json_integer(code->uses));
    json_object_set_new(json, "version", json_integer(version));

    return ngx_http_commerce_api_answer(api, NGX_HTTP_CREATED, json, version);
}


ngx_int_t
ngx_http_commerce_api_code_read(ngx_http_commerce_api_t *api)
{
    ngx_array_t  *args;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_record(api, args);
    ngx_http_commerce_api_redis_push_part(api, args, ":codes");

    return ngx_http_commerce_api_redis_eval(api,
                                   &ngx_commerce_redis_script_code_read, 2,
                                   args, ngx_http_commerce_api_code_read_done);
}


static ngx_int_t
ngx_http_commerce_api_code_read_done(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    size_t       i;
    json_t      *codes, *json;
    int64_t      version;
    ngx_int_t    rc;
    ngx_str_t    name, value;
    redisReply  *all;

    rc = ngx_http_commerce_api_redis_verdict(api, reply, 3);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    all = reply->element[2];

    if (all->type != REDIS_REPLY_ARRAY) {
        return ngx_http_commerce_api_redis_not_understood(api);
    }

    codes = json_object();

    for (i = 0; i + 1 < all->elements; i += 2) {
        name = ngx_http_commerce_api_redis_text(all, i);
        value = ngx_http_commerce_api_redis_text(all, i + 1);

        ngx_http_commerce_api_code_member(codes, &name, &value);
    }

    version = ngx_http_commerce_api_redis_number(reply, 1);

    json = json_object();
    json_object_set_new(json, "codes",
                        ngx_http_commerce_api_code_list(api, codes));
    json_object_set_new(json, "version", json_integer(version));

    json_decref(codes);

    /* they are used, and end, without another version */
    api->more = 1;

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}


/* ID:MEMBER of the hash becomes a member of ID */

static void
ngx_http_commerce_api_code_member(json_t *codes, ngx_str_t *name,
    ngx_str_t *value)
{
    char     id[NGX_COMMERCE_TOKEN_MAC + 1], *member;
    json_t  *code;

    if (name->len <= sizeof(id)
        || name->data[NGX_COMMERCE_TOKEN_MAC] != ':')
    {
        return;
    }

    ngx_cpystrn((u_char *) id, name->data, sizeof(id));

    code = json_object_get(codes, id);

    if (code == NULL) {
        code = json_pack("{s:s}", "id", id);

        if (json_object_set_new(codes, id, code) != 0) {
            return;
        }
    }

    /* hiredis ends its strings by a zero */
    member = (char *) name->data + sizeof(id);

    if (ngx_strcmp(member, "label") == 0) {
        ngx_http_commerce_json_add(code, member, value);

    } else if (ngx_strcmp(member, "until") == 0
               || ngx_strcmp(member, "uses") == 0
               || ngx_strcmp(member, "used") == 0)
    {
        json_object_set_new(code, member,
                            ngx_http_commerce_json_number(value));
    }
}


/* those that still let in */

static json_t *
ngx_http_commerce_api_code_list(ngx_http_commerce_api_t *api, json_t *codes)
{
    json_t      *list, *code;
    int64_t      now;
    const char  *id;

    now = ngx_commerce_now(api->tenant);
    list = json_array();

    json_object_foreach(codes, id, code) {
        if (json_integer_value(json_object_get(code, "until")) > now) {
            json_array_append(list, code);
        }
    }

    return list;
}


ngx_int_t
ngx_http_commerce_api_code_remove(ngx_http_commerce_api_t *api)
{
    char          suffix[sizeof(":code:") + NGX_COMMERCE_NAME_MAX];
    ngx_array_t  *args;

    ngx_sprintf((u_char *) suffix, ":code:%V%Z", &api->member);

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_record(api, args);
    ngx_http_commerce_api_redis_push_part(api, args, ":codes");
    ngx_http_commerce_api_redis_push_part(api, args, suffix);
    ngx_http_commerce_api_redis_push_conditions(api, args);
    ngx_http_commerce_api_redis_push(args, &api->member);

    return ngx_http_commerce_api_redis_eval(api,
                                     &ngx_commerce_redis_script_code_remove, 3,
                                     args, ngx_http_commerce_api_code_removed);
}


static ngx_int_t
ngx_http_commerce_api_code_removed(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t     *json;
    int64_t     version;
    ngx_int_t   rc;
    ngx_str_t   host, show;

    rc = ngx_http_commerce_api_redis_verdict(api, reply, 4);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    host = ngx_http_commerce_api_redis_text(reply, 2);
    show = ngx_http_commerce_api_redis_text(reply, 3);

    ngx_http_commerce_api_event(api, "code_withdrawn", "host", &host,
                                "show", &show, "code", &api->member, NULL);

    version = ngx_http_commerce_api_redis_number(reply, 1);

    json = json_object();
    json_object_set_new(json, "version", json_integer(version));

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}
