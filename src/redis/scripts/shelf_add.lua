-- Puts a product on a room's shelf, or moves it there.
--
-- KEYS[1]  the room
-- KEYS[2]  its shelf
-- ARGV[1]  channel of its changes
-- ARGV[2]  If-Match, ARGV[3]  If-None-Match: see parts/condition.lua; of the
--          product there, and the room's version
-- ARGV[4]  product
-- ARGV[5]  position; "": where it stands already, or else at the end
-- ARGV[6]  how many products a shelf may hold
--
-- Returns "ok", the new version, 1 if the product is new there, and its
-- position; or "room_unknown", "shelf_full"; or "version_differs" and the
-- version.

--include condition

local room, shelf, channel, product = KEYS[1], KEYS[2], ARGV[1], ARGV[4]
local position = ARGV[5]

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

local standing = redis.call('ZSCORE', shelf, product)
local last = redis.call('ZREVRANGE', shelf, 0, 0, 'WITHSCORES')
local version = redis.call('HGET', room, 'version') or '0'

if not condition(standing, version, ARGV[2], ARGV[3]) then
    return {'version_differs', version}
end

if not standing
   and redis.call('ZCARD', shelf) >= tonumber(ARGV[6])
then
    return {'shelf_full'}
end

if position == '' then
    position = standing
               or (last[2] and string.format('%.17g', last[2] + 1))
               or '1'
end

version = redis.call('HINCRBY', room, 'version', 1)

redis.call('ZADD', shelf, position, product)
redis.call('PUBLISH', channel, version)

return {'ok', version, standing and 0 or 1, position}
