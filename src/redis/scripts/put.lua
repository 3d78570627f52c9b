-- Writes fields of a host, a product or a room.
--
-- KEYS[1]   the record's hash
-- KEYS[2]   a room's cues
-- ARGV[1]   channel of its changes
-- ARGV[2]   "1": it has to exist already
-- ARGV[3]   If-Match, ARGV[4]  If-None-Match: see parts/condition.lua
-- ARGV[5]   how many fields are set
-- ARGV[6]…  name and value of each; then the names of fields to remove
--
-- A state's end and reason belong to that state: a new one without them
-- removes them.  A room that is closed or banned has no cues to come.
--
-- A room's key is its host's to whom it was given, whose name stands beside
-- it: a room that gets another host without another key has none.  What it
-- is logged in by was made of the key, and goes with it.
--
-- Returns "ok", the new version, 1 if the record is new, its state as it was
-- before, the key that no longer opens the room, if there was another, the key
-- that does, if any, and of a room its host, its show, and its visibility as it
-- was before; or "unknown"; or "version_differs" and the version.

--include condition
--include cues

local key, channel = KEYS[1], ARGV[1]
local exists = redis.call('EXISTS', key) == 1
local first_set = 6
local first_removed = first_set + 2 * tonumber(ARGV[5])

if not exists and ARGV[2] == '1' then
    return {'unknown'}
end

local before = redis.call('HMGET', key, 'state', 'key', 'host', 'version',
                          'show', 'visibility')
local version = exists and (before[4] or '0')

if not condition(exists, version, ARGV[3], ARGV[4]) then
    return {'version_differs', version}
end

-- the version first: if it can't be raised, nothing has been written

version = redis.call('HINCRBY', key, 'version', 1)

local given = {}

for i = first_set, first_removed - 1, 2 do
    redis.call('HSET', key, ARGV[i], ARGV[i + 1])
    given[ARGV[i]] = ARGV[i + 1]
end

for i = first_removed, #ARGV do
    redis.call('HDEL', key, ARGV[i])
end

for _, name in ipairs({'until', 'reason'}) do
    if given.state and not given[name] then
        redis.call('HDEL', key, name)
    end
end

if KEYS[2] and (given.state == 'closed' or given.state == 'banned')
   and redis.call('TYPE', KEYS[2]).ok == 'stream'
then
    local now = ms()

    for _, cue in ipairs(read_cues(KEYS[2], 0)) do
        if cue.at > now + SKEW then
            redis.call('XDEL', KEYS[2], cue.id)
        end
    end
end

local after = redis.call('HMGET', key, 'key', 'host')

if given.key then
    redis.call('HSET', key, 'key_host', after[2] or '')

    if not given.key_auth then
        redis.call('HDEL', key, 'key_auth')
    end

elseif not after[1] or before[3] ~= after[2] then
    redis.call('HDEL', key, 'key', 'key_host', 'key_auth')
    after[1] = false
end

redis.call('PUBLISH', channel, version)

return {'ok', version, exists and 0 or 1, before[1],
        before[2] ~= after[1] and before[2], after[1],
        after[2], before[5], before[6]}
