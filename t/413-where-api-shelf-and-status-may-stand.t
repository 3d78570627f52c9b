# Configurations that can't be meant are refused with the place.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== commerce_api in a location by regular expression
--- config
    location ~ ^/api/ { commerce_api; }
--- must_die
--- error_log
"commerce_api" directive cannot be used in a named location or in one given by a regular expression



=== commerce_api in a named location
--- config
    location @api { commerce_api; }
--- must_die
--- error_log
"commerce_api" directive cannot be used in a named location



=== commerce_api twice
--- config
    location /api/ { commerce_api; commerce_api; }
--- must_die
--- error_log
"commerce_api" directive is duplicate



=== commerce_api takes no arguments
--- config
    location /api/ { commerce_api on; }
--- must_die
--- error_log
invalid number of arguments in "commerce_api" directive



=== commerce_api outside of a location
--- config
    commerce_api;
--- must_die
--- error_log
"commerce_api" directive is not allowed here



=== commerce_shelf twice
--- config
    location /x { commerce_shelf; commerce_shelf; }
--- must_die
--- error_log
"commerce_shelf" directive is duplicate



=== commerce_status outside of a location
--- config
    commerce_status;
--- must_die
--- error_log
"commerce_status" directive is not allowed here



=== commerce_status of a tenant that there isn't
--- config
    location = /status { commerce_tenant nobody; commerce_status; }
--- must_die
--- error_log
nobody



=== a nested location has its own
--- config
    location /api/ {
        commerce_api;

        location /api/hosts/ { return 403; }
    }
--- request eval
['GET /api/hosts/x', 'GET /api/products/x']
--- error_code eval
[403, 404]
--- response_body_like eval
[qr/403/, qr/product_unknown/]



=== "if" has its location's handler, and its location's tenant
--- room
r host anna
    tea
--- redis
HSET commerce:host:{anna} state approved
--- config
    location = /shelf {
        commerce_room r;
        commerce_shelf;

        if ($arg_x) { add_header X shelf; }
    }

    location /api/ {
        commerce_api;

        if ($arg_x) { add_header X api; }
    }

    location = /status {
        commerce_status;

        if ($arg_x) { add_header X status; }
    }

    location = /cart {
        commerce_room r;
        commerce_count click tea;

        if ($arg_x) { add_header X cart; }
    }
--- request eval
['GET /shelf?x=1', 'GET /api/hosts/anna?x=1', 'GET /status?x=1',
 'POST /cart?x=1']
--- response_headers eval
['X: shelf', 'X: api', 'X: status', 'X: cart']
--- error_code eval
[200, 200, 200, 204]



=== "limit_except" has its location's handler, and its location's tenant
--- room
r host anna
--- config
    location = /shelf {
        commerce_room r;
        commerce_shelf;

        limit_except POST { allow all; }
    }

    location /api/ {
        commerce_api;

        limit_except POST { allow all; }
    }

    location = /status {
        commerce_status;

        limit_except POST { allow all; }
    }

    location = /cart {
        commerce_room r;
        commerce_count click tea;

        limit_except GET { allow all; }
    }
--- request eval
['GET /shelf', 'GET /api/hosts/nobody', 'GET /status', 'POST /cart']
--- error_code eval
[200, 404, 200, 404]
--- response_body_like eval
['"room":"r"', 'host_unknown', '"redis"', 'product_not_on_shelf']
