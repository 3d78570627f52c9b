-- Puts a viewer out of a room, or lets him in again.
--
-- KEYS[1]  the room
-- KEYS[2]  who is out of it
-- KEYS[3]  the same by their ends, and KEYS[4]  the last changes: see
--          parts/out.lua
-- ARGV[1]  channel of its changes
-- ARGV[2]  If-Match, ARGV[3]  If-None-Match: see parts/condition.lua; of what
--          is done to this viewer already
-- ARGV[4]  "ban", "lift", or "sign_out"
-- ARGV[5]  the viewer; "*": everybody, who can be signed out only
-- ARGV[6]  ms until which he is banned; 0: for ever
-- ARGV[7]  ms that a proof may last from its issue, with all that clocks differ
-- ARGV[8]  ms that clocks differ
--
-- A sign-out makes proofs void that were issued until this moment, or by a
-- clock that is ahead.
--
-- Returns "ok", the new version, 1 if it is new, the ms until which he is
-- banned or proofs are void, and the room's host and show; or "room_unknown",
-- "out_full", "viewer_not_banned"; or "version_differs" and the version.

--include condition
--include out

local room, out, ends, changes = unpack(KEYS)
local channel, what, viewer = ARGV[1], ARGV[4], ARGV[5]
local lasts = tonumber(ARGV[7])

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

local now = ms()
local n = tidy(out, ends, now, lasts)
local field = (what == 'sign_out' and 's:' or 'b:') .. viewer
local standing = redis.call('HGET', out, field)
local version = redis.call('HGET', out, 'version') or '0'
local value = ARGV[6]

if not condition(standing, version, ARGV[2], ARGV[3]) then
    return {'version_differs', version}
end

if what == 'lift' and not standing then
    return {'viewer_not_banned'}
end

if not standing and n >= MOST then
    return {'out_full'}
end

if what == 'sign_out' then
    value = text(math.max(now + tonumber(ARGV[8]), tonumber(standing) or 0))
end

-- the version first: if it can't be raised, nothing has been written

version = change(out, changes, now, field, what == 'lift' and '' or value)

if what == 'lift' then
    redis.call('HDEL', out, field)
    redis.call('ZREM', ends, field)
else
    redis.call('HSET', out, field, value)
    redis.call('ZADD', ends, matters_until(field, value, lasts), field)
end

expire(out, ends, changes, now, lasts)

redis.call('PUBLISH', channel, version)

local of = redis.call('HMGET', room, 'host', 'show')

return {'ok', version, standing and 0 or 1, value, of[1], of[2]}
