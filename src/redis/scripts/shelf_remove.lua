-- Takes a product off a room's shelf.
--
-- KEYS[1]  the room
-- KEYS[2]  its shelf
-- ARGV[1]  channel of its changes
-- ARGV[2]  product
--
-- Returns "ok" and the new version; or "room_unknown",
-- "product_not_on_shelf".

local room, shelf, channel, product = KEYS[1], KEYS[2], ARGV[1], ARGV[2]

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

if not redis.call('ZSCORE', shelf, product) then
    return {'product_not_on_shelf'}
end

local version = redis.call('HINCRBY', room, 'version', 1)

redis.call('ZREM', shelf, product)
redis.call('PUBLISH', channel, version)

return {'ok', version}
