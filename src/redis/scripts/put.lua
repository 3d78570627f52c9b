-- Writes fields of a host, a product or a room.
--
-- KEYS[1]   the record's hash
-- ARGV[1]   channel of its changes
-- ARGV[2]   "1": it has to exist already
-- ARGV[3]   how many fields are set
-- ARGV[4]…  name and value of each; then the names of fields to remove
--
-- A room's key is its host's to whom it was given, whose name stands beside
-- it: a room that gets another host without another key has none.
--
-- Returns "ok", the new version, 1 if the record is new, its state as it was
-- before, the key that no longer opens the room, if there was another, and the
-- key that does, if any; or "unknown".

local key, channel = KEYS[1], ARGV[1]
local exists = redis.call('EXISTS', key)
local first_removed = 4 + 2 * tonumber(ARGV[3])

if exists == 0 and ARGV[2] == '1' then
    return {'unknown'}
end

local before = redis.call('HMGET', key, 'state', 'key', 'host')
local given = false

-- the version first: if it can't be raised, nothing has been written

local version = redis.call('HINCRBY', key, 'version', 1)

for i = 4, first_removed - 1, 2 do
    redis.call('HSET', key, ARGV[i], ARGV[i + 1])
    given = given or ARGV[i] == 'key'
end

for i = first_removed, #ARGV do
    redis.call('HDEL', key, ARGV[i])
end

local after = redis.call('HMGET', key, 'key', 'host')

if given then
    redis.call('HSET', key, 'key_host', after[2] or '')

elseif not after[1] or before[3] ~= after[2] then
    redis.call('HDEL', key, 'key', 'key_host')
    after[1] = false
end

redis.call('PUBLISH', channel, version)

return {'ok', version, 1 - exists, before[1],
        before[2] ~= after[1] and before[2], after[1]}
