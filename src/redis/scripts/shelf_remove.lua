-- Takes a product off a room's shelf.
--
-- KEYS[1]  the room
-- KEYS[2]  its shelf
-- ARGV[1]  channel of its changes
-- ARGV[2]  If-Match, ARGV[3]  If-None-Match: see parts/condition.lua
-- ARGV[4]  product
--
-- Returns "ok" and the new version; or "room_unknown",
-- "product_not_on_shelf"; or "version_differs" and the version.

--include condition

local room, shelf, channel, product = KEYS[1], KEYS[2], ARGV[1], ARGV[4]

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

if not redis.call('ZSCORE', shelf, product) then
    return {'product_not_on_shelf'}
end

local version = redis.call('HGET', room, 'version') or '0'

if not condition(true, version, ARGV[2], ARGV[3]) then
    return {'version_differs', version}
end

version = redis.call('HINCRBY', room, 'version', 1)

redis.call('ZREM', shelf, product)
redis.call('PUBLISH', channel, version)

return {'ok', version}
