
#include "ngx_http_commerce_api_field.h"
#include "ngx_commerce_link.h"
#include "ngx_commerce_login.h"
#include "ngx_commerce_token.h"
#include "ngx_commerce_viewer.h"


#define NGX_HTTP_COMMERCE_API_KEY_MIN  16
#define NGX_HTTP_COMMERCE_API_KEY_MAX  128


static ngx_int_t ngx_http_commerce_api_field_read_value(
    ngx_http_commerce_api_t *api, ngx_http_commerce_api_field_t *field,
    json_t *value, ngx_str_t *text);
static ngx_int_t ngx_http_commerce_api_field_check_link(
    ngx_http_commerce_api_t *api, ngx_http_commerce_api_field_t *field,
    ngx_str_t *text);
static ngx_int_t ngx_http_commerce_api_field_wrong(
    ngx_http_commerce_api_t *api, ngx_http_commerce_api_field_t *field);
static ngx_int_t ngx_http_commerce_api_field_check_names(
    ngx_http_commerce_api_t *api, ngx_http_commerce_api_field_t *fields);
static ngx_int_t ngx_http_commerce_api_field_hash_key(ngx_pool_t *pool,
    ngx_str_t *key);
static ngx_int_t ngx_http_commerce_api_field_key_auth(
    ngx_http_commerce_api_t *api, ngx_str_t *auth);
static ngx_uint_t ngx_http_commerce_api_field_is_text(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_field_is_number(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_field_is_word(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_field_is_name(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_field_is_currency(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_field_is_image(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_field_is_key(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_field_is_viewer(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_field_is_proof(ngx_str_t *text,
    ngx_str_t *words);


static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_text_type = {
    JSON_STRING, ngx_http_commerce_api_field_is_text,
    "a text of at most 512 bytes without control characters"
};

static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_number_type =
{
    JSON_INTEGER, ngx_http_commerce_api_field_is_number,
    "a whole number from 0 to 999999999999999"
};

static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_end_type = {
    JSON_INTEGER, ngx_http_commerce_api_field_is_number,
    "in the future, in ms since 1970"
};

static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_word_type = {
    JSON_STRING, ngx_http_commerce_api_field_is_word,
    "one of these words"
};

static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_name_type = {
    JSON_STRING, ngx_http_commerce_api_field_is_name,
    "1 to 64 of A-Z a-z 0-9 _ -"
};

static const ngx_http_commerce_api_type_t
    ngx_http_commerce_api_currency_type =
{
    JSON_STRING, ngx_http_commerce_api_field_is_currency,
    "the three capital letters of ISO 4217"
};

static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_link_type = {
    JSON_STRING, ngx_http_commerce_api_field_is_text,
    "an address of at most 512 bytes"
};

static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_image_type = {
    JSON_STRING, ngx_http_commerce_api_field_is_image,
    "an http or https address, or a path from the root, of at most 512 bytes"
};

static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_key_type = {
    JSON_STRING, ngx_http_commerce_api_field_is_key,
    "16 to 128 of A-Z a-z 0-9 . _ ~ -, other than the room's name"
};

static const ngx_http_commerce_api_type_t
    ngx_http_commerce_api_key_auth_type =
{
    JSON_TRUE, NULL,
    "true"
};

static const ngx_http_commerce_api_type_t
    ngx_http_commerce_api_viewer_type =
{
    JSON_STRING, ngx_http_commerce_api_field_is_viewer,
    "a viewer's name, 1 to 64 of A-Z a-z 0-9 _ -, or ~ and 22 of them"
};

static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_proof_type = {
    JSON_STRING, ngx_http_commerce_api_field_is_proof,
    "a text of at most 8192 bytes"
};

static const ngx_http_commerce_api_type_t  ngx_http_commerce_api_true_type = {
    JSON_TRUE, NULL,
    "true"
};


static ngx_http_commerce_api_field_t  ngx_http_commerce_api_host_fields[] = {

    { ngx_string("state"), &ngx_http_commerce_api_word_type,
      ngx_commerce_host_states, 1 },

    { ngx_string("until"), &ngx_http_commerce_api_end_type, NULL, 0 },
    { ngx_string("reason"), &ngx_http_commerce_api_text_type, NULL, 0 },

    { ngx_null_string, NULL, NULL, 0 }
};


static ngx_http_commerce_api_field_t  ngx_http_commerce_api_product_fields[] =
{
    { ngx_string("state"), &ngx_http_commerce_api_word_type,
      ngx_commerce_product_states, 1 },

    { ngx_string("title"), &ngx_http_commerce_api_text_type, NULL, 1 },
    { ngx_string("price"), &ngx_http_commerce_api_number_type, NULL, 0 },
    { ngx_string("currency"), &ngx_http_commerce_api_currency_type, NULL, 0 },
    { ngx_string("link"), &ngx_http_commerce_api_link_type, NULL, 1 },
    { ngx_string("image"), &ngx_http_commerce_api_image_type, NULL, 0 },
    { ngx_string("stock"), &ngx_http_commerce_api_number_type, NULL, 0 },

    { ngx_null_string, NULL, NULL, 0 }
};


static ngx_http_commerce_api_field_t  ngx_http_commerce_api_room_fields[] = {

    { ngx_string("host"), &ngx_http_commerce_api_name_type, NULL, 1 },

    { ngx_string("state"), &ngx_http_commerce_api_word_type,
      ngx_commerce_room_states, 1 },

    { ngx_string("title"), &ngx_http_commerce_api_text_type, NULL, 0 },

    { ngx_string("visibility"), &ngx_http_commerce_api_word_type,
      ngx_commerce_visibilities, 0 },

    { ngx_string("starts"), &ngx_http_commerce_api_number_type, NULL, 0 },

    { ngx_string("key"), &ngx_http_commerce_api_key_type, NULL, 0 },
    { ngx_string("key_auth"), &ngx_http_commerce_api_key_auth_type, NULL, 0 },

    { ngx_null_string, NULL, NULL, 0 }
};


ngx_http_commerce_api_field_t  ngx_http_commerce_api_shelf_fields[] = {
    { ngx_string("position"), &ngx_http_commerce_api_number_type, NULL, 0 },
    { ngx_null_string, NULL, NULL, 0 }
};


ngx_http_commerce_api_field_t  ngx_http_commerce_api_pin_fields[] = {
    { ngx_string("product"), &ngx_http_commerce_api_name_type, NULL, 1 },
    { ngx_string("at"), &ngx_http_commerce_api_number_type, NULL, 0 },
    { ngx_null_string, NULL, NULL, 0 }
};


ngx_http_commerce_api_field_t  ngx_http_commerce_api_code_fields[] = {
    { ngx_string("label"), &ngx_http_commerce_api_text_type, NULL, 0 },
    { ngx_string("until"), &ngx_http_commerce_api_end_type, NULL, 1 },
    { ngx_string("uses"), &ngx_http_commerce_api_number_type, NULL, 0 },
    { ngx_null_string, NULL, NULL, 0 }
};


ngx_http_commerce_api_field_t  ngx_http_commerce_api_ban_fields[] = {
    { ngx_string("until"), &ngx_http_commerce_api_end_type, NULL, 0 },
    { ngx_null_string, NULL, NULL, 0 }
};


ngx_http_commerce_api_field_t  ngx_http_commerce_api_signout_fields[] = {
    { ngx_string("viewer"), &ngx_http_commerce_api_viewer_type, NULL, 0 },
    { ngx_string("everybody"), &ngx_http_commerce_api_true_type, NULL, 0 },
    { ngx_null_string, NULL, NULL, 0 }
};


/* by ngx_commerce_action_e */

ngx_str_t  ngx_http_commerce_api_actions[] = {
    ngx_string("publish"),
    ngx_string("view"),
    ngx_null_string
};


ngx_http_commerce_api_field_t  ngx_http_commerce_api_explain_fields[] = {
    { ngx_string("room"), &ngx_http_commerce_api_name_type, NULL, 1 },

    { ngx_string("action"), &ngx_http_commerce_api_word_type,
      ngx_http_commerce_api_actions, 1 },

    { ngx_string("proof"), &ngx_http_commerce_api_proof_type, NULL, 0 },

    { ngx_null_string, NULL, NULL, 0 }
};


ngx_http_commerce_api_resource_t  ngx_http_commerce_api_host = {
    NGX_COMMERCE_HOST, ngx_string("host"), "host_unknown",
    ngx_http_commerce_api_host_fields
};


ngx_http_commerce_api_resource_t  ngx_http_commerce_api_product = {
    NGX_COMMERCE_PRODUCT, ngx_string("product"), "product_unknown",
    ngx_http_commerce_api_product_fields
};


ngx_http_commerce_api_resource_t  ngx_http_commerce_api_room = {
    NGX_COMMERCE_ROOM, ngx_string("room"), "room_unknown",
    ngx_http_commerce_api_room_fields
};


ngx_http_commerce_api_resource_t  ngx_http_commerce_api_room_out = {
    NGX_COMMERCE_OUT, ngx_string("room"), "room_unknown", NULL
};


/* no record is a viewer's */

ngx_http_commerce_api_resource_t  ngx_http_commerce_api_viewer = {
    NGX_COMMERCE_KINDS, ngx_string("viewer"), NULL, NULL
};


ngx_int_t
ngx_http_commerce_api_field_read_changes(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_field_t *fields, ngx_uint_t replace,
    ngx_http_commerce_api_changes_t *changes)
{
    json_t                         *value;
    ngx_int_t                       rc;
    ngx_str_t                       text, *name;
    ngx_pool_t                     *pool;
    ngx_http_commerce_api_field_t  *field;

    pool = api->request->pool;

    if (ngx_array_init(&changes->set, pool, 16, sizeof(ngx_str_t)) != NGX_OK
        || ngx_array_init(&changes->removed, pool, 8, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_commerce_api_field_check_names(api, fields);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    for (field = fields; field->name.len; field++) {
        value = json_object_get(api->body, (char *) field->name.data);

        if (value == NULL
            && (!replace || ngx_http_commerce_api_field_is_secret(field)))
        {
            continue;
        }

        if (value == NULL || json_is_null(value)) {

            if (field->required) {
                return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                                    "field_missing",
                                                    "/%V is required",
                                                    &field->name);
            }

            name = ngx_array_push(&changes->removed);
            if (name == NULL) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            *name = field->name;
            continue;
        }

        rc = ngx_http_commerce_api_field_read_value(api, field, value, &text);
        if (rc != NGX_DECLINED) {
            return rc;
        }

        name = ngx_array_push_n(&changes->set, 2);
        if (name == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        name[0] = field->name;
        name[1] = text;
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_commerce_api_field_check_names(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_field_t *fields)
{
    json_t                         *value;
    const char                     *name;
    ngx_http_commerce_api_field_t  *field;

    json_object_foreach(api->body, name, value) {

        for (field = fields; field->name.len; field++) {
            if (ngx_strcmp(field->name.data, name) == 0) {
                break;
            }
        }

        if (field->name.len == 0) {
            return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                                "field_unknown",
                                                "/%s is no field here", name);
        }
    }

    return NGX_DECLINED;
}


/* NGX_DECLINED: go on with the text */

static ngx_int_t
ngx_http_commerce_api_field_read_value(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_field_t *field, json_t *value, ngx_str_t *text)
{
    u_char      *p;
    ngx_int_t    rc;
    ngx_pool_t  *pool;

    pool = api->request->pool;

    if (json_typeof(value) != field->type->json) {
        return ngx_http_commerce_api_field_wrong(api, field);
    }

    if (field->type == &ngx_http_commerce_api_key_auth_type) {
        return ngx_http_commerce_api_field_key_auth(api, text);
    }

    if (json_is_true(value)) {
        ngx_str_set(text, "1");
        return NGX_DECLINED;
    }

    if (json_is_integer(value)) {
        p = ngx_pnalloc(pool, NGX_INT64_LEN);
        if (p == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        text->data = p;
        text->len = ngx_sprintf(p, "%L", (int64_t) json_integer_value(value))
                    - p;

    } else {
        text->data = (u_char *) json_string_value(value);
        text->len = json_string_length(value);
    }

    if (field->required && text->len == 0) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "field_wrong",
                                            "/%V may not be empty",
                                            &field->name);
    }

    if (!field->type->check(text, field->words)) {
        return ngx_http_commerce_api_field_wrong(api, field);
    }

    if (field->type == &ngx_http_commerce_api_end_type
        && ngx_commerce_number(text) <= ngx_commerce_now(api->tenant))
    {
        return ngx_http_commerce_api_field_wrong(api, field);
    }

    if (field->type == &ngx_http_commerce_api_link_type) {
        rc = ngx_http_commerce_api_field_check_link(api, field, text);
        if (rc != NGX_DECLINED) {
            return rc;
        }
    }

    if (ngx_http_commerce_api_field_is_secret(field)) {

        if (ngx_http_commerce_api_same(text, &api->name)) {
            return ngx_http_commerce_api_field_wrong(api, field);
        }

        if (ngx_http_commerce_api_field_hash_key(pool, text) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    return NGX_DECLINED;
}


/* NGX_DECLINED: go on */

static ngx_int_t
ngx_http_commerce_api_field_check_link(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_field_t *field, ngx_str_t *text)
{
    u_char  *p;

    p = ngx_commerce_link_wrong_char(text);

    if (p) {
        return ngx_http_commerce_api_refuse(api, 422, "link_not_allowed",
                                            "/%V has a character, its byte "
                                            "%z, that has to be written as "
                                            "%%%02Xd", &field->name,
                                            p - text->data + 1, *p);
    }

    if (!ngx_commerce_link_allowed(api->tenant, text)) {
        return ngx_http_commerce_api_refuse(api, 422, "link_not_allowed",
                                            "/%V has to lead to one of "
                                            "product_hosts by http or https",
                                            &field->name);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_commerce_api_field_wrong(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_field_t *field)
{
    u_char     *p, *last, words[128];
    ngx_str_t  *word;

    p = words;
    last = words + sizeof(words) - 1;

    for (word = field->words; word && word->len; word++) {
        p = ngx_slprintf(p, last, "%s%V", p == words ? ": " : ", ", word);
    }

    *p = '\0';

    return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                        "field_wrong", "/%V has to be %s%s",
                                        &field->name, field->type->expected,
                                        words);
}


static ngx_int_t
ngx_http_commerce_api_field_hash_key(ngx_pool_t *pool, ngx_str_t *key)
{
    u_char  *hash;

    hash = ngx_pnalloc(pool, 64);
    if (hash == NULL) {
        return NGX_ERROR;
    }

    ngx_commerce_token_key_name(key, hash);

    key->data = hash;
    key->len = 64;

    return NGX_OK;
}


/* NGX_DECLINED: go on with what is made of the key that the room is given */

static ngx_int_t
ngx_http_commerce_api_field_key_auth(ngx_http_commerce_api_t *api,
    ngx_str_t *auth)
{
    json_t     *value;
    ngx_str_t   key;

    value = json_object_get(api->body, "key");

    if (!json_is_string(value)) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "field_missing",
                                            "/key is required with /key_auth, "
                                            "which is made of it");
    }

    key.data = (u_char *) json_string_value(value);
    key.len = json_string_length(value);

    auth->len = NGX_COMMERCE_LOGIN_AUTH;
    auth->data = ngx_pnalloc(api->request->pool, auth->len);

    if (auth->data == NULL
        || ngx_commerce_login_auth(&api->name, &key, auth->data) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DECLINED;
}


ngx_str_t *
ngx_http_commerce_api_field_new_value(ngx_http_commerce_api_changes_t *changes,
    const char *name)
{
    ngx_str_t   *set;
    ngx_uint_t   i;

    set = changes->set.elts;

    for (i = 0; i < changes->set.nelts; i += 2) {
        if (ngx_strcmp(set[i].data, name) == 0) {
            return &set[i + 1];
        }
    }

    return NULL;
}


json_t *
ngx_http_commerce_api_field_json(ngx_http_commerce_api_field_t *field,
    ngx_str_t *text)
{
    return field->type->json == JSON_INTEGER
           ? ngx_http_commerce_json_number(text)
           : ngx_http_commerce_json_string(text);
}


ngx_uint_t
ngx_http_commerce_api_field_is_secret(ngx_http_commerce_api_field_t *field)
{
    return field->type == &ngx_http_commerce_api_key_type
           || field->type == &ngx_http_commerce_api_key_auth_type;
}


static ngx_uint_t
ngx_http_commerce_api_field_is_text(ngx_str_t *text, ngx_str_t *words)
{
    size_t   n;
    u_char  *p, *last;

    if (text->len > NGX_COMMERCE_TEXT_MAX) {
        return 0;
    }

    last = text->data + text->len;

    for (p = text->data; p < last; p += n) {
        n = ngx_commerce_utf8_len(p, last);

        if (n == 0 || ngx_commerce_utf8_control(p, n)) {
            return 0;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_http_commerce_api_field_is_number(ngx_str_t *text, ngx_str_t *words)
{
    return ngx_commerce_number(text) != NGX_ERROR;
}


static ngx_uint_t
ngx_http_commerce_api_field_is_word(ngx_str_t *text, ngx_str_t *words)
{
    return ngx_commerce_word(words, text) != NGX_ERROR;
}


static ngx_uint_t
ngx_http_commerce_api_field_is_name(ngx_str_t *text, ngx_str_t *words)
{
    /* hosts and products follow one rule */

    return ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, text);
}


static ngx_uint_t
ngx_http_commerce_api_field_is_currency(ngx_str_t *text, ngx_str_t *words)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < 'A' || text->data[i] > 'Z') {
            return 0;
        }
    }

    return text->len == 3;
}


static ngx_uint_t
ngx_http_commerce_api_field_is_image(ngx_str_t *text, ngx_str_t *words)
{
    return ngx_commerce_image_valid(text);
}


/* what may stand in an RTMP name or argument as it is: RFC 3986, 2.3 */

static ngx_uint_t
ngx_http_commerce_api_field_is_key(ngx_str_t *text, ngx_str_t *words)
{
    u_char  c;
    size_t  i;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || c == '.' || c == '_' || c == '~' || c == '-'))
        {
            return 0;
        }
    }

    return text->len >= NGX_HTTP_COMMERCE_API_KEY_MIN
           && text->len <= NGX_HTTP_COMMERCE_API_KEY_MAX;
}


static ngx_uint_t
ngx_http_commerce_api_field_is_viewer(ngx_str_t *text, ngx_str_t *words)
{
    return ngx_commerce_viewer_valid(text);
}


/* a URL, and a JWT in it */

static ngx_uint_t
ngx_http_commerce_api_field_is_proof(ngx_str_t *text, ngx_str_t *words)
{
    return text->len <= 2 * NGX_COMMERCE_JWT_MAX;
}
