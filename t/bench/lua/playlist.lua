-- Puts lines into a playlist as a Lua body filter can. The lines of each room
-- are ready, by the segment they stand before: no clock is read, no cue is
-- looked for, nothing is formatted, and there is no ETag.

local rooms = require "lines"
local gsub = string.gsub

local _M = {}

function _M.filter()
    local body = ngx.arg[1]

    if not ngx.arg[2] then
        ngx.ctx.body = (ngx.ctx.body or "") .. body
        ngx.arg[1] = nil
        return
    end

    if ngx.ctx.body then
        body = ngx.ctx.body .. body
    end

    local lines = rooms[ngx.var.room]

    if lines then
        body = gsub(body, "^#EXTM3U\n", "%0" .. lines.head)
        body = gsub(body, "(#EXTINF:[^\n]*\n([^\n]*)\n)",
                    function (segment, name)
                        local before = lines[name]
                        return before and before .. segment
                    end)
    end

    ngx.arg[1] = body
end

return _M
