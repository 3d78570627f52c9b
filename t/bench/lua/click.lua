-- A click counted in Redis while the client waits, as it is done without a
-- module for it. Nothing is checked: neither the room nor its shelf.

local redis = require "nginx.redis"

local _M = {}

function _M.count(port)
    local connection = redis:new()

    connection:set_timeout(1000)

    local ok = connection:connect("127.0.0.1", port)
    if not ok then
        return ngx.exit(503)
    end

    local total = connection:hincrby("commerce:{" .. ngx.var.room
                                     .. "}:0:counts",
                                     "c:lua:" .. ngx.var.product, 1)
    if not total then
        return ngx.exit(503)
    end

    connection:set_keepalive(10000, 100)

    return ngx.exit(204)
end

return _M
