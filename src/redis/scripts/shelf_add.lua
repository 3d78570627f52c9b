-- Puts a product on a room's shelf, or moves it there.
--
-- KEYS[1]  the room
-- KEYS[2]  its shelf
-- ARGV[1]  channel of its changes
-- ARGV[2]  product
-- ARGV[3]  position; "": where it stands already, or else at the end
-- ARGV[4]  how many products a shelf may hold
--
-- Returns "ok", the new version, 1 if the product is new there, and its
-- position; or "room_unknown", "shelf_full".

local room, shelf, channel, product = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local position = ARGV[3]

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

local standing = redis.call('ZSCORE', shelf, product)
local last = redis.call('ZREVRANGE', shelf, 0, 0, 'WITHSCORES')

if not standing
   and redis.call('ZCARD', shelf) >= tonumber(ARGV[4])
then
    return {'shelf_full'}
end

if position == '' then
    position = standing
               or (last[2] and string.format('%.17g', last[2] + 1))
               or '1'
end

local version = redis.call('HINCRBY', room, 'version', 1)

redis.call('ZADD', shelf, position, product)
redis.call('PUBLISH', channel, version)

return {'ok', version, standing and 0 or 1, position}
