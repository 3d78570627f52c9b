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
