-- Forgets a viewer among those who are put out of a room.
--
-- KEYS[1]  who is out of it
-- KEYS[2]  the same by their ends, and KEYS[3]  the last changes: see
--          parts/out.lua
-- ARGV[1]  channel of its changes
-- ARGV[2]  the viewer
-- ARGV[3]  ms that a proof may last from its issue, with all that clocks differ
--
-- Returns how many entries there were of him.

--include out

local out, ends, changes = unpack(KEYS)
local n = 0

for _, field in ipairs({'b:' .. ARGV[2], 's:' .. ARGV[2]}) do
    n = n + redis.call('HDEL', out, field)
    redis.call('ZREM', ends, field)
end

-- the last changes may have him, too: nodes read all instead

for _, entry in ipairs(redis.call('XRANGE', changes, '-', '+')) do
    if string.sub(entry[2][2] or '', 3) == ARGV[2] then
        redis.call('DEL', changes)
        break
    end
end

if n > 0 then
    local version = redis.call('HINCRBY', out, 'version', 1)

    expire(out, ends, changes, ms(), tonumber(ARGV[3]))
    redis.call('PUBLISH', ARGV[1], version)
end

return n
